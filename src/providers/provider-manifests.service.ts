import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { Notifications, UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { currentActor } from '../platform/http';
import { readManifest, toldFault, type Manifest } from './manifest';
import { MANIFEST_CHANNEL, ManifestWatch } from './manifest-watch';
import { ProviderRegistry } from './provider.registry';
import {
  ProviderManifestRepository,
  type ManifestVersion,
  type StoredManifest,
} from './store/provider-manifest.repository';

const MAX_MANIFESTS = 200;
const KEPT_VERSIONS = 50;
const MAX_FAULTS = 50;

export interface ManifestInVersions {
  readonly provider: string;
  readonly version: number;
  /** As it was sent; null: this version is a deletion. */
  readonly manifest: string | null;
  /** The newest first. */
  readonly versions: readonly ManifestVersion[];
}

export interface AnnouncedManifest {
  /** The version that it would follow; 0: it would be the first. */
  readonly after: number;
  /** Until then, by what is stored or by a file. */
  readonly isServed: boolean;
  readonly hosts: readonly string[];
  /** The kind. */
  readonly auth: string;
}

export interface AnnouncedRemoval {
  /** The version that would be deleted. */
  readonly after: number;
  /** Of the file that would tell the provider then; null: it would not be served any more. */
  readonly hostsOfFile: readonly string[] | null;
}

export interface StoreOptions {
  /** 409 where another version is the newest by now. */
  readonly after?: number;
  /** Part of the transaction; throws where nothing is to change. */
  readonly noted?: (tx: Tx) => Promise<void>;
}

/** The manifests that operators store: versioned, audited, and served by every process within a second. */
@Injectable()
export class ProviderManifests {
  constructor(
    private readonly repository: ProviderManifestRepository,
    private readonly registry: ProviderRegistry,
    private readonly watch: ManifestWatch,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: Notifications,
    private readonly audit: AuditLog,
  ) {}

  async read(provider: string, version: number | null = null): Promise<ManifestInVersions> {
    const found = await this.repository.find(provider, version);
    if (!found) throw new InterlockError('not_found');
    return { ...found, versions: await this.repository.versions(provider) };
  }

  /** What would be stored, for whoever decides over it; null: the text is stored already. */
  async announce(provider: string, text: string): Promise<AnnouncedManifest | null> {
    const { hosts, auth } = soundManifest(provider, text);
    const newest = await this.repository.find(provider, null);
    if (newest?.manifest === text) return null;
    const isServed = typeof newest?.manifest === 'string' || this.registry.inFolder(provider) !== null;
    return { after: newest?.version ?? 0, isServed, hosts, auth: auth.kind };
  }

  /** As `announce`, of a deletion. */
  async announceRemoval(provider: string): Promise<AnnouncedRemoval> {
    const { version } = this.refuseMissing(provider, await this.repository.find(provider, null));
    const hosts = this.registry.inFolder(provider)?.entry.liveHostSuffixes;
    return { after: version, hostsOfFile: hosts ?? null };
  }

  /** The text that is stored already makes no version. */
  async store(provider: string, text: string, { after, noted }: StoreOptions = {}): Promise<ManifestInVersions> {
    soundManifest(provider, text);
    await this.unitOfWork.run(async (tx) => {
      await this.repository.lock(tx);
      await noted?.(tx);
      const { others, newest } = await this.repository.standing(tx, provider);
      if (newest?.manifest === text) return;
      refuseChanged(provider, newest, after);
      if (others >= MAX_MANIFESTS) {
        throw new InterlockError('conflict', { message: `There are ${MAX_MANIFESTS} manifests: delete one first.` });
      }
      await this.add(tx, provider, (newest?.version ?? 0) + 1, text);
    });
    await this.watch.readStored();
    return this.read(provider);
  }

  /** `allowed` throws where it may not be deleted; what it asks is asked when no other change is under way. */
  async remove(
    provider: string,
    allowed: (tx: Tx) => Promise<void>,
    { after, noted }: StoreOptions = {},
  ): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      await this.repository.lock(tx);
      await noted?.(tx);
      const { newest } = await this.repository.standing(tx, provider);
      refuseChanged(provider, newest, after);
      const { version } = this.refuseMissing(provider, newest);
      await allowed(tx);
      await this.add(tx, provider, version + 1, null);
    });
    await this.watch.readStored();
  }

  private refuseMissing(provider: string, newest: StoredManifest | null): StoredManifest {
    if (newest && newest.manifest !== null) return newest;
    const message = `No manifest of ${provider} is stored.`;
    throw new InterlockError('not_found', this.registry.has(provider) ? { message } : {});
  }

  private async add(tx: Tx, provider: string, version: number, manifest: string | null): Promise<void> {
    await this.repository.add(tx, { provider, version, manifest }, currentActor().id, KEPT_VERSIONS);
    const action = manifest === null ? 'provider_manifest.deleted' : 'provider_manifest.stored';
    await this.audit.record(tx, { action, subject: { type: 'provider', id: provider }, details: { version } });
    await this.notifications.publish(tx, MANIFEST_CHANNEL, provider);
  }
}

function refuseChanged(provider: string, newest: StoredManifest | null, after: number | undefined): void {
  if (after === undefined || (newest?.version ?? 0) === after) return;
  throw new InterlockError('conflict', { message: `The manifest of ${provider} has changed meanwhile.` });
}

function soundManifest(provider: string, text: string): Manifest {
  const { manifest, faults } = readManifest(text, provider);
  if (faults.length === 0) return manifest!;
  const told = faults.slice(0, MAX_FAULTS).map(toldFault);
  throw new InterlockError('manifest_refused', { fields: { manifest: told } });
}
