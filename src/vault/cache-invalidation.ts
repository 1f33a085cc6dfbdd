import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Notifications, type Tx } from '../platform/database';
import { DataKeyCache } from './data-key-cache';
import { KeyManagement } from './key-management';

/** Signals every process that the cached keys of some secrets are no longer good. */
export const EVICT_CHANNEL = 'vault_evict';
/** A signal holds at most 8000 bytes, an id 36 and a comma. */
const IDS_PER_SIGNAL = 200;
const SWEEP_INTERVAL_MS = 30_000;

/**
 * Evicts on every process as soon as the signal arrives (well under a second). While the channel is down a destroyed secret
 * still cannot be opened, because its row has lost its wrapped key and every open reads the row; only the unwrapped key stays
 * in memory, until the channel is back (which clears the cache) or the cache's own age bound.
 */
@Injectable()
export class CacheInvalidation implements OnModuleInit, OnApplicationShutdown {
  private sweeper: NodeJS.Timeout | null = null;

  constructor(
    private readonly cache: DataKeyCache,
    private readonly keys: KeyManagement,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.subscribe(
      EVICT_CHANNEL,
      (secretIds) => this.evictHere(secretIds.split(',')),
      () => this.cache.clear(),
    );
    this.sweeper = setInterval(() => this.cache.sweep(), SWEEP_INTERVAL_MS).unref();
  }

  /** On every process once the transaction commits; on this one without depending on the channel. */
  async evictEverywhere(tx: Tx, secretIds: readonly string[]): Promise<void> {
    for (let start = 0; start < secretIds.length; start += IDS_PER_SIGNAL) {
      const batch = secretIds.slice(start, start + IDS_PER_SIGNAL);
      await this.notifications.publish(tx, EVICT_CHANNEL, batch.join(','));
    }
    tx.afterCommit(() => this.evictHere(secretIds));
  }

  onApplicationShutdown(): void {
    if (this.sweeper) clearInterval(this.sweeper);
    this.cache.clear();
    this.keys.close();
  }

  private evictHere(secretIds: readonly string[]): void {
    for (const secretId of secretIds) this.cache.evict(secretId);
  }
}
