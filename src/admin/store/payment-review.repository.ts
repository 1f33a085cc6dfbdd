import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';

/** A payment with an unknown outcome. No personal field. */
export interface HeldPayment {
  readonly id: string;
  readonly integrationId: string;
  readonly merchantName: string | null;
  readonly provider: string;
  readonly environment: string;
  readonly reference: string;
  /** What to look for at the provider. */
  readonly providerReference: string;
  readonly externalInvoiceId: string;
  readonly externalCustomerId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly createdAt: Date;
  /** When it was first held. */
  readonly heldAt: Date;
  /** An operator has it searched for at the provider. */
  readonly isSearched: boolean;
  /** A run asks the provider at this moment: until it has ended nobody can say that the payment was not taken. */
  readonly isSearchRunning: boolean;
  /** Why the run that searches has not begun, or does not go on; null: nothing is known to keep it. */
  readonly searchWaitReason: string | null;
  /** Until when at least the search waits; null: it does not. */
  readonly searchWaitsUntil: Date | null;
}

/** As a run says it; or why none begins. */
const WAIT_REASON = `CASE WHEN r.state = 'queued' THEN r.wait_reason
  WHEN r.id IS NOT NULL THEN NULL
  WHEN i.state <> 'active' THEN 'integration_not_active'
  WHEN i.configuration->>'pushPayments' IS DISTINCT FROM 'true' THEN 'payments_switched_off' END`;

@Injectable()
export class PaymentReviewRepository {
  constructor(private readonly database: Database) {}

  /** The newest first. */
  page(
    filter: { provider?: string; environment?: string; integrationId?: string },
    after: Position | null,
    limit: number,
  ): Promise<(HeldPayment & { micros: string })[]> {
    return this.database.query(
      `SELECT p.id, p.integration_id AS "integrationId", m.name AS "merchantName", i.provider, i.environment, p.reference,
         p.provider_reference AS "providerReference", p.external_invoice_id AS "externalInvoiceId",
         p.external_customer_id AS "externalCustomerId", p.amount_minor AS "amountMinor", p.currency,
         p.created_at AS "createdAt", p.held_at AS "heldAt", p.is_searched AS "isSearched",
         p.is_searched AND coalesce(r.state = 'running' AND r.lease_until > now(), false) AS "isSearchRunning",
         CASE WHEN p.is_searched THEN ${WAIT_REASON} END AS "searchWaitReason",
         CASE WHEN p.is_searched THEN nullif(greatest(r.not_before, p.next_attempt_at, now()), now()) END AS "searchWaitsUntil",
         ${microsOf('p.created_at')} AS micros
       FROM payment_review_view p JOIN integration_view i ON i.id = p.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id
         LEFT JOIN sync_run_view r ON r.id = p.run_id AND r.state IN ('waiting', 'queued', 'running')
       WHERE ($1::text IS NULL OR i.provider = $1) AND ($2::text IS NULL OR i.environment = $2)
         AND ($3::uuid IS NULL OR p.integration_id = $3) AND ${olderThan('p.created_at', 'p.id', '$4', '$5')}
       ORDER BY p.created_at DESC, p.id DESC LIMIT $6`,
      [
        filter.provider ?? null,
        filter.environment ?? null,
        filter.integrationId ?? null,
        ...positionValues(after),
        limit + 1,
      ],
    );
  }
}
