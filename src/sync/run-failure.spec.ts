import { CredentialKeyMissing, CredentialUnavailable } from '../integrations';
import { ProviderFailure, type Verdict } from '../platform/outbound';
import { toRunFailure } from './run-failure';

type Details = ConstructorParameters<typeof ProviderFailure>[2];
const runFailure = (verdict: Verdict, details: Details = {}) =>
  toRunFailure(new ProviderFailure(verdict, 'It failed', details));

describe('a failure as the merchant sees it', () => {
  it('carries the verdict’s code, what to do next, and what the provider said', () => {
    expect(runFailure('permission', { providerMessage: 'Ask your admin.' })).toEqual({
      verdict: 'permission',
      code: 'provider_credentials_rejected',
      nextAction: 'fix_credentials',
      message: 'It failed The provider said: Ask your admin.',
      status: null,
      retryAfterMs: null,
      waitReason: null,
    });
    expect(runFailure('auth').message).toBe('It failed');
    expect(runFailure('configuration', { field: 'baseUrl' }).message).toBe('baseUrl It failed.');
  });

  it('is a time-out only where the time ran out', () => {
    expect(runFailure('network', { timedOut: true }).code).toBe('provider_timeout');
    expect(runFailure('network').code).toBe('provider_error');
    expect(runFailure('provider_down').code).toBe('provider_error');
    expect(runFailure('rate_limited').code).toBe('rate_limited');
  });

  it.each<[Verdict, Details, string | null]>([
    ['rate_limited', { retryAfterMs: 1_000 }, 'rate_limited'],
    ['rate_limited', { retryAfterMs: 999 }, null],
    ['rate_limited', {}, null],
    ['provider_down', { status: 503, retryAfterMs: 60_000 }, 'provider_maintenance'],
    ['provider_down', { status: 503 }, null],
    ['provider_down', { status: 500, retryAfterMs: 60_000 }, null],
    ['network', { status: 503, retryAfterMs: 60_000 }, null],
  ])('%s %p waits because of: %s', (verdict, details, reason) => {
    expect(runFailure(verdict, details).waitReason).toBe(reason);
  });

  it('waits for key management when it is known how long', () => {
    const away = { verdict: 'internal', code: 'unavailable', nextAction: 'wait' };
    expect(toRunFailure(new CredentialUnavailable(undefined, 5_000))).toMatchObject({
      ...away,
      retryAfterMs: 5_000,
      waitReason: 'key_management',
    });
    expect(toRunFailure(new CredentialUnavailable())).toMatchObject({ ...away, retryAfterMs: null, waitReason: null });
  });

  it('names a key that is not to be had, which only an operator can mend', () => {
    expect(toRunFailure(new CredentialKeyMissing(new Error('key_not_found')))).toMatchObject({
      verdict: 'internal',
      code: 'unavailable',
      nextAction: 'contact_support',
      message: CredentialKeyMissing.text,
      waitReason: null,
    });
  });

  it.each<[string, Details, string]>([
    ['the provider refused', { status: 503 }, 'It failed (HTTP 503).'],
    ['it refused with words', { status: 422, providerMessage: 'No.' }, 'It failed (HTTP 422). The provider said: No.'],
    ['a good answer is not understood', { status: 200 }, 'It failed'],
    ['there was no answer', {}, 'It failed'],
  ])('tells the status of the answer where %s', (_, details, message) => {
    expect(runFailure('contract', details).message).toBe(message);
  });

  it('says nothing of what went wrong on our side', () => {
    expect(toRunFailure(new TypeError('secret detail'))).toEqual({
      verdict: 'internal',
      code: 'internal_error',
      nextAction: 'contact_support',
      message: 'Something went wrong on our side.',
      status: null,
      retryAfterMs: null,
      waitReason: null,
    });
  });
});
