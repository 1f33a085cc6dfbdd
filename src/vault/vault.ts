import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { Notifications, type Tx, UnitOfWork } from '../platform/database';
import { DataKeyCache } from './data-key-cache';
import { decrypt, encrypt, type Envelope, parseEnvelope } from './envelope';
import { KeyManagement } from './key-management';
import { AAD_VERSION, type EncryptionContext, encryptionContext, sameContext, type SealContext } from './seal-context';
import { PlaintextSecret, type SealedSecretId } from './secrets';
import { SealedSecretRepository, type SealedSecretRow } from './store/sealed-secret.repository';
import { VaultError } from './vault-error';

/** A secret that is sealed but not stored yet: no database connection is held while key management is asked. */
export interface PreparedSecret {
  readonly id: SealedSecretId;
  readonly context: EncryptionContext;
  readonly envelope: Envelope;
  readonly fingerprint: string;
}

/** Why a secret is opened: goes to the audit log, one entry per run or call. */
export interface SecretUse {
  readonly purpose: string;
  readonly runId?: string;
}

/** Signals every process that the cached key of a secret is no longer good. */
export const EVICT_CHANNEL = 'vault_evict';

/** Envelope encryption: per secret one data key from key management, AES-256-GCM, bound to its context. */
@Injectable()
export class Vault {
  constructor(
    private readonly keys: KeyManagement,
    private readonly cache: DataKeyCache,
    private readonly secrets: SealedSecretRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: Notifications,
  ) {}

  /** Seals outside of a transaction; `store` then commits it together with what refers to it. */
  async prepare(sealContext: SealContext, plaintext: PlaintextSecret): Promise<PreparedSecret> {
    const context = encryptionContext(sealContext);
    const { plaintext: dataKey, wrapped } = await this.keys.generateDataKey(context);
    try {
      const sealed = encrypt(dataKey, context, plaintext.bytes());
      return {
        id: randomUUID() as unknown as SealedSecretId,
        context,
        envelope: { algorithm: 'AES_256_GCM', aadVersion: AAD_VERSION, wrappedKey: wrapped, ...sealed },
        fingerprint: fingerprintOf(sealed.ciphertext, sealed.tag),
      };
    } finally {
      dataKey.fill(0);
    }
  }

  async store(tx: Tx, prepared: PreparedSecret): Promise<SealedSecretId> {
    const { envelope, context } = prepared;
    await this.secrets.insert(tx, {
      id: prepared.id,
      context,
      algorithm: envelope.algorithm,
      aadVersion: envelope.aadVersion,
      nonce: envelope.nonce,
      tag: envelope.tag,
      ciphertext: envelope.ciphertext,
      wrappedKey: envelope.wrappedKey.bytes,
      keyId: envelope.wrappedKey.keyId,
      keyVersion: envelope.wrappedKey.keyVersion,
      fingerprint: prepared.fingerprint,
    });
    await this.record(tx, 'secret.sealed', prepared.id, context, prepared.fingerprint);
    return prepared.id;
  }

  /** `prepare` and `store` in one; holds the transaction's connection while key management is asked. */
  async seal(tx: Tx, context: SealContext, plaintext: PlaintextSecret): Promise<SealedSecretId> {
    return this.store(tx, await this.prepare(context, plaintext));
  }

  /**
   * Opens a secret for its owner. Precondition: the context is the owner's own, built from the row that refers to the secret,
   * never from the secret's row: that is what keeps a copied row shut. The caller wipes what it gets.
   */
  async open(secretId: string, sealContext: SealContext, use: SecretUse): Promise<PlaintextSecret> {
    const context = encryptionContext(sealContext);
    const row = await this.secrets.find(secretId);
    if (!row) throw new VaultError('secret_not_found');
    const plaintext = await this.decryptRow(row, context);
    await this.unitOfWork.run((tx) => this.record(tx, 'secret.opened', secretId, context, row.fingerprint, use));
    return PlaintextSecret.fromBuffer(plaintext);
  }

  /** In the transaction of the act that ends the secret: it is unreadable from the commit on, here and in every process. */
  async destroy(tx: Tx, secretId: string): Promise<void> {
    const row = await this.secrets.find(secretId);
    const fingerprint = await this.secrets.destroy(tx, secretId);
    if (fingerprint === null || !row) return;
    await this.record(tx, 'secret.destroyed', secretId, row.context, fingerprint);
    await this.evictEverywhere(tx, secretId);
  }

  async evictEverywhere(tx: Tx, secretId: string): Promise<void> {
    await this.notifications.publish(tx, EVICT_CHANNEL, secretId);
    // this process does not depend on the channel
    tx.afterCommit(() => this.cache.evict(secretId));
  }

  private async decryptRow(row: SealedSecretRow, context: EncryptionContext): Promise<Buffer> {
    if (row.destroyedAt !== null) throw new VaultError('secret_destroyed');
    const envelope = parseEnvelope(row);
    if (!sameContext(row.context, context)) throw new VaultError('context_mismatch');
    const tag = fingerprintOf(envelope.wrappedKey.bytes, envelope.tag);
    return this.cache.withKey(
      row.id,
      tag,
      () => this.keys.unwrap(envelope.wrappedKey, context),
      (dataKey) => decrypt(dataKey, context, envelope),
    );
  }

  private async record(
    tx: Tx,
    action: string,
    secretId: string,
    context: EncryptionContext,
    fingerprint: string,
    use?: SecretUse,
  ): Promise<void> {
    await this.audit.record(tx, {
      action,
      subject: { type: 'secret', id: secretId },
      merchantId: context['merchant_id'] ?? null,
      environment: (context['environment'] as 'sandbox' | 'live' | undefined) ?? null,
      ...(use?.runId ? { actor: { kind: 'run', id: use.runId } } : {}),
      details: {
        fingerprint,
        secretPurpose: context['purpose'],
        ownerId: context['owner_id'],
        ...(use ? { purpose: use.purpose } : {}),
      },
    });
  }
}

function fingerprintOf(...parts: Buffer[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}
