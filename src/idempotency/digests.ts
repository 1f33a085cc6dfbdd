import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../platform/database';
import { PlaintextSecret, Vault, type SealContext } from '../vault';
import { IdempotencyRepository } from './store/idempotency.repository';

const KEY_BYTES = 32;
const CONTEXT: SealContext = { purpose: 'idempotent_response', ownerId: 'digest-key' };

/**
 * Digests of requests under one secret key, which the vault seals. A salt in each row would not do: a body may hold a
 * weak credential, and whoever reads the table could try guesses against row and salt. This way the table alone tells
 * nothing.
 */
@Injectable()
export class Digests {
  private key: Promise<Buffer> | null = null;

  constructor(
    private readonly records: IdempotencyRepository,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Precondition: `domain` keeps digests of different things apart. */
  async digest(domain: string, ...parts: string[]): Promise<Buffer> {
    const mac = createHmac('sha256', await this.loaded());
    // lengths, so that no two lists of parts read the same
    for (const part of [domain, ...parts]) mac.update(`${Buffer.byteLength(part)}:`).update(part);
    return mac.digest();
  }

  private loaded(): Promise<Buffer> {
    if (!this.key) {
      this.key = this.load();
      // a failure is not kept
      this.key.catch(() => (this.key = null));
    }
    return this.key;
  }

  private async load(): Promise<Buffer> {
    const secretId = (await this.records.findDigestKey()) ?? (await this.make());
    const secret = await this.vault.open(secretId, CONTEXT, { purpose: 'idempotency.digest' });
    try {
      return Buffer.from(secret.reveal(), 'base64');
    } finally {
      secret.wipe();
    }
  }

  /** Of several processes that start together one makes it; the others take that one. */
  private async make(): Promise<string> {
    const plaintext = PlaintextSecret.fromString(randomBytes(KEY_BYTES).toString('base64'));
    const prepared = await this.vault.prepare(CONTEXT, plaintext).finally(() => plaintext.wipe());
    return this.unitOfWork.run(async (tx) => {
      await this.records.lockDigestKey(tx);
      const made = await this.records.findDigestKey(tx);
      if (made !== null) return made;
      const secretId = await this.vault.store(tx, prepared);
      await this.records.insertDigestKey(tx, secretId);
      return secretId;
    });
  }
}
