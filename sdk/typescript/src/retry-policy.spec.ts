import { ERROR_CATALOGUE } from '../../../src/platform/errors';
import { attempt } from './attempt';
import { ApiError } from './errors';
import { ERROR_CLASSES } from './generated/errors';
import { isRetryable, parseRetryAfter, retryDelayMs } from './retry-policy';

const facts = { operation: 'getIntegration', attempts: 1 };
const understood = async (status: number, body: unknown) => {
  const answer = async () => new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  const init = { method: 'GET', headers: {}, body: undefined };
  const result = await attempt(answer as typeof fetch, 'http://localhost/', init, {
    limitMs: 1_000,
    signal: undefined,
    facts,
  });
  if (!('error' in result)) throw new Error('an answer');
  return result.error;
};

describe('an answer', () => {
  const RETRYABLE = [
    'idempotency_in_progress',
    'rate_limited',
    'internal_error',
    'provider_error',
    'unavailable',
    'provider_timeout',
  ];
  it.each(Object.entries(ERROR_CLASSES))(
    '%s has a class of its own, and is retried where that may help',
    async (code, Class) => {
      const { status } = ERROR_CATALOGUE[code as keyof typeof ERROR_CATALOGUE];
      const error = await understood(status, { error: 'Text.', code, requestId: 'r', nextAction: 'none' });
      expect(error).toBeInstanceOf(Class);
      expect(error.name).toBe(Class.name);
      expect(isRetryable(error)).toBe(RETRYABLE.includes(code));
    },
  );

  it('with a code that is not known yet is an ApiError', async () => {
    const error = await understood(418, { error: 'Text.', code: 'teapot', requestId: 'r', nextAction: 'none' });
    expect([error.constructor, (error as ApiError).code, isRetryable(error)]).toEqual([ApiError, 'teapot', false]);
  });

  it.each([
    [200, '{"half":', true],
    [200, 'null', true],
    [502, '<html>', true],
    [503, '', true],
    [408, '', true],
    [429, '{}', true],
    [404, '<html>', false],
    [403, '{"message": "firewall"}', false],
  ])('%d %j, not the service’s, is retried: %s', async (status, text, retried) => {
    expect(isRetryable(await understood(status, text))).toBe(retried);
  });
});

describe('the wait before a retry', () => {
  const backoff = { baseMs: 100, capMs: 1_000 };
  it('is anything up to a bound that doubles, up to its cap', () => {
    const bounds = [1, 2, 3, 4, 5, 60].map((retry) => retryDelayMs(retry, backoff, 0, () => 1));
    expect(bounds).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(retryDelayMs(5, backoff, 0, () => 0)).toBe(0);
    expect(retryDelayMs(5, backoff, 0, () => 0.5)).toBe(500);
  });

  it('comes after the time that the service asked for', () => {
    expect(retryDelayMs(1, backoff, 5_000, () => 0.5)).toBe(5_050);
  });

  it.each([
    ['3', 3_000],
    ['0', 0],
    ['0.5', 500],
    ['Thu, 01 Jan 1970 00:00:12 GMT', 2_000],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('is read from %j', (value, ms) => {
    expect(parseRetryAfter(value, 10_000)).toBe(ms);
  });
});
