import { Injectable } from '@nestjs/common';
import { DataKeyCache, type CacheTicket } from './data-key-cache';
import { decrypt, parseEnvelope, type RawEnvelope } from './envelope';
import { KeyManagement } from './key-management';
import { sameContext, type EncryptionContext } from './seal-context';
import { VaultError } from './vault-error';

/** A sealed row: nothing about it is trusted. */
export interface SealedRow extends RawEnvelope {
  readonly id: string;
  readonly context: EncryptionContext;
  readonly destroyedAt: Date | null;
}

/** From a row to its plaintext: what lies below the database and the audit log. */
@Injectable()
export class EnvelopeOpener {
  constructor(
    private readonly keys: KeyManagement,
    private readonly cache: DataKeyCache,
  ) {}

  /** Taken before the row is read. */
  ticket(): CacheTicket {
    return this.cache.ticket();
  }

  holdsKeyOf(secretId: string): boolean {
    return this.cache.has(secretId);
  }

  /** Precondition: the context is the owner's own, never taken from the row. The caller wipes what it gets. */
  async open(row: SealedRow, context: EncryptionContext, ticket: CacheTicket): Promise<Buffer> {
    if (row.destroyedAt !== null) throw new VaultError('secret_destroyed');
    const envelope = parseEnvelope(row);
    if (!sameContext(row.context, context)) throw new VaultError('context_mismatch');
    return this.cache.withKey(
      row.id,
      envelope.wrappedKey.bytes,
      ticket,
      () => this.keys.unwrap(envelope.wrappedKey, context),
      (dataKey) => decrypt(dataKey, context, envelope),
    );
  }
}
