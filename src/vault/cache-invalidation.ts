import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Notifications } from '../platform/database';
import { DataKeyCache } from './data-key-cache';
import { KeyManagement } from './key-management';
import { EVICT_CHANNEL } from './vault';

/**
 * Evicts on every process as soon as the signal arrives (well under a second). While the channel is down a destroyed secret
 * still cannot be opened, because its row has lost its wrapped key and every open reads the row; only the unwrapped key stays
 * in memory, until the channel is back (which clears the cache) or the cache's own age bound.
 */
@Injectable()
export class CacheInvalidation implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly cache: DataKeyCache,
    private readonly keys: KeyManagement,
    private readonly notifications: Notifications,
  ) {}

  onModuleInit(): void {
    this.notifications.subscribe(
      EVICT_CHANNEL,
      (secretId) => this.cache.evict(secretId),
      () => this.cache.clear(),
    );
  }

  onApplicationShutdown(): void {
    this.cache.clear();
    this.keys.close();
  }
}
