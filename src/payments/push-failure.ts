import { ProviderFailure } from '../platform/outbound';
import { judgeFailure } from '../sync';
import type { PushError } from './outbound-payment';
import { outcomeOf } from './push-rules';

/** A failed call as the payment, its log entry and the merchant see it. */
export function pushErrorOf(thrown: unknown): PushError {
  const { code, verdict, nextAction, message } = judgeFailure(thrown);
  // the provider understood, and was understood: it said no
  if (verdict === 'contract' && outcomeOf(thrown) === 'refused') {
    const said = thrown instanceof ProviderFailure && thrown.providerMessage;
    const words = said ? ` The provider said: ${said}` : '';
    return { code, verdict, message: `The provider refused.${words}`, nextAction: 'fix_request' };
  }
  return { code, verdict, message, nextAction };
}

/** Nothing was found where an outcome is unknown; what it means depends on what was looked for. */
export function absenceOf(providerReference: string): PushError {
  return {
    code: 'provider_timeout',
    verdict: 'network',
    message: `Whether the last call took effect is unknown; it is searched for by our reference ${providerReference}.`,
    nextAction: 'wait',
  };
}

/** The end of the searches for a payment. */
export function reviewOf(providerReference: string): PushError {
  return {
    code: 'conflict',
    verdict: 'network',
    message: `Whether the provider took the payment is unknown, and it was not found there. Look there for our reference ${providerReference} before paying again.`,
    nextAction: 'contact_support',
  };
}

export const OTHER_ACCOUNT: PushError = {
  code: 'conflict',
  verdict: 'configuration',
  message: 'The integration opens another account of the provider than the one the payment was asked for.',
  nextAction: 'fix_request',
};

export const ERASED: PushError = {
  code: 'conflict',
  verdict: 'configuration',
  message: 'The data of the integration was erased; nothing is pushed any more for this payment.',
  nextAction: 'none',
};
