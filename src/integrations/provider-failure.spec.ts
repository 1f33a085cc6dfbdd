import { InterlockError } from '../platform/errors';
import { ProviderFailure } from '../platform/outbound';
import { providerFailureToError } from './provider-failure';

const answered = (...failure: ConstructorParameters<typeof ProviderFailure>) =>
  providerFailureToError(new ProviderFailure(...failure), 'PracticeHub') as InterlockError;

describe('a failed provider call, answered while the merchant waits', () => {
  it('names the provider that rejected the credentials', () => {
    const { code, status, message } = answered('auth', 'HTTP 401');
    expect([code, status, message]).toEqual([
      'provider_credentials_rejected',
      400,
      'Credentials were rejected by PracticeHub.',
    ]);
  });

  it('repeats what the provider says of a missing permission', () => {
    expect(answered('permission', 'It may not.', { providerMessage: 'Ask your admin.' })).toMatchObject({
      code: 'provider_credentials_rejected',
      message: 'It may not. The provider said: Ask your admin.',
    });
    expect(answered('permission', 'It may not.').message).toBe('It may not.');
  });

  it('is a fault of the field that names the destination', () => {
    expect(answered('configuration', 'is not allowed').fields).toEqual({ 'credentials.baseUrl': ['is not allowed'] });
    expect(answered('configuration', 'is short', { field: 'credentials.apiKey' }).fields).toEqual({
      'credentials.apiKey': ['is short'],
    });
  });

  it.each([
    ['provider_down', {}, 'provider_error', undefined],
    ['network', { timedOut: true }, 'provider_timeout', undefined],
    ['network', {}, 'provider_error', undefined],
    ['rate_limited', { retryAfterMs: 1_200 }, 'provider_error', 2],
    ['contract', {}, 'provider_error', undefined],
  ] as const)('%s %p is %s', (verdict, details, code, retryAfterSeconds) => {
    expect(answered(verdict, 'x', details)).toMatchObject({ code, retryAfterSeconds });
  });

  it('passes on what is no failure of a provider', () => {
    const ours = new TypeError('x');
    expect(providerFailureToError(ours, 'wodify')).toBe(ours);
  });
});
