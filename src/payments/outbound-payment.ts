import { createHash } from 'node:crypto';
import type { ErrorCode, NextAction } from '../platform/errors';
import type { Verdict } from '../platform/outbound';

/** What the merchant sees. `failed` waits for another request; `needs_review` is never sent again by itself. */
export const PUSH_STATUSES = ['queued', 'pushed', 'failed', 'needs_review'] as const;
export type PushStatus = (typeof PUSH_STATUSES)[number];

/**
 * What is known to have happened at the provider. The three `…ing` steps mean that a call may or may not have taken
 * effect.
 */
export const PUSH_STEPS = ['queued', 'creating', 'created', 'allocating', 'allocated', 'logging', 'logged'] as const;
export type PushStep = (typeof PUSH_STEPS)[number];

export interface PushError {
  readonly code: ErrorCode;
  readonly verdict: Verdict;
  readonly message: string;
  readonly nextAction: NextAction;
}

/** What the merchant asked to be pushed. The same reference stands for the same content, for ever. */
export interface PaymentContent {
  readonly externalInvoiceId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: string;
  readonly paidAt: Date;
  readonly reference: string;
}

/**
 * Whether an unknown call may have been made. `slight`: one search decides. `grave`: it may have been made moments ago,
 * so it takes as many searches as a lost answer.
 */
export type Doubt = 'slight' | 'grave';

/** The state of a payment: everything that the rules of pushing use. */
export interface PushPosition {
  readonly step: PushStep;
  readonly status: PushStatus;
  /** Failures since the last progress. */
  readonly attempts: number;
  /** Searches for an unknown outcome that found nothing. */
  readonly searches: number;
  /** In the middle of a call that was not made: search first, and call when nothing is found. */
  readonly doubt: Doubt | null;
}

export interface OutboundPaymentRow extends PaymentContent, PushPosition {
  readonly id: string;
  readonly integrationId: string;
  /** The account it was asked for: it is never pushed to another one. */
  readonly epoch: number;
  /** Our reference, unique per payment: an unknown outcome is searched for by it. */
  readonly providerReference: string;
  readonly externalCustomerId: string;
  readonly externalMethodId: string;
  readonly externalPaymentId: string | null;
  /** The run that does, or did last, something about it. */
  readonly runId: string;
  readonly errorCode: ErrorCode | null;
  readonly error: string | null;
  readonly nextAction: NextAction | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Our reference of a payment, as a UUID. The same payment always gets the same one: a repeated request finds it at the
 * provider even when its row was lost with a database.
 */
export function providerReferenceOf(integrationId: string, reference: string): string {
  const digest = createHash('sha256').update(`interlock payment\n${integrationId}\n${reference}`).digest();
  // a UUID of version 8, whose bits the application defines
  digest[6] = (digest[6]! & 0x0f) | 0x80;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  return digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function isSameContent(one: PaymentContent, other: PaymentContent): boolean {
  return (
    one.reference === other.reference &&
    one.externalInvoiceId === other.externalInvoiceId &&
    one.amountMinor === other.amountMinor &&
    one.currency === other.currency &&
    one.method === other.method &&
    one.paidAt.getTime() === other.paidAt.getTime()
  );
}
