import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { OutboundPaymentRow, PushError, PushStep } from '../outbound-payment';
import type { DoubtError } from '../push-failure';
import { MAX_SEARCHES, type PushChange } from '../push-rules';
import type { SendingFacts } from '../sending-rules';

const COLUMNS = `p.id, p.integration_id AS "integrationId", p.epoch, p.reference, p.provider_reference AS "providerReference",
  p.external_invoice_id AS "externalInvoiceId", p.external_customer_id AS "externalCustomerId",
  p.external_method_id AS "externalMethodId", p.method, p.amount_minor AS "amountMinor", p.currency, p.paid_at AS "paidAt",
  p.status, p.step, p.external_payment_id AS "externalPaymentId", p.attempts, p.searches, p.doubt, p.run_id AS "runId",
  p.error_code AS "errorCode", p.error, p.next_action AS "nextAction", p.created_at AS "createdAt",
  p.updated_at AS "updatedAt"`;

const NO_ERROR = `error_code = NULL, error_verdict = NULL, error = NULL, next_action = NULL`;
/** Its log entry was given a retry, which is not the run that has it already. */
const RETRIED = `EXISTS (SELECT 1 FROM sync_log_view l
  WHERE l.run_id = p.run_id AND l.resource_type = 'payment_pushes' AND l.retry_run_id <> p.run_id)`;
const NOT_WORKED_ON = `NOT EXISTS (SELECT 1 FROM sync_run_view r WHERE r.id = outbound_payments.run_id AND r.state = 'running' AND r.lease_until > now())`;
const AT_REST = `('queued', 'created', 'allocated')`;
/** The payment advances, and not through a search for a doubtful call: the next call was not made yet. */
const ADVANCES = `(step, $3) IN (('creating', 'created'), ('allocating', 'allocated')) AND doubt IS NULL`;

export interface EndedPayment extends Pick<OutboundPaymentRow, 'id' | 'amountMinor' | 'currency'> {
  readonly status: 'failed' | 'needs_review';
}

export type NewOutboundPayment = Pick<
  OutboundPaymentRow,
  | 'id'
  | 'integrationId'
  | 'epoch'
  | 'reference'
  | 'providerReference'
  | 'externalInvoiceId'
  | 'externalCustomerId'
  | 'externalMethodId'
  | 'method'
  | 'amountMinor'
  | 'currency'
  | 'paidAt'
  | 'runId'
>;

/** Why payments end: those with a known outcome, and those with an unknown one. */
export interface EndReasons {
  readonly certain: PushError;
  readonly inDoubt: DoubtError;
}

/** Precondition of every method that takes a transaction: the caller holds the integration's row lock. */
@Injectable()
export class OutboundPaymentRepository {
  constructor(private readonly database: Database) {}

  async find(integrationId: string, id: string): Promise<OutboundPaymentRow | null> {
    const rows = await this.database.query<OutboundPaymentRow>(
      `SELECT ${COLUMNS} FROM outbound_payments p WHERE p.integration_id = $1 AND p.id = $2`,
      [integrationId, id],
    );
    return rows[0] ?? null;
  }

  /** For operators, who know the id of a payment and not its merchant. */
  async findAnywhere(id: string): Promise<Pick<OutboundPaymentRow, 'integrationId' | 'reference'> | null> {
    const rows = await this.database.query<Pick<OutboundPaymentRow, 'integrationId' | 'reference'>>(
      `SELECT integration_id AS "integrationId", reference FROM outbound_payments WHERE id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  async readByReference(tx: Tx, integrationId: string, reference: string): Promise<OutboundPaymentRow | null> {
    const rows = await sqlOf(tx).query<OutboundPaymentRow>(
      `SELECT ${COLUMNS} FROM outbound_payments p WHERE p.integration_id = $1 AND p.reference = $2`,
      [integrationId, reference],
    );
    return rows[0] ?? null;
  }

  /**
   * What other pushes of the account take of an invoice that the record does not show for certain: all that may still
   * come, or of which the provider may have something; and what was allocated, until the record has changed since that
   * was begun *and* a whole scan has read what was there when it was done. The change alone is not enough: the page
   * that brought it may have been read before and stored after, or have been behind.
   */
  async reservedMinor(
    tx: Tx,
    integration: { id: string; epoch: number },
    invoice: { externalId: string; syncedAt: Date; readFrom: Date | null },
    exceptId: string | null,
  ): Promise<number> {
    const rows = await sqlOf(tx).query<{ reserved: number }>(
      `SELECT coalesce(sum(amount_minor), 0)::bigint AS reserved FROM outbound_payments
       WHERE integration_id = $1 AND external_invoice_id = $2 AND id IS DISTINCT FROM $3::uuid AND epoch = $4
         AND CASE WHEN allocated_at IS NULL THEN status <> 'failed' OR step <> 'queued'
             ELSE NOT coalesce(coalesce(allocation_begun_at, allocated_at) < $5 AND allocated_at < $6, false) END`,
      [integration.id, invoice.externalId, exceptId, integration.epoch, invoice.syncedAt, invoice.readFrom],
    );
    return rows[0]!.reserved;
  }

  async insert(tx: Tx, payment: NewOutboundPayment): Promise<OutboundPaymentRow> {
    const rows = await sqlOf(tx).query<OutboundPaymentRow>(
      `INSERT INTO outbound_payments AS p (id, integration_id, epoch, reference, provider_reference, external_invoice_id,
         external_customer_id, external_method_id, method, amount_minor, currency, paid_at, run_id, status, step)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'queued', 'queued') RETURNING ${COLUMNS}`,
      [
        payment.id,
        payment.integrationId,
        payment.epoch,
        payment.reference,
        payment.providerReference,
        payment.externalInvoiceId,
        payment.externalCustomerId,
        payment.externalMethodId,
        payment.method,
        payment.amountMinor,
        payment.currency,
        payment.paidAt,
        payment.runId,
      ],
    );
    return rows[0]!;
  }

  /** A failed payment goes on where it stopped. */
  async requeue(
    tx: Tx,
    id: string,
    change: { runId: string; epoch: number; externalCustomerId: string; externalMethodId: string },
  ): Promise<OutboundPaymentRow> {
    const rows = await sqlOf(tx).query<OutboundPaymentRow>(
      `UPDATE outbound_payments p SET status = 'queued', attempts = 0, searches = 0, next_attempt_at = now(), run_id = $2,
         epoch = $3, external_customer_id = $4, external_method_id = $5, ${NO_ERROR}, updated_at = now()
       WHERE id = $1 AND status = 'failed' RETURNING ${COLUMNS}`,
      [id, change.runId, change.epoch, change.externalCustomerId, change.externalMethodId],
    );
    return rows[0]!;
  }

  /**
   * A retry of the log entry ends the wait for the next try. An unknown outcome keeps its delay: an earlier search
   * finds less.
   */
  async hastenRetried(tx: Tx, integrationId: string): Promise<number> {
    return sqlOf(tx).execute(
      `UPDATE outbound_payments p SET attempts = 0, searches = 0, next_attempt_at = now(), ${NO_ERROR}, updated_at = now()
       WHERE integration_id = $1 AND status = 'queued' AND next_attempt_at > now() AND step IN ${AT_REST} AND ${RETRIED}`,
      [integrationId],
    );
  }

  /**
   * Failed pushes whose log entry was given a retry since, the oldest first. Not those that a person or an erasure
   * ended, or that were asked for another account (all `conflict`, which no call ends with): they go out again only
   * when they are asked for.
   */
  async retriedFailures(tx: Tx, integrationId: string, limit: number): Promise<OutboundPaymentRow[]> {
    return sqlOf(tx).query<OutboundPaymentRow>(
      `SELECT ${COLUMNS} FROM outbound_payments p WHERE integration_id = $1 AND status = 'failed' AND p.error_code <> 'conflict' AND ${RETRIED}
       ORDER BY created_at, id LIMIT $2`,
      [integrationId, limit],
    );
  }

  /** A failed payment that was asked for again and may not go on. It is in the hands of the run that found out. */
  async failAgain(tx: Tx, id: string, runId: string, error: PushError): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE outbound_payments SET run_id = $2, error_code = $3, error_verdict = $4, error = $5, next_action = $6, updated_at = now()
       WHERE id = $1 AND status = 'failed'`,
      [id, runId, error.code, error.verdict, error.message, error.nextAction],
    );
  }

  /** A payment in review is searched for once more: what is left of its searches is the last one. It stays listed. */
  async searchAgain(tx: Tx, id: string, runId: string): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE outbound_payments SET status = 'queued', attempts = 0, searches = $3, doubt = NULL, next_attempt_at = now(), run_id = $2,
         held_at = coalesce(held_at, updated_at), ${NO_ERROR}, updated_at = now()
       WHERE id = $1 AND status = 'needs_review'`,
      [id, runId, MAX_SEARCHES - 1],
    );
  }

  /**
   * A payment in review was never made: nothing of it is at the provider. False: it is not in review, or a run searches
   * for it at this moment, and may find it.
   */
  async release(tx: Tx, id: string, error: PushError): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `UPDATE outbound_payments SET status = 'failed', step = 'queued', attempts = 0, searches = 0, doubt = NULL, held_at = NULL,
         error_code = $2, error_verdict = $3, error = $4, next_action = $5, updated_at = now()
       WHERE id = $1 AND (status = 'needs_review' OR status = 'queued' AND step = 'creating' AND held_at IS NOT NULL AND ${NOT_WORKED_ON})`,
      [id, error.code, error.verdict, error.message, error.nextAction],
    );
    return count === 1;
  }

  /** The due payment that has waited longest, now in the hands of this run. */
  async takeDue(tx: Tx, integrationId: string, epoch: number, runId: string): Promise<OutboundPaymentRow | null> {
    const rows = await sqlOf(tx).query<OutboundPaymentRow>(
      `UPDATE outbound_payments p SET run_id = $3 WHERE p.id = (
         SELECT id FROM outbound_payments
         WHERE integration_id = $1 AND status = 'queued' AND epoch = $2 AND next_attempt_at <= now()
         ORDER BY next_attempt_at, created_at, id LIMIT 1)
       RETURNING ${COLUMNS}`,
      [integrationId, epoch, runId],
    );
    return rows[0] ?? null;
  }

  /**
   * The commit of this transaction is kept as safely as the server can keep it, whatever it does by default: on disk
   * here, and where standbys are waited for, applied there.
   */
  async keepDurably(tx: Tx): Promise<void> {
    await sqlOf(tx).query(
      `SELECT set_config('synchronous_commit',
         CASE WHEN current_setting('synchronous_standby_names') = '' THEN 'on' ELSE 'remote_apply' END, true)`,
    );
  }

  /**
   * About the call that a payment at rest waits for. `upMs`: how long this process has run. A payment whose creation
   * was called here repeats no lost one; one that was found by a search may, with its later calls too.
   */
  async sendingFacts(tx: Tx, id: string, upMs: number): Promise<SendingFacts> {
    const rows = await sqlOf(tx).query<SendingFacts>(
      `SELECT p.tried, p.rested_in <> current.incarnation AS "otherDatabase",
         p.rested_at < greatest(clock_timestamp() - $2 * interval '1 millisecond', pg_postmaster_start_time())
           AS "outlivedStart",
         CASE WHEN p.rested_at > p.created_at THEN 'no'
           WHEN g.incarnation <> current.incarnation OR p.created_at < g.since + interval '20 minutes' THEN 'minutes'
           WHEN p.created_at < g.since + interval '7 days' THEN 'days' ELSE 'no' END AS "mayRepeatLost"
       FROM outbound_payments p, database_generation_view g, database_incarnation() AS current (incarnation) WHERE p.id = $1`,
      [id, upMs],
    );
    return rows[0]!;
  }

  /** Moves a payment on. False: it does not stand where the caller believes. */
  async apply(
    tx: Tx,
    id: string,
    from: PushStep,
    change: PushChange & { externalPaymentId: string | null },
  ): Promise<boolean> {
    const count = await sqlOf(tx).execute(
      `UPDATE outbound_payments SET step = $3, status = $4, attempts = $5, searches = $6,
         next_attempt_at = now() + $7 * interval '1 millisecond', external_payment_id = $8, error_code = $9,
         error_verdict = $10, error = $11, next_action = $12,
         allocation_begun_at = CASE WHEN $3 <> 'allocating' THEN allocation_begun_at
           WHEN doubt IS NOT NULL AND $13::text IS NULL THEN now()
           ELSE coalesce(allocation_begun_at, CASE WHEN $13::text IS NULL THEN now() ELSE rested_at END) END,
         allocated_at = CASE WHEN $3 IN ('allocated', 'logging', 'logged') THEN coalesce(allocated_at, now()) END,
         rested_in = CASE WHEN ${ADVANCES} THEN database_incarnation() ELSE rested_in END,
         rested_at = CASE WHEN ${ADVANCES} THEN now() ELSE rested_at END,
         tried = CASE WHEN ${ADVANCES} THEN false ELSE tried OR $3 NOT IN ${AT_REST} AND $13::text IS NULL END,
         doubt = $13, held_at = CASE WHEN $4 = 'needs_review' THEN coalesce(held_at, now()) ELSE held_at END, updated_at = now()
       WHERE id = $1 AND step = $2 AND status = 'queued'`,
      [
        id,
        from,
        change.step,
        change.status,
        change.attempts,
        change.searches,
        change.waitMs,
        change.externalPaymentId,
        change.error?.code ?? null,
        change.error?.verdict ?? null,
        change.error?.message ?? null,
        change.error?.nextAction ?? null,
        change.doubt,
      ],
    );
    return count === 1;
  }

  /** All that is due waits: what failed for one would fail for all. */
  async postponeDue(tx: Tx, integrationId: string, waitMs: number): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE outbound_payments SET next_attempt_at = now() + $2 * interval '1 millisecond'
       WHERE integration_id = $1 AND status = 'queued' AND next_attempt_at <= now()`,
      [integrationId, waitMs],
    );
  }

  /** Fails what is due and in no call, with the reason. An unknown outcome is not known to have failed, so it stays. */
  async failDue(tx: Tx, integrationId: string, runId: string, error: PushError): Promise<EndedPayment[]> {
    const due = `integration_id = $integrationId AND status = 'queued' AND next_attempt_at <= now() AND step IN ${AT_REST}`;
    return this.end(tx, 'failed', error, runId, due, { integrationId });
  }

  /** Payments of an account that the integration no longer opens: they can neither be made nor searched for. */
  async retireOlderEpochs(
    tx: Tx,
    integration: { id: string; epoch: number },
    runId: string,
    reasons: EndReasons,
  ): Promise<EndedPayment[]> {
    const older = `integration_id = $integrationId AND epoch < $epoch AND status = 'queued'`;
    const values = { integrationId: integration.id, epoch: integration.epoch };
    return [
      ...(await this.end(tx, 'needs_review', reasons.inDoubt, runId, `${older} AND step = 'creating'`, values)),
      ...(await this.end(tx, 'failed', reasons.certain, runId, older, values)),
    ];
  }

  /**
   * Ends all waiting payments and removes the provider's texts. Paid ones stay: they are the merchant's proof, and hold
   * ids and amounts only.
   */
  async eraseTraces(tx: Tx, integrationId: string, reasons: EndReasons): Promise<void> {
    const inDoubt = `integration_id = $integrationId AND (status = 'needs_review' OR status = 'queued' AND step = 'creating')`;
    await this.end(tx, 'needs_review', reasons.inDoubt, null, inDoubt, { integrationId });
    const unpaid = `integration_id = $integrationId AND status IN ('queued', 'failed')`;
    await this.end(tx, 'failed', reasons.certain, null, unpaid, { integrationId });
  }

  private async end(
    tx: Tx,
    status: EndedPayment['status'],
    error: PushError | DoubtError,
    runId: string | null,
    condition: string,
    values: { integrationId: string; epoch?: number },
  ): Promise<EndedPayment[]> {
    return sqlOf(tx).query<EndedPayment>(
      `UPDATE outbound_payments SET status = $status, run_id = coalesce($runId, run_id), error_code = $code,
         error_verdict = $verdict, error = replace($message, '{reference}', provider_reference), next_action = $nextAction,
         held_at = CASE WHEN $status = 'needs_review' THEN coalesce(held_at, CASE status WHEN 'needs_review' THEN updated_at END, now())
           ELSE held_at END,
         updated_at = now()
       WHERE ${condition} RETURNING id, amount_minor AS "amountMinor", currency, status`,
      {
        status,
        runId,
        code: error.code,
        verdict: error.verdict,
        message: error.message,
        nextAction: error.nextAction,
        ...values,
      },
    );
  }

  /**
   * What went wrong with payments of a run and still is: the failed ones first, then those to review, then those that
   * wait.
   */
  async worstOf(tx: Tx, runId: string): Promise<(PushError & { status: string }) | null> {
    const rows = await sqlOf(tx).query<PushError & { status: string }>(
      `SELECT status, error_code AS code, error_verdict AS verdict, error AS message, next_action AS "nextAction"
       FROM outbound_payments WHERE run_id = $1 AND error_code IS NOT NULL AND status <> 'pushed'
       ORDER BY array_position(ARRAY['failed', 'needs_review', 'queued'], status), updated_at, id LIMIT 1`,
      [runId],
    );
    return rows[0] ?? null;
  }

  /** Integrations that have something due and no run that would do it. */
  async stranded(limit: number): Promise<string[]> {
    const rows = await this.database.query<{ integrationId: string }>(
      `SELECT DISTINCT p.integration_id AS "integrationId" FROM outbound_payments p
       JOIN integration_view i ON i.id = p.integration_id
       WHERE p.status = 'queued' AND p.next_attempt_at <= now() AND i.state = 'active'
         AND i.configuration->>'pushPayments' = 'true'
         AND NOT EXISTS (SELECT 1 FROM sync_run_view r WHERE r.integration_id = p.integration_id AND r.lane = 'push'
                           AND r.state IN ('waiting', 'queued', 'running'))
       LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.integrationId);
  }
}
