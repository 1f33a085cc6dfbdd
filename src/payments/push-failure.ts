import type { InterlockError } from '../platform/errors';
import { PROVIDER_SAID, ProviderFailure } from '../platform/outbound';
import { RunWork } from '../sync';
import type { PushError } from './outbound-payment';
import { outcomeOf } from './push-rules';

/** A failed call as the payment, its log entry and the merchant see it. */
export function pushErrorOf(thrown: unknown): PushError {
  const { code, verdict, nextAction, message } = RunWork.failureOf(thrown);
  // the provider understood, and was understood: it said no
  if (verdict === 'contract' && outcomeOf(thrown) === 'refused') {
    const said = thrown instanceof ProviderFailure && thrown.providerMessage;
    const words = said ? PROVIDER_SAID + said : '';
    return { code, verdict, message: `The provider refused.${words}`, nextAction: 'fix_request' };
  }
  return { code, verdict, message, nextAction };
}

/** Nothing was found where an outcome is unknown; what it means depends on what was looked for. */
export function absenceOf(providerReference: string): PushError {
  return {
    code: 'provider_timeout',
    verdict: 'network',
    message: `It is unknown whether the last call took effect; the payment is searched for by our reference ${providerReference}.`,
    nextAction: 'wait',
  };
}

/**
 * A failure of a payment whose outcome is unknown: its message names our reference, which the provider is to be
 * searched for.
 */
export interface DoubtError extends PushError {
  /** With `{reference}` where our reference stands. */
  readonly message: string;
}

const LOOK = 'Look there for our reference {reference} before paying again.';

const IN_DOUBT: DoubtError = {
  code: 'conflict',
  verdict: 'network',
  message: `It is unknown whether the provider took the payment, and a search did not find it. ${LOOK}`,
  nextAction: 'contact_support',
};

/** What is held for review says where to look, whatever went wrong last. */
export function reviewOf(providerReference: string): PushError {
  return { ...IN_DOUBT, message: IN_DOUBT.message.replace('{reference}', providerReference) };
}

/** A payment that is asked for again and may not go out. */
export function paymentRefusal({ code, message, nextAction }: InterlockError): PushError {
  return { code, verdict: 'configuration', message, nextAction };
}

export const OTHER_ACCOUNT: PushError = {
  code: 'conflict',
  verdict: 'configuration',
  message: 'The credential of the integration belongs to another account than the payment was requested for.',
  nextAction: 'fix_request',
};

export const OTHER_ACCOUNT_IN_DOUBT: DoubtError = {
  ...IN_DOUBT,
  message: `The credential of the integration belongs to another account now. It is unknown whether the former account took the payment. ${LOOK}`,
};

/** Said by a person: the only way out of a review for a payment that was never made. */
export const NOT_TAKEN: PushError = {
  code: 'conflict',
  verdict: 'configuration',
  message: 'The provider has not taken the payment. It may be requested again.',
  nextAction: 'fix_request',
};

export const ERASED: PushError = {
  code: 'conflict',
  verdict: 'configuration',
  message: 'The data of the integration was erased, so this payment is not sent.',
  nextAction: 'none',
};

export const ERASED_IN_DOUBT: DoubtError = {
  ...IN_DOUBT,
  message: `The data of the integration was erased. It is unknown whether the provider took the payment. ${LOOK}`,
};
