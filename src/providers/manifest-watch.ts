import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../platform/config';
import { Daemon } from '../platform/daemon';
import { Notifications } from '../platform/database';
import {
  ManifestFolder,
  readManifest,
  servedManifest,
  toldFault,
  type Manifest,
  type RefusedManifest,
} from './manifest';
import { ProviderRegistry, type ServedProvider } from './provider.registry';
import { ProviderManifestRepository, type CurrentManifest } from './store/provider-manifest.repository';

/** Signals that what operators have stored changed. */
export const MANIFEST_CHANNEL = 'provider_manifest';

export interface StandingRefusal extends RefusedManifest {
  readonly since: Date;
}

interface Told {
  readonly version: number;
  /** The last version without a fault. */
  readonly served: ServedProvider | null;
  readonly fault: string | null;
}

/**
 * Keeps the registry of this process in step with the folder and with what operators store. A signal marks what is
 * stored as changed, and where none arrives it is read with every tick: either way it is served within a second.
 */
@Injectable()
export class ManifestWatch extends Daemon implements OnModuleInit {
  protected readonly name = 'manifest watch';
  protected readonly intervalMs = 250;
  private readonly folder: ManifestFolder | null;
  private stored: ReadonlyMap<string, Told> = new Map();
  /** What is served of a manifest holds the tokens of its credentials, which a change of another one leaves alone. */
  private readonly served = new WeakMap<Manifest, ServedProvider>();
  private readonly reads = { begun: 0, applied: 0 };
  private changed = true;
  private failing = false;
  private told: readonly StandingRefusal[] = [];

  constructor(
    private readonly config: AppConfig,
    private readonly registry: ProviderRegistry,
    private readonly repository: ProviderManifestRepository,
    private readonly notifications: Notifications,
  ) {
    super();
    this.folder = config.providers.folder === null ? null : new ManifestFolder(config.providers.folder);
  }

  async onModuleInit(): Promise<void> {
    const changed = (): void => void (this.changed = true);
    this.notifications.subscribe(MANIFEST_CHANNEL, changed, changed);
    this.registry.onUnknown(() => this.readStored());
    await this.tick();
    const { liveHosts } = this.config.providers;
    for (const provider of Object.keys(liveHosts).filter((id) => !this.registry.has(id))) {
      this.log.warn({ msg: 'PROVIDER_LIVE_HOSTS names a provider that is not served', provider });
    }
  }

  /** Manifests that are not served in their newest version. */
  refused(): readonly StandingRefusal[] {
    return this.told;
  }

  /** Reads what operators have stored. */
  async readStored(): Promise<void> {
    const turn = ++this.reads.begun;
    const known = new Map([...this.stored].map(([provider, { version }]) => [provider, version]));
    const current = await this.repository.current(known);
    // what was asked later has been answered before
    if (turn < this.reads.applied) return;
    this.reads.applied = turn;
    this.stored = new Map(current.map((row) => [row.provider, this.read(row)]));
    this.registry.serve(
      'admin',
      [...this.stored.values()].flatMap(({ served }) => served ?? []),
    );
    this.tellRefused();
  }

  /** Without the database what was read before stays. */
  protected async tick(): Promise<boolean> {
    if (this.folder) await this.follow(this.folder);
    if (!this.changed && this.notifications.connected) return false;
    this.changed = false;
    try {
      await this.readStored();
      this.failing = false;
    } catch (error) {
      this.changed = true;
      if (!this.failing) this.log.warn({ msg: 'stored manifests cannot be read; trying again', err: error });
      this.failing = true;
    }
    return false;
  }

  private async follow(folder: ManifestFolder): Promise<void> {
    if (await folder.look()) {
      const served = folder.manifests().map((manifest) => this.servedFrom('folder', manifest));
      this.registry.serve('folder', served);
      this.log.log({ msg: 'providers are served from the folder', providers: served.map(({ entry }) => entry.id) });
    }
    this.tellRefused();
  }

  private read({ provider, version, manifest: text }: CurrentManifest): Told {
    const before = this.stored.get(provider);
    if (text === null || before?.version === version) return before!;
    const { manifest, faults } = readManifest(text, provider);
    if (manifest) return { version, served: this.servedFrom('admin', manifest), fault: null };
    // written by another version of the service
    return { version, served: before?.served ?? null, fault: faults.map(toldFault).join('; ') };
  }

  private servedFrom(origin: 'folder' | 'admin', manifest: Manifest): ServedProvider {
    const known = this.served.get(manifest);
    if (known) return known;
    const served = servedManifest(manifest, origin, this.config.providers.liveHosts[manifest.id]);
    this.served.set(manifest, served);
    return served;
  }

  /** Each once, for as long as it stands. */
  private tellRefused(): void {
    const ofStored = [...this.stored].flatMap(([provider, { version, fault }]) =>
      fault === null ? [] : [{ place: `version ${version} of ${provider}`, reason: fault }],
    );
    const before = new Map(this.told.map((each) => [`${each.place}\n${each.reason}`, each]));
    this.told = [...(this.folder?.refused() ?? []), ...ofStored].map((refused) => {
      const known = before.get(`${refused.place}\n${refused.reason}`);
      if (known) return known;
      this.log.warn({ msg: 'a manifest is refused; the version before stays', ...refused });
      return { ...refused, since: new Date() };
    });
  }
}
