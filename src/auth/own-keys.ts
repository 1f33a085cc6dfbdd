import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock';
import { Notifications } from '../platform/database';
import { AddressList } from '../platform/http';
import { environmentOfApiKey, hashApiKey } from './api-key-format';
import { KeyAuthority, type VerifiedKey } from './key-authority';
import { LastUsedTracker } from './last-used-tracker';
import { effectiveScopes } from './scopes';
import { ApiKeyRepository } from './store/api-key.repository';
import { credentialDigest, VerificationCache } from './verification-cache';

/** Signals that a key was revoked, rotated, or given another expiry or other addresses; the payload is its id. */
export const API_KEY_CHANNEL = 'auth_api_key';

/**
 * The authority over keys of our own making. A key in use costs a hash and a look into a map; see the cache for its
 * bounds.
 */
@Injectable()
export class OwnKeys extends KeyAuthority implements OnModuleInit {
  readonly managedBy = null;
  private readonly cache: VerificationCache;

  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly keyUse: LastUsedTracker,
    private readonly notifications: Notifications,
    private readonly clock: Clock,
  ) {
    super();
    this.cache = new VerificationCache(() => this.notifications.connected);
  }

  onModuleInit(): void {
    this.notifications.subscribe(
      API_KEY_CHANNEL,
      (keyId) => this.cache.evict(keyId),
      () => this.cache.clear(),
    );
  }

  async verify(key: string): Promise<VerifiedKey | null> {
    const environment = environmentOfApiKey(key);
    if (environment === null) return null;
    const digest = credentialDigest(key);
    const known = this.cache.get(digest);
    const verified = known === undefined ? await this.cache.ask(digest, () => this.load(hashApiKey(key))) : known;
    if (verified === null || verified.environment !== environment) return null;
    if (verified.expiresAt !== null && verified.expiresAt <= this.clock.now()) return null;
    this.keyUse.mark(verified.id, null);
    return verified;
  }

  /** This process need not wait for its own signal. */
  forget(keyId: string): void {
    this.cache.evict(keyId);
  }

  private async load(hash: Buffer): Promise<VerifiedKey | null> {
    const row = await this.keys.findLiveByHash(hash);
    if (!row) return null;
    return {
      id: row.id,
      merchantId: row.merchantId,
      environment: row.environment,
      scopes: effectiveScopes(row.scopes),
      expiresAt: row.expiresAt,
      allowedFrom: row.allowedCidrs && new AddressList(row.allowedCidrs),
    };
  }
}
