import type { ErrorCode, NextAction } from '../errors';

/**
 * The closed list of what can be wrong with a provider call. Adapters translate vendor failures into these, never into
 * HTTP codes.
 */
export const VERDICTS = [
  'auth',
  'permission',
  'rate_limited',
  'provider_down',
  'network',
  'contract',
  'configuration',
  'internal',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface VerdictPolicy {
  /** The catalogue code of a sync log entry. */
  readonly code: ErrorCode;
  readonly nextAction: NextAction;
  /** A safe call may be repeated at once, inside the same run. */
  readonly retryInCall: boolean;
  /** A failed run with this verdict is one more consecutive error of the integration. */
  readonly countsTowardsBreaker: boolean;
  /** Automatic sync pauses at the first occurrence: only a person can mend it. */
  readonly pausesAtOnce: boolean;
  /** Several merchants seeing it means that the provider is down, and no merchant is blamed. */
  readonly blamesProvider: boolean;
  /** It says something about the whole account or provider: the other resources of a sync would fail the same way. */
  readonly endsSync: boolean;
  /** The same for the other payments of a push. */
  readonly endsPush: boolean;
  /** Only a person can mend it: payments that wait behind it fail too, instead of asking again and again. */
  readonly failsWaitingPayments: boolean;
  /** How `explain` names a last run that failed so. */
  readonly explainCode: string;
}

export const VERDICT_POLICIES: Readonly<Record<Verdict, VerdictPolicy>> = {
  auth: {
    code: 'provider_credentials_rejected',
    nextAction: 'reconnect',
    retryInCall: false,
    countsTowardsBreaker: true,
    pausesAtOnce: true,
    blamesProvider: false,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: true,
    explainCode: 'credentials_rejected',
  },
  permission: {
    code: 'provider_credentials_rejected',
    nextAction: 'fix_credentials',
    retryInCall: false,
    countsTowardsBreaker: true,
    pausesAtOnce: false,
    blamesProvider: false,
    endsSync: false,
    endsPush: true,
    failsWaitingPayments: true,
    explainCode: 'permission_missing',
  },
  rate_limited: {
    code: 'rate_limited',
    nextAction: 'wait',
    retryInCall: true,
    countsTowardsBreaker: false,
    pausesAtOnce: false,
    blamesProvider: false,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: false,
    explainCode: 'rate_limited',
  },
  provider_down: {
    code: 'provider_error',
    nextAction: 'wait',
    retryInCall: true,
    countsTowardsBreaker: true,
    pausesAtOnce: false,
    blamesProvider: true,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: false,
    explainCode: 'provider_failing',
  },
  network: {
    code: 'provider_timeout',
    nextAction: 'wait',
    retryInCall: true,
    countsTowardsBreaker: true,
    pausesAtOnce: false,
    blamesProvider: true,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: false,
    explainCode: 'provider_unreachable',
  },
  contract: {
    code: 'provider_error',
    nextAction: 'contact_support',
    retryInCall: false,
    countsTowardsBreaker: true,
    pausesAtOnce: false,
    blamesProvider: false,
    endsSync: false,
    endsPush: false,
    failsWaitingPayments: false,
    explainCode: 'provider_answer_not_understood',
  },
  configuration: {
    code: 'invalid_request',
    nextAction: 'fix_request',
    retryInCall: false,
    countsTowardsBreaker: true,
    pausesAtOnce: false,
    blamesProvider: false,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: true,
    explainCode: 'configuration_wrong',
  },
  internal: {
    code: 'internal_error',
    nextAction: 'contact_support',
    retryInCall: false,
    countsTowardsBreaker: false,
    pausesAtOnce: false,
    blamesProvider: false,
    endsSync: true,
    endsPush: true,
    failsWaitingPayments: false,
    explainCode: 'internal_failure',
  },
};

/**
 * A provider call that failed, with its class. The message is fit for merchants: no credential, no personal data, no
 * URL.
 */
export class ProviderFailure extends Error {
  readonly verdict: Verdict;
  /** HTTP status of the provider's answer, when there was one. */
  readonly status: number | null;
  /** The provider's own message: at most 200 characters, credentials and e-mail addresses masked. */
  readonly providerMessage: string | null;
  readonly retryAfterMs: number | null;
  /** The answer did not come in time, as opposed to: no connection, or a broken one. */
  readonly timedOut: boolean;
  /** No byte of the request left: a POST may be repeated. */
  readonly nothingSent: boolean;
  /**
   * `configuration` only: the request field that must change, for example `credentials.baseUrl`; the message is its
   * rule.
   */
  readonly field: string | null;
  /**
   * Repeating at once cannot help, whatever the verdict says: a name that does not exist, a certificate that does not
   * fit.
   */
  readonly final: boolean;
  /**
   * What is wrong with the address itself, as a rule of the field that names it: no such name, the certificate of
   * another host, a web page. null: nothing that is known. Whether it blames that field is the caller's to say: an
   * address that has worked is not mistyped.
   */
  readonly addressRule: string | null;
  /**
   * It says nothing of the provider: a lease, a budget or a cancellation of the caller’s own. Others that wait for the
   * same call are not told so.
   */
  readonly ours: boolean;
  /** The answer was good, and larger than one may be: what asks for a list may ask for fewer rows at once. */
  readonly tooLarge: boolean;

  constructor(
    verdict: Verdict,
    message: string,
    details: {
      status?: number;
      providerMessage?: string | null;
      retryAfterMs?: number | null;
      timedOut?: boolean;
      nothingSent?: boolean;
      field?: string | null;
      final?: boolean;
      addressRule?: string | null;
      tooLarge?: boolean;
      ours?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderFailure';
    this.verdict = verdict;
    this.status = details.status ?? null;
    this.providerMessage = details.providerMessage ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.timedOut = details.timedOut ?? false;
    this.nothingSent = details.nothingSent ?? false;
    this.field = details.field ?? null;
    this.final = details.final ?? false;
    this.addressRule = details.addressRule ?? null;
    this.ours = details.ours ?? false;
    this.tooLarge = details.tooLarge ?? false;
  }
}

/** Between our words and a provider's, wherever both are one text. */
export const PROVIDER_SAID = ' The provider said: ';
