import { Injectable } from '@nestjs/common';
import { ALGORITHM, decrypt, encrypt, fingerprintOf, parseEnvelope, type Envelope } from './envelope';
import { KeyManagement, type KeyVersion } from './key-management';
import { AAD_VERSION } from './seal-context';
import type { SealedSecretRow } from './store/sealed-secret.repository';
import { VaultError } from './vault-error';

/**
 * Re-wrap: the same data key under another key, ciphertext untouched. Re-encrypt: a new data key and a new ciphertext.
 */
export const ROTATION_MODES = ['rewrap', 'reencrypt'] as const;
export type RotationMode = (typeof ROTATION_MODES)[number];

/** A row as it will be written, if it is still what was read. */
export interface MovedSecret {
  readonly row: SealedSecretRow;
  readonly envelope: Envelope;
  readonly fingerprint: string;
}

export interface FailedSecret {
  readonly id: string;
  /** A transient failure passes by itself: retry this row later. */
  readonly error: VaultError;
}

export type RowOutcome<T> = { readonly done: T } | { readonly failed: FailedSecret };

/** Concurrent calls to key management: far below any quota of KMS, and enough to hide its latency. */
const CONCURRENCY = 16;

/** The cryptography of a rotation, row by row; writes nothing. */
@Injectable()
export class RotationWork {
  constructor(private readonly keys: KeyManagement) {}

  move(rows: readonly SealedSecretRow[], mode: RotationMode, target: KeyVersion): Promise<RowOutcome<MovedSecret>[]> {
    return this.each(rows, (row) => (mode === 'rewrap' ? this.rewrap(row, target) : this.reencrypt(row, target)));
  }

  /** Opens each row once, past the cache: what counts is what lies in the table. */
  verify(rows: readonly SealedSecretRow[]): Promise<RowOutcome<true>[]> {
    return this.each<true>(rows, async (row) => {
      (await this.decryptRow(row)).fill(0);
      return true;
    });
  }

  private async rewrap(row: SealedSecretRow, target: KeyVersion): Promise<MovedSecret> {
    const envelope = parseEnvelope(row);
    const wrappedKey = await this.keys.rewrap(envelope.wrappedKey, row.context, target.keyId);
    return { row, envelope: { ...envelope, wrappedKey }, fingerprint: row.fingerprint };
  }

  private async reencrypt(row: SealedSecretRow, target: KeyVersion): Promise<MovedSecret> {
    const plaintext = await this.decryptRow(row);
    try {
      const { plaintext: dataKey, wrapped } = await this.keys.generateDataKey(row.context, target.keyId);
      try {
        const sealed = encrypt(dataKey, row.context, plaintext);
        const envelope: Envelope = { algorithm: ALGORITHM, aadVersion: AAD_VERSION, wrappedKey: wrapped, ...sealed };
        return { row, envelope, fingerprint: fingerprintOf(sealed) };
      } finally {
        dataKey.fill(0);
      }
    } finally {
      plaintext.fill(0);
    }
  }

  private async decryptRow(row: SealedSecretRow): Promise<Buffer> {
    const envelope = parseEnvelope(row);
    const dataKey = await this.keys.unwrap(envelope.wrappedKey, row.context);
    try {
      return decrypt(dataKey, row.context, envelope);
    } finally {
      dataKey.fill(0);
    }
  }

  private async each<T>(
    rows: readonly SealedSecretRow[],
    work: (row: SealedSecretRow) => Promise<T>,
  ): Promise<RowOutcome<T>[]> {
    const outcomes: RowOutcome<T>[] = [];
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < rows.length) {
        const index = next++;
        outcomes[index] = await work(rows[index]!).then(
          (done) => ({ done }),
          (error: unknown) => ({ failed: toFailure(rows[index]!, error) }),
        );
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    return outcomes;
  }
}

function toFailure(row: SealedSecretRow, error: unknown): FailedSecret {
  if (!(error instanceof VaultError)) throw error;
  return { id: row.id, error };
}
