import { Injectable } from '@nestjs/common';
import { DataKeyCache, type CacheTicket } from './data-key-cache';
import { decrypt, encrypt, parseEnvelope, type Ciphertext, type Envelope, type RawEnvelope } from './envelope';
import { KeyManagement } from './key-management';
import { sameContext, type EncryptionContext } from './seal-context';
import { VaultError } from './vault-error';

/** A sealed row: nothing about it is trusted. */
export interface SealedRow extends RawEnvelope {
  readonly id: string;
  readonly context: EncryptionContext;
  readonly destroyedAt: Date | null;
}

export interface Sealer {
  seal(plaintext: Buffer): Ciphertext;
  /** Zeroes the key. */
  end(): void;
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
    return this.withKey(row, context, ticket, (dataKey, envelope) => decrypt(dataKey, context, envelope));
  }

  /**
   * Seals other plaintexts under the row's own data key, which is at hand from now on: key management may be away when
   * they are there. The caller ends it.
   */
  async sealer(row: SealedRow, context: EncryptionContext, ticket: CacheTicket): Promise<Sealer> {
    const own = await this.withKey(row, context, ticket, (dataKey) => Buffer.from(dataKey));
    return { seal: (plaintext) => encrypt(own, context, plaintext), end: () => void own.fill(0) };
  }

  private async withKey<T>(
    row: SealedRow,
    context: EncryptionContext,
    ticket: CacheTicket,
    use: (dataKey: Buffer, envelope: Envelope) => T,
  ): Promise<T> {
    if (row.destroyedAt !== null) throw new VaultError('secret_destroyed');
    const envelope = parseEnvelope(row);
    if (!sameContext(row.context, context)) throw new VaultError('context_mismatch');
    return this.cache.withKey(
      row.id,
      envelope.wrappedKey.bytes,
      ticket,
      () => this.keys.unwrap(envelope.wrappedKey, context),
      (dataKey) => use(dataKey, envelope),
    );
  }
}
