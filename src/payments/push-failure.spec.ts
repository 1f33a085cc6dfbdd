import { ProviderFailure } from '../platform/outbound';
import { pushErrorOf, reviewOf } from './push-failure';

describe('the error of a payment', () => {
  it.each([
    ['the provider’s words', 'amount too high', ' The provider said: amount too high'],
    ['nothing more where it said nothing', undefined, ''],
  ])('that the provider refused says so, with %s', (_what, providerMessage, words) => {
    const refused = new ProviderFailure('contract', 'HTTP 422', { status: 422, providerMessage });
    expect(pushErrorOf(refused)).toMatchObject({
      verdict: 'contract',
      message: `The provider refused.${words}`,
      nextAction: 'fix_request',
    });
  });

  it.each([
    ['an answer that was not understood', new ProviderFailure('contract', 'not JSON', { status: 200 })],
    ['a refused credential', new ProviderFailure('auth', 'HTTP 401', { status: 401 })],
    ['a failing provider', new ProviderFailure('provider_down', 'HTTP 500', { status: 500 })],
    ['a fault of our own', new Error('ours')],
  ])('is no refusal of the payment after %s', (_what, failure) => {
    const { message, nextAction } = pushErrorOf(failure);
    expect(message).not.toContain('The provider refused.');
    expect(nextAction).not.toBe('fix_request');
  });

  it('in review names the reference to look for', () => {
    expect(reviewOf('our-reference').message).toContain('our reference our-reference before');
  });
});
