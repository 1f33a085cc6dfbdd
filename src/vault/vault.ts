import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditLog, type AuditEvent } from '../audit';
import { UnitOfWork, type Tx } from '../platform/database';
import { CacheInvalidation } from './cache-invalidation';
import { ALGORITHM, encrypt, fingerprintOf, type Ciphertext, type Envelope } from './envelope';
import { EnvelopeOpener } from './envelope-opener';
import { KeyManagement } from './key-management';
import { AAD_VERSION, encryptionContext, type EncryptionContext, type SealContext } from './seal-context';
import { secretEvent } from './secret-event';
import { PlaintextSecret, type SealedSecretId } from './secrets';
import { SealedSecretRepository, type SealedSecretRow } from './store/sealed-secret.repository';
import { NotAudited, VaultError } from './vault-error';

/** A secret that is sealed but not stored yet: no database connection is held while key management is asked. */
export interface PreparedSecret {
  readonly id: SealedSecretId;
  readonly context: EncryptionContext;
  readonly envelope: Envelope;
  readonly fingerprint: string;
}

/** Another content for a secret, under its own data key. */
export interface Replacement {
  readonly id: string;
  readonly context: EncryptionContext;
  /** Fingerprint of what it replaces. */
  readonly was: string;
  readonly sealed: Ciphertext;
  readonly fingerprint: string;
}

/** Seals what will replace the content of one secret. The caller ends it. */
export interface ReplacementSealer {
  seal(plaintext: PlaintextSecret): Replacement;
  end(): void;
}

/** Why a secret is opened: goes to the audit log, one entry per run or call. */
export interface SecretUse {
  readonly purpose: string;
  readonly runId?: string;
  /** Commits the entry, with what else belongs to it; by itself unless given. */
  readonly audited?: (record: (tx: Tx) => Promise<void>) => Promise<void>;
}

/** How long the unreadable row of a destroyed secret stays, so that last month's faults can still be examined. */
const DESTROYED_KEPT_DAYS = 30;

/** Envelope encryption: per secret one data key from key management, AES-256-GCM, bound to its context. */
@Injectable()
export class Vault {
  constructor(
    private readonly keys: KeyManagement,
    private readonly opener: EnvelopeOpener,
    private readonly invalidation: CacheInvalidation,
    private readonly secrets: SealedSecretRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
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
        envelope: { algorithm: ALGORITHM, aadVersion: AAD_VERSION, wrappedKey: wrapped, ...sealed },
        fingerprint: fingerprintOf(sealed),
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
    await this.audit.record(tx, secretEvent('sealed', prepared));
    return prepared.id;
  }

  /** `prepare` and `store` in one; holds the transaction's connection while key management is asked. */
  async seal(tx: Tx, context: SealContext, plaintext: PlaintextSecret): Promise<SealedSecretId> {
    return this.store(tx, await this.prepare(context, plaintext));
  }

  /**
   * Opens a secret for its owner. Precondition: the context is the owner's own, built from the row that refers to the
   * secret, never from the secret's row: that is what keeps a copied row shut. The caller wipes what it gets.
   */
  async open(secretId: string, sealContext: SealContext, use: SecretUse): Promise<PlaintextSecret> {
    const context = encryptionContext(sealContext);
    const ticket = this.opener.ticket();
    const row = await this.secrets.find(secretId);
    if (!row) throw new VaultError('secret_not_found');
    const plaintext = await this.opener.open(row, context, ticket);
    try {
      const record = (tx: Tx): Promise<void> => this.audit.record(tx, openedEvent(row, context, use));
      await (use.audited ? use.audited(record) : this.unitOfWork.run(record));
    } catch (error) {
      // an operation that cannot be audited does not happen
      plaintext.fill(0);
      throw use.audited ? new NotAudited(error) : error;
    }
    return PlaintextSecret.fromBuffer(plaintext);
  }

  /**
   * For a secret whose content a third party changes, such as rotating tokens: what is given out once must be kept, so
   * its key is at hand before it is asked for. Precondition as of `open`.
   */
  async replacementSealer(secretId: string, sealContext: SealContext): Promise<ReplacementSealer> {
    const context = encryptionContext(sealContext);
    const ticket = this.opener.ticket();
    const row = await this.secrets.find(secretId);
    if (!row) throw new VaultError('secret_not_found');
    const sealer = await this.opener.sealer(row, context, ticket);
    const seal = (plaintext: PlaintextSecret): Replacement => {
      const sealed = sealer.seal(plaintext.bytes());
      return { id: secretId, context, was: row.fingerprint, sealed, fingerprint: fingerprintOf(sealed) };
    };
    return { seal, end: () => sealer.end() };
  }

  /** false: the secret is destroyed, or its content was replaced since; nothing is changed then. */
  async replace(tx: Tx, replacement: Replacement): Promise<boolean> {
    const { id, was, sealed, fingerprint } = replacement;
    if (!(await this.secrets.replace(tx, id, was, { ...sealed, fingerprint }))) return false;
    await this.audit.record(tx, secretEvent('replaced', replacement, { was }));
    return true;
  }

  /** Whether this process can most likely open the secret without asking key management. */
  holdsKeyOf(secretId: string): boolean {
    return this.opener.holdsKeyOf(secretId);
  }

  /**
   * In the transaction of the operation that ends the secret: it is unreadable from the commit on, here and in every
   * process. Destroying it again changes nothing.
   */
  async destroy(tx: Tx, secretId: string): Promise<void> {
    const destroyed = await this.secrets.destroy(tx, secretId);
    if (!destroyed) return;
    await this.audit.record(tx, secretEvent('destroyed', destroyed));
    await this.invalidation.evictEverywhere(tx, [secretId]);
  }

  /** Removes up to `limit` rows that were destroyed long ago (DESTROYED_KEPT_DAYS), and says how many. */
  async purgeDestroyed(limit: number): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const purged = await this.secrets.purgeDestroyed(tx, DESTROYED_KEPT_DAYS, limit);
      if (purged > 0) {
        const details = { purged, destroyedDaysAgo: DESTROYED_KEPT_DAYS };
        await this.audit.record(tx, { action: 'vault.purged', subject: { type: 'vault', id: 'destroyed' }, details });
      }
      return purged;
    });
  }
}

function openedEvent(row: SealedSecretRow, context: EncryptionContext, use: SecretUse): AuditEvent {
  const { id, fingerprint } = row;
  const event = secretEvent('opened', { id, context, fingerprint }, { purpose: use.purpose });
  if (!use.runId) return event;
  // a run that gives up its worker and comes back opens again: one entry per run
  return { ...event, actor: { kind: 'run', id: use.runId }, once: `${use.runId}/${use.purpose}` };
}
