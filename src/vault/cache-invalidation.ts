import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Notifications, type Tx } from '../platform/database';
import { DataKeyCache } from './data-key-cache';
import { KeyManagement } from './key-management';
import { SealedSecretRepository } from './store/sealed-secret.repository';

/** Signals every process that the cached keys of some secrets are no longer good. */
export const EVICT_CHANNEL = 'vault_evict';
/** A signal holds at most 8000 bytes, an id 36 and a comma. */
const IDS_PER_SIGNAL = 200;
const SWEEP_INTERVAL_MS = 30_000;
/** With the time until a dead channel is noticed (0.6 s) it stays below a second. */
const RECHECK_INTERVAL_MS = 300;
/**
 * Without the database nothing can be opened; a slow one must not cost what KMS, if it is away too, cannot give again.
 */
const ANSWER_LIMIT_MS = 5_000;

/**
 * Evicts on every process as soon as the signal arrives (milliseconds). While no signal can arrive the database is
 * asked again and again which of the cached keys are still good: an unwrapped key outlives its secret by less than a
 * second either way, or by some seconds when not even the database answers. Nobody can open a destroyed secret in that
 * second, because every open reads the row, which has lost its wrapped key.
 */
@Injectable()
export class CacheInvalidation implements OnModuleInit, OnApplicationShutdown {
  private readonly timers: NodeJS.Timeout[] = [];
  private questions = 0;

  constructor(
    private readonly cache: DataKeyCache,
    private readonly keys: KeyManagement,
    private readonly secrets: SealedSecretRepository,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.subscribe(
      EVICT_CHANNEL,
      (secretIds) => this.evictHere(secretIds.split(',')),
      () => void this.recheck(),
    );
    const whileDeaf = (): void => {
      if (!this.notifications.connected && this.questions === 0) void this.recheck();
    };
    this.timers.push(
      setInterval(() => this.cache.sweep(), SWEEP_INTERVAL_MS).unref(),
      setInterval(whileDeaf, RECHECK_INTERVAL_MS).unref(),
    );
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
    for (const timer of this.timers) clearInterval(timer);
    this.cache.clear();
    this.keys.close();
  }

  /** Signals may have been missed: evicts what the database does not know any more. Never fails. */
  private async recheck(): Promise<void> {
    this.cache.doubtLoads();
    const held = this.cache.held();
    if (held.length === 0) return;
    this.questions++;
    const deadline = setTimeout(() => this.cache.clear(), ANSWER_LIMIT_MS).unref();
    try {
      this.evictHere(await this.secrets.outdated(held));
    } catch {
      this.cache.clear();
    } finally {
      clearTimeout(deadline);
      this.questions--;
    }
  }

  private evictHere(secretIds: readonly string[]): void {
    for (const secretId of secretIds) this.cache.evict(secretId);
  }
}
