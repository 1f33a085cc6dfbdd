import { KEY_GATE } from '../../src/integrations/store/key-management-gate.repository';
import type { Verdict } from '../../src/platform/outbound';
import { afterFailure, gateWaitMs } from '../../src/sync/breaker';
import { FREED_AT_ONCE, PROVIDER_GATE } from '../../src/sync/store/provider-breaker.repository';

export interface Storm {
  readonly what: 'key management' | 'provider';
  readonly faultSeconds: number;
  /** Of the calls that are needed: how many it still answers a second while it fails. */
  readonly capacityShare: number;
}

export interface StormFigures {
  /** Run starts a second, as they would be without the fault. */
  readonly normal: number;
  /** The most within any minute from the fault's begin on. */
  readonly peak: number;
  /** The most calls within any minute of the fault, but its first. */
  readonly callsPeak: number;
  /**
   * Intervals from the fault's end until the starts of no five minutes exceed the normal by more than a tenth any more.
   */
  readonly backAfter: number;
  /** Integrations without a success in the two intervals after the fault's end. */
  readonly late: number;
}

interface Start {
  readonly integration: number;
  readonly attempt: number;
  /** It begins at another time. */
  isMoved?: boolean;
}

/**
 * The starts of runs over simulated seconds. What decides when a run comes again is the service's own (`afterFailure`,
 * `gateWaitMs`, the gates' times); queue, workers and database are taken for free.
 */
export function simulateStorm(
  storm: Storm,
  { integrations, intervalSeconds, seed }: { integrations: number; intervalSeconds: number; seed: number },
): StormFigures {
  const random = randomOf(seed);
  const [from, until, end] = [
    intervalSeconds,
    intervalSeconds + storm.faultSeconds,
    5 * intervalSeconds + storm.faultSeconds,
  ];
  const starts: Start[][] = Array.from({ length: end }, () => []);
  const load = new Float64Array(end);
  const calls = new Float64Array(end);
  const offsets = Array.from({ length: integrations }, () => Math.floor(random() * intervalSeconds));
  const failedRuns = new Int32Array(integrations);
  const succeededAt = new Int32Array(integrations).fill(-1);
  const normal = integrations / intervalSeconds;
  const gate = new Gate(storm.what === 'provider' ? PROVIDER_GATE : KEY_GATE);
  /** Runs that the gate let wait, those that have waited longest first. */
  const waiting = new Map<number, Start>();
  const freedAtOnce = storm.what === 'provider' ? FREED_AT_ONCE : 0;
  const verdict: Verdict = storm.what === 'provider' ? 'provider_down' : 'internal';

  const begin = (second: number, start: Start): void => {
    if (second < end) starts[second]!.push(start);
  };
  const letWait = (second: number, start: Start): void => {
    waiting.set(start.integration, start);
    begin(second, start);
  };
  const freeSome = (second: number): void => {
    for (const start of [...waiting.values()].slice(0, freedAtOnce)) {
      start.isMoved = true;
      waiting.delete(start.integration);
      begin(second, { integration: start.integration, attempt: start.attempt + 1 });
    }
  };
  const nextSlot = (integration: number, second: number): number => {
    const offset = offsets[integration]!;
    return (Math.floor((second - offset) / intervalSeconds) + 1) * intervalSeconds + offset;
  };
  for (let integration = 0; integration < integrations; integration++)
    begin(offsets[integration]!, { integration, attempt: 1 });

  for (let second = 0; second < end; second++) {
    const failing = second >= from && second < until;
    let capacity = failing ? Math.floor(normal * storm.capacityShare) : Number.POSITIVE_INFINITY;
    for (const { integration, attempt, isMoved } of starts[second]!) {
      if (isMoved) continue;
      load[second]!++;
      if (!gate.enters(second)) {
        const waitMs = gateWaitMs(gate.retryInMs(second), attempt - 1, random);
        letWait(second + Math.ceil(waitMs / 1_000), { integration, attempt: attempt + 1 });
        continue;
      }
      waiting.delete(integration);
      calls[second]!++;
      if (capacity-- > 0) {
        if (gate.open()) freeSome(second + 1);
        failedRuns[integration] = 0;
        succeededAt[integration] = second;
        begin(nextSlot(integration, second), { integration, attempt: 1 });
        continue;
      }
      gate.shut(second);
      const state = {
        consecutiveErrors: 0,
        failedRuns: failedRuns[integration]!,
        breaker: 'closed',
        cause: null,
      } as const;
      const { retryInMs } = afterFailure(state, verdict, false, random);
      failedRuns[integration]!++;
      const retryAt = second + Math.ceil(retryInMs! / 1_000);
      begin(Math.min(nextSlot(integration, second), retryAt), { integration, attempt: 1 });
    }
    starts[second] = [];
  }
  const mean = (of: Float64Array, at: number, over: number) =>
    of.subarray(at, at + over).reduce((a, b) => a + b, 0) / over;
  const windows = (of: Float64Array, first: number, last: number, over: number) =>
    Array.from({ length: Math.max(0, Math.floor((last - first) / over)) }, (_, n) => mean(of, first + n * over, over));
  const after = windows(load, until, end, 300);
  return {
    normal,
    peak: Math.max(...windows(load, from, end, 60)),
    callsPeak: Math.max(...windows(calls, from + 60, until, 60)),
    backAfter: ((after.findLastIndex((each) => each > normal * 1.1) + 1) * 300) / intervalSeconds,
    late: succeededAt.filter((at) => at < until).length,
  };
}

/** As the two repositories keep it in the database. */
class Gate {
  private retryAt = 0;
  private failures = 0;
  private probing = false;

  constructor(private readonly times: { readonly firstRetryMs: number; readonly maxRetryMs: number }) {}

  enters(second: number): boolean {
    if (this.failures === 0) return true;
    this.probing = second >= this.retryAt;
    return this.probing;
  }

  retryInMs(second: number): number {
    return Math.max(1_000, (this.retryAt - second) * 1_000);
  }

  shut(second: number): void {
    if (this.failures > 0 && !this.probing) return;
    const retryMs = Math.min(this.times.firstRetryMs * 2 ** Math.min(this.failures, 10), this.times.maxRetryMs);
    this.retryAt = second + retryMs / 1_000;
    this.failures++;
    this.probing = false;
  }

  /** Whether it was shut. */
  open(): boolean {
    const wasShut = this.failures > 0;
    this.failures = 0;
    this.probing = false;
    return wasShut;
  }
}

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
