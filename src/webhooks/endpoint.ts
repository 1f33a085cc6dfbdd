import type { EventFilter } from '../events';
import type { Environment } from '../platform/http';

export const ORDERINGS = ['parallel', 'strict'] as const;
export type Ordering = (typeof ORDERINGS)[number];

/** Why nothing is delivered: the merchant's wish, five days of failures only, or an answer of 410. */
export const DISABLED_REASONS = ['switched_off', 'failing', 'gone'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** What the merchant chooses. Null in the filters: all. */
export interface EndpointSettings {
  readonly url: string;
  readonly description: string | null;
  readonly eventTypes: readonly string[] | null;
  readonly providers: readonly string[] | null;
  readonly integrationIds: readonly string[] | null;
  readonly includeData: boolean;
  readonly ordering: Ordering;
  /** Deliveries a second; null: no limit. */
  readonly ratePerSecond: number | null;
  /** Whether the header of the mirrored API is sent too. */
  readonly mirroredSignature: boolean;
}

export interface WebhookEndpoint extends EndpointSettings {
  readonly id: string;
  readonly merchantId: string;
  readonly environment: Environment;
  readonly disabledReason: DisabledReason | null;
  readonly disabledAt: Date | null;
  readonly secretId: string;
  /** `whpk_…`. */
  readonly publicKey: string;
  readonly previousSecretId: string | null;
  readonly previousUntil: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Which events it is sent: never those about itself. */
export function filterOf({ id, eventTypes: types, providers, integrationIds }: WebhookEndpoint): EventFilter {
  return { types, providers, integrationIds, exceptEndpoint: id };
}

/** How deliveries to an endpoint fare. */
export interface EndpointHealth {
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Its last answer came late. */
  readonly slow: boolean;
  /** Failed tries since the last success. */
  readonly failures: number;
  /** The first of them. */
  readonly failingSince: Date | null;
  readonly lastFailureAt: Date | null;
  readonly lastSuccessAt: Date | null;
  /** Percent of the time until it is disabled that the merchant has been told of: 0, 50 or 75. */
  readonly warned: number;
  /** Nothing is sent before; null: no such wish. */
  readonly notBefore: Date | null;
}

/** An event that failed, or waits behind one in strict order. */
export interface HeldEvent {
  readonly eventId: string;
  readonly position: number;
  readonly integrationId: string | null;
  /** Tries that counted. */
  readonly attempts: number;
  readonly dueAt: Date;
}

/** A part of the log that is delivered once more. */
export interface EventReplay {
  readonly id: string;
  readonly position: number;
  readonly untilPosition: number;
}

export const NEXT_STEPS = ['none', 'retry', 'parked', 'disabled'] as const;

/** One try, as merchants see it. */
export interface Attempt {
  readonly eventId: string;
  readonly eventType: string;
  readonly integrationId: string | null;
  /** From 1; a probe of a failing endpoint has the number of the try that it comes before. */
  readonly attempt: number;
  readonly attemptedAt: Date;
  readonly durationMs: number;
  /** null: there was no answer. */
  readonly status: number | null;
  /** null: delivered. */
  readonly error: string | null;
  /** The first kilobyte of the answer, masked. */
  readonly answer: string | null;
  readonly nextAction: (typeof NEXT_STEPS)[number];
  readonly nextAttemptAt: Date | null;
}
