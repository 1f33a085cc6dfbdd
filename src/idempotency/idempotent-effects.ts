import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RequestContext } from '../platform/http';
import { PlaintextSecret, Vault, type PreparedSecret } from '../vault';
import { contextOf } from './record-context';
import { IdempotencyRepository } from './store/idempotency.repository';

/** What an earlier try of this very request did, as far as its answer has to say. */
export interface Effect<T> {
  readonly outcome: T;
  /** What the answer shows once; null when the operation makes no secret. */
  readonly secret: string | null;
}

/**
 * The effect of a request, noted in the transaction that has it: whoever is killed between its commit and its stored
 * answer has left enough behind for a repetition under the same Idempotency-Key to give the same answer instead of
 * acting twice. Outside of such a request nothing is noted.
 */
@Injectable()
export class IdempotentEffects {
  constructor(
    private readonly records: IdempotencyRepository,
    private readonly vault: Vault,
  ) {}

  /**
   * `work` does its operation in one transaction, and passes the outcome through `keep` in there. An outcome is JSON,
   * and no secret.
   */
  async once<T>(work: (keep: (tx: Tx, outcome: T) => Promise<T>) => Promise<T>): Promise<T> {
    const earlier = await this.recall<T>();
    if (earlier) return earlier.outcome;
    return work(async (tx, outcome) => {
      await this.keep(tx, outcome);
      return outcome;
    });
  }

  /** null: this request has had no effect yet. */
  async recall<T>(): Promise<Effect<T> | null> {
    const id = RequestContext.current()?.idempotencyId;
    const row = id === undefined ? null : await this.records.findEffect(id);
    if (!row) return null;
    return {
      outcome: JSON.parse(row.effect) as T,
      secret: row.secretId === null ? null : await this.open(id!, row.secretId),
    };
  }

  /** For `keep`, before a connection is held. */
  async seal(secret: string): Promise<PreparedSecret | null> {
    const id = RequestContext.current()?.idempotencyId;
    if (id === undefined) return null;
    const plaintext = PlaintextSecret.fromString(secret);
    return this.vault.prepare(contextOf(id), plaintext).finally(() => plaintext.wipe());
  }

  /**
   * In the transaction of the operation. The second of two tries that run at once is refused here, and its operation
   * rolled back.
   */
  async keep(tx: Tx, outcome: unknown, sealed: PreparedSecret | null = null): Promise<void> {
    const id = RequestContext.current()?.idempotencyId;
    if (id === undefined) return;
    const secretId = sealed && (await this.vault.store(tx, sealed));
    if (await this.records.keepEffect(tx, id, { effect: JSON.stringify(outcome ?? null), secretId })) return;
    throw new InterlockError('idempotency_in_progress', { retryAfterSeconds: 1 });
  }

  private async open(recordId: string, secretId: string): Promise<string> {
    const secret = await this.vault.open(secretId, contextOf(recordId), { purpose: 'idempotency.recall' });
    try {
      return secret.reveal();
    } finally {
      secret.wipe();
    }
  }
}
