import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { Clock } from '../platform/clock';
import { Notifications, UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { ADDRESS_RANGE_RULE, isAddressRange, type Environment } from '../platform/http';
import { PlaintextSecret } from '../vault';
import { generateApiKey } from './api-key-format';
import { KeyAuthority } from './key-authority';
import { API_KEY_CHANNEL, OwnKeys } from './own-keys';
import { GRANTABLE_SCOPES } from './scopes';
import { ApiKeyRepository, type ApiKey } from './store/api-key.repository';

/** The key in clear, which is shown once and stored nowhere. */
export interface IssuedApiKey {
  readonly apiKey: ApiKey;
  readonly key: PlaintextSecret;
}

export interface NewApiKeyInput {
  readonly merchantId: string;
  readonly environment: Environment;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: Date | null;
  /** Where it may be used from; null or left out: anywhere. */
  readonly allowedCidrs?: readonly string[] | null;
}

const MAX_NAME_LENGTH = 255;
const MAX_OVERLAP_SECONDS = 7 * 86_400;
const MAX_RANGES = 50;
const FOREIGN_KEY_VIOLATION = '23503';

@Injectable()
export class ApiKeyService {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly ownKeys: OwnKeys,
    private readonly authority: KeyAuthority,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: Notifications,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  async create(input: NewApiKeyInput): Promise<IssuedApiKey> {
    this.refuseWhenManagedElsewhere();
    const name = input.name.trim();
    if (name.length === 0 || name.length > MAX_NAME_LENGTH) {
      throw InterlockError.invalidField('name', `must be 1 to ${MAX_NAME_LENGTH} characters`);
    }
    const scopes = [...new Set(input.scopes)];
    if (!scopes.every((scope) => GRANTABLE_SCOPES.includes(scope))) {
      throw InterlockError.invalidField('scopes', `must be among ${GRANTABLE_SCOPES.join(', ')}`);
    }
    const expiresAt = input.expiresAt ?? null;
    if (expiresAt !== null && expiresAt <= this.clock.now()) {
      throw InterlockError.invalidField('expiresAt', 'must be in the future');
    }
    const allowedCidrs = checkedRanges(input.allowedCidrs ?? null);
    try {
      return await this.unitOfWork.run((tx) =>
        this.issue(tx, { ...input, name, scopes, expiresAt, allowedCidrs, rotatedFrom: null }, 'api_key.created'),
      );
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === FOREIGN_KEY_VIOLATION) {
        throw new InterlockError('not_found', { message: 'There is no such merchant.' });
      }
      throw error;
    }
  }

  async list(merchantId: string): Promise<ApiKey[]> {
    this.refuseWhenManagedElsewhere();
    return this.keys.list(merchantId);
  }

  find(id: string): Promise<ApiKey | null> {
    return this.keys.find(id);
  }

  /** Refused on every process within one second; revoking twice is no error. */
  async revoke(id: string): Promise<ApiKey> {
    this.refuseWhenManagedElsewhere();
    return this.unitOfWork.run(async (tx) => {
      const current = await this.keys.lock(tx, id);
      if (!current) throw new InterlockError('not_found');
      if (current.revokedAt !== null) return current;
      const revoked = await this.keys.revoke(tx, id);
      await this.changed(tx, id);
      await this.record(tx, 'api_key.revoked', revoked);
      return revoked;
    });
  }

  /** Where the key may be used from, on every process within one second; null: anywhere. */
  async allowFrom(id: string, ranges: readonly string[] | null): Promise<ApiKey> {
    this.refuseWhenManagedElsewhere();
    const allowedCidrs = checkedRanges(ranges);
    return this.unitOfWork.run(async (tx) => {
      const current = await this.keys.lock(tx, id);
      if (!current) throw new InterlockError('not_found');
      if (!current.live) throw new InterlockError('conflict', { message: 'The key is revoked or expired.' });
      const changed = await this.keys.allowFrom(tx, id, allowedCidrs);
      await this.changed(tx, id);
      await this.record(tx, 'api_key.addresses_changed', changed);
      return changed;
    });
  }

  /**
   * A successor with the same rights and lifetime; the old key works until the overlap ends. A key has one successor.
   */
  async rotate(id: string, options: { overlapSeconds: number }): Promise<IssuedApiKey & { replaced: ApiKey }> {
    this.refuseWhenManagedElsewhere();
    const { overlapSeconds } = options;
    if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > MAX_OVERLAP_SECONDS) {
      throw InterlockError.invalidField('overlapSeconds', `must be an integer from 0 to ${MAX_OVERLAP_SECONDS}`);
    }
    return this.unitOfWork.run(async (tx) => {
      const old = await this.keys.lock(tx, id);
      if (!old) throw new InterlockError('not_found');
      if (!old.live || (await this.keys.hasSuccessor(tx, id))) {
        throw new InterlockError('conflict', { message: 'The key is revoked, expired or already rotated.' });
      }
      const lifetimeMs = old.expiresAt === null ? null : old.expiresAt.getTime() - old.createdAt.getTime();
      const expiresAt = lifetimeMs === null ? null : new Date(this.clock.now().getTime() + lifetimeMs);
      const replaced =
        overlapSeconds === 0 ? await this.keys.revoke(tx, id) : await this.keys.expireWithin(tx, id, overlapSeconds);
      const issued = await this.issue(tx, { ...old, expiresAt, rotatedFrom: id }, 'api_key.rotated');
      await this.changed(tx, id);
      return { ...issued, replaced };
    });
  }

  /** Otherwise a key could look revoked here and still be valid where it was made. */
  refuseWhenManagedElsewhere(): void {
    const { managedBy } = this.authority;
    if (managedBy === null) return;
    throw new InterlockError('unprocessable_entity', {
      message: `API keys of this installation are made, listed and revoked in ${managedBy}.`,
    });
  }

  private async issue(
    tx: Tx,
    input: Required<NewApiKeyInput> & { rotatedFrom: string | null },
    action: string,
  ): Promise<IssuedApiKey> {
    const { key, hash, displayPrefix } = generateApiKey(input.environment);
    const apiKey = await this.keys.insert(tx, {
      id: randomUUID(),
      merchantId: input.merchantId,
      environment: input.environment,
      name: input.name,
      keyHash: hash,
      displayPrefix,
      scopes: input.scopes,
      rotatedFrom: input.rotatedFrom,
      expiresAt: input.expiresAt,
      allowedCidrs: input.allowedCidrs,
    });
    await this.record(tx, action, apiKey);
    return { apiKey, key: PlaintextSecret.fromString(key) };
  }

  private async changed(tx: Tx, id: string): Promise<void> {
    await this.notifications.publish(tx, API_KEY_CHANNEL, id);
    // this process does not wait for the signal
    tx.afterCommit(() => this.ownKeys.forget(id));
  }

  private async record(tx: Tx, action: string, apiKey: ApiKey): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'api_key', id: apiKey.id },
      merchantId: apiKey.merchantId,
      environment: apiKey.environment,
      details: {
        displayPrefix: apiKey.displayPrefix,
        scopes: apiKey.scopes,
        expiresAt: apiKey.expiresAt?.toISOString() ?? null,
        ...(apiKey.allowedCidrs ? { allowedCidrs: apiKey.allowedCidrs } : {}),
        ...(apiKey.rotatedFrom ? { rotatedFrom: apiKey.rotatedFrom } : {}),
      },
    });
  }
}

function checkedRanges(ranges: readonly string[] | null): readonly string[] | null {
  if (ranges === null) return null;
  const different = [...new Set(ranges)];
  if (different.length === 0 || different.length > MAX_RANGES) {
    throw InterlockError.invalidField('allowedCidrs', `must be 1 to ${MAX_RANGES} networks, or null for any address`);
  }
  if (!different.every(isAddressRange)) throw InterlockError.invalidField('allowedCidrs', ADDRESS_RANGE_RULE);
  return different;
}
