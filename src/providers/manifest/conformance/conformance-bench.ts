import { GuardedHttpClient, type ProviderFailure } from '../../../platform/outbound';
import type { ProviderCall, Stream } from '../../provider';
import { UnstoredGrant } from '../../unstored-grant';
import type { Manifest, StreamManifest } from '../manifest';
import { ManifestAdapter } from '../manifest.adapter';
import { ManifestSimulator } from '../simulator/manifest-simulator';
import { withLoginHere } from '../simulator/simulated-caller';
import type { SimulatedRow } from '../simulator/simulated-rows';
import { SIMULATED_CURRENCY, SIMULATED_ZONE } from '../simulator/simulated-values';
import { failureIn, scanOf, type ConformanceScan } from './conformance-scan';

/** A stream of the manifest under test, and what the provider has in its place. */
export interface TestedStream {
  /** Of the manifest under test. */
  readonly index: number;
  readonly list: StreamManifest;
  readonly stream: Stream;
  /** Of the manifest that the simulator is made of. */
  readonly told: StreamManifest;
}

/** A manifest, and a provider that behaves as the same or another one says. */
export class ConformanceBench {
  readonly adapter: ManifestAdapter;
  readonly simulator: ManifestSimulator;
  /** Waits that the client made, in milliseconds. */
  readonly waits: number[] = [];
  private readonly http: GuardedHttpClient;
  private grant: UnstoredGrant | null = null;

  private constructor(
    readonly manifest: Manifest,
    readonly told: Manifest,
  ) {
    this.adapter = new ManifestAdapter(manifest, { liveHostSuffixes: null });
    this.simulator = new ManifestSimulator(told);
    this.http = new GuardedHttpClient({
      allowPrivate: true,
      random: () => 0.5,
      sleep: (ms) => {
        this.waits.push(ms);
        return Promise.resolve();
      },
    });
  }

  /** `told`: what the simulator is made of. */
  static async start(manifest: Manifest, told: Manifest): Promise<ConformanceBench> {
    const bench = new ConformanceBench(withLoginHere(manifest), withLoginHere(told));
    await bench.simulator.start();
    return bench;
  }

  async close(): Promise<void> {
    await this.http.close();
    await this.simulator.close();
  }

  streams(): TestedStream[] {
    return this.manifest.streams.flatMap((list, index) => {
      const told = this.told.streams.find(({ key }) => key === list.key);
      return told ? [{ index, list, told, stream: this.adapter.streams[index]! }] : [];
    });
  }

  /** Before each check: what one of them did to the provider, or to a token, is nothing to the next one. */
  async begin(): Promise<void> {
    this.simulator.reset();
    // asks for a new token, where there are any
    await this.failureOf(() => this.adapter.testCredentials(this.call()));
    this.simulator.reset();
  }

  call(fields: Readonly<Record<string, string>> = {}): ProviderCall {
    const { signal } = new AbortController();
    const { url, fields: known } = this.simulator;
    const credentials = this.adapter.normaliseCredentials({ ...known, ...fields, baseUrl: url }, 'sandbox');
    const http = this.http.bind({ allowedHostSuffixes: null, exemptPrefix: null, signal, budget: null });
    const settings = { currency: SIMULATED_CURRENCY, timezone: SIMULATED_ZONE };
    const call: ProviderCall = { credentials, environment: 'sandbox', settings, http, signal };
    const { grants } = this.adapter;
    if (!grants) return call;
    // other credentials are another grant
    if (Object.keys(fields).length > 0) return new UnstoredGrant(grants, credentials).callOf(call);
    this.grant ??= new UnstoredGrant(grants, credentials);
    return this.grant.callOf(call);
  }

  /** Reads a stream as the engine does. `since`: an incremental scan. */
  scan(stream: Stream, since: Date | null = null, onPage: () => void = () => undefined): Promise<ConformanceScan> {
    return scanOf(stream, this.call(), since, onPage);
  }

  /** What a call fails with; null: nothing. */
  async failureOf(work: () => Promise<unknown>): Promise<ProviderFailure | null> {
    try {
      await work();
      return null;
    } catch (error) {
      return failureIn(error);
    }
  }
}

/** The rows that are to become records. */
export function taken(rows: readonly SimulatedRow[]): SimulatedRow[] {
  return rows.filter(({ belongs, fields }) => belongs && fields !== null);
}
