import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { Caller } from '../platform/http';
import { PlaintextSecret, Vault } from '../vault';
import { isStored, type RepeatableAnswer } from './answer';
import { canonicalBody } from './canonical-json';
import { Digests } from './digests';
import { contextOf } from './record-context';
import { IdempotencyRepository, type EndedRecord, type IdempotencyRow } from './store/idempotency.repository';

/** A killed process blocks its keys no longer than this; a living one renews in time. */
const LEASE_MS = 60_000;
const RENEW_MS = 20_000;
const LIFETIME_MS = 24 * 3_600_000;
const RETRY_AFTER_SECONDS = 2;
const MAX_CLAIM_ATTEMPTS = 5;

export interface IdempotentRequest {
  readonly caller: Caller;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
  /** The query parameters that the answer follows from. */
  readonly query: Readonly<Record<string, unknown>>;
}

/** The right to run a request: one holder at a time. */
export interface Ticket {
  readonly id: string;
  readonly leaseToken: string;
}

export type Claim = { readonly run: Ticket } | { readonly replay: RepeatableAnswer };

/** One effect per Idempotency-Key, whatever is repeated, wherever it arrives, and whoever dies on the way. */
@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger('idempotency');

  constructor(
    private readonly records: IdempotencyRepository,
    private readonly digests: Digests,
    private readonly vault: Vault,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Run it, or give the stored answer again; 409 when the key stands for another body or query, or its request is still
   * running.
   */
  async claim(request: IdempotentRequest): Promise<Claim> {
    const { caller, method, path } = request;
    const scope = await this.digests.digest(
      'scope',
      caller.kind,
      caller.id,
      caller.merchantId ?? '',
      caller.environment ?? '',
      method,
      path,
      request.key,
    );
    const fingerprint = await this.digests.digest('body', canonical(request.body), ...querySaid(request.query));
    for (let attempt = 0; attempt < MAX_CLAIM_ATTEMPTS; attempt++) {
      const leaseToken = randomUUID();
      const id = await this.records.claim({
        id: randomUUID(),
        scope,
        fingerprint,
        leaseToken,
        leaseMs: LEASE_MS,
        lifetimeMs: LIFETIME_MS,
      });
      if (id !== null) return { run: { id, leaseToken } };
      const row = await this.records.find(scope);
      // it was released or cleaned up in between
      if (!row) continue;
      if (row.expired) {
        await this.end(scope);
        continue;
      }
      if (!row.fingerprint.equals(fingerprint)) throw new InterlockError('idempotency_conflict');
      if (row.state === 'done') return { replay: await this.answerOf(row) };
      break;
    }
    throw new InterlockError('idempotency_in_progress', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  /** Keeps the lease while the request runs, however long the provider takes. Returns how to stop. */
  hold(ticket: Ticket): () => void {
    const timer = setInterval(() => {
      this.records
        .renew(ticket.id, ticket.leaseToken, LEASE_MS)
        .then((held) => {
          if (!held) clearInterval(timer);
        })
        .catch((error: unknown) => this.logger.warn({ msg: 'a lease was not renewed', err: error }));
    }, RENEW_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /**
   * Keeps the answer for its repetitions, or frees the key when it is not one to keep. A failure here never takes the
   * answer from the caller, whose request was carried out: the lease lapses, and a repetition runs again.
   */
  async finish(ticket: Ticket, answer: RepeatableAnswer, options: { secret: boolean }): Promise<void> {
    try {
      if (!isStored(answer)) await this.records.release(ticket.id, ticket.leaseToken);
      else await this.store(ticket, answer, options.secret && !('error' in answer));
    } catch (error) {
      this.logger.error({ msg: 'an idempotent answer was not stored', err: error });
    }
  }

  private async store(ticket: Ticket, answer: RepeatableAnswer, secret: boolean): Promise<void> {
    const { status, headers, ...rest } = answer;
    const text = JSON.stringify(rest);
    // key management is asked before a connection is held
    const prepared = secret ? await this.vault.prepare(contextOf(ticket.id), PlaintextSecret.fromString(text)) : null;
    await this.unitOfWork.run(async (tx) => {
      const secretId = prepared ? await this.vault.store(tx, prepared) : null;
      const stored = { status, headers, answer: secretId === null ? text : null, secretId };
      // taken over: the sealed copy must not stay either
      if (!(await this.records.complete(tx, ticket.id, ticket.leaseToken, stored)))
        throw new Error('the lease was lost');
    });
  }

  private async answerOf(row: IdempotencyRow): Promise<RepeatableAnswer> {
    let text = row.answer;
    if (row.secretId !== null) {
      const secret = await this.vault.open(row.secretId, contextOf(row.id), { purpose: 'idempotency.replay' });
      text = secret.reveal();
      secret.wipe();
    }
    return { status: row.status!, headers: row.headers ?? {}, ...(JSON.parse(text!) as object) } as RepeatableAnswer;
  }

  /** Ends an expired record that stands in the way. */
  private async end(scope: Buffer): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const record = await this.records.lockExpiredScope(tx, scope);
      if (record) await this.drop(tx, [record]);
    });
  }

  /** Returns how many of the expired it removed: fewer than the limit means that none is left. */
  async removeExpired(limit: number): Promise<number> {
    return this.unitOfWork.run(async (tx) => {
      const expired = await this.records.lockExpired(tx, limit);
      await this.drop(tx, expired);
      return expired.length;
    });
  }

  private async drop(tx: Tx, records: readonly EndedRecord[]): Promise<void> {
    const secretIds = records.flatMap(({ secretId, effectSecretId }) => [secretId, effectSecretId]);
    for (const secretId of secretIds) if (secretId !== null) await this.vault.destroy(tx, secretId);
    await this.records.delete(
      tx,
      records.map(({ id }) => id),
    );
  }
}

/** No part where nothing is said: most requests have no query. */
function querySaid(query: IdempotentRequest['query']): string[] {
  return Object.keys(query).length === 0 ? [] : [canonical(query)];
}

/** A body that is left out counts as an empty one. */
function canonical(body: unknown): string {
  return canonicalBody(body ?? {});
}
