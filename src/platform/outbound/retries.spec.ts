import { json, startOutboundServer, type OutboundServer } from '../../../test/contract/outbound-server';
import { GuardedHttpClient } from './guarded-http-client';
import type { OutboundRequest } from './outbound-http';
import { RateBudget } from './rate-budget';
import { retryAfterMs } from './retry-policy';
import { ProviderFailure } from './verdict';

const START = Date.parse('2026-05-05T10:00:00Z');

let server: OutboundServer;
let client: GuardedHttpClient;
let waits: number[];
let now: number;
let acquired: number;

/** Like an adapter: by status, and by an error inside a 200. */
const classify: OutboundRequest['classify'] = ({ status, body }) => {
  if (status === 401) return { verdict: 'auth' };
  if (status === 429) return { verdict: 'rate_limited' };
  if (status >= 500 || (body as { HTTPCode?: number } | undefined)?.HTTPCode === 503)
    return { verdict: 'provider_down' };
  return null;
};

class CountingBudget extends RateBudget {
  async acquire(): Promise<void> {
    acquired += 1;
  }
}

function request(method: OutboundRequest['method'] = 'GET', url = server.origin) {
  const http = client.bind({
    allowedHostSuffixes: null,
    exemptPrefix: null,
    signal: new AbortController().signal,
    budget: new CountingBudget(),
  });
  return http.request({ method, url, headers: {}, ...(method === 'POST' ? { body: {} } : {}), classify });
}

async function failureOf(call: Promise<unknown>): Promise<ProviderFailure> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (error instanceof ProviderFailure) return error;
  throw new Error('did not fail as expected');
}

/** The first answers are the failures given, then all is well. */
function failing(times: number, status: number, headers: Record<string, string> = {}, body: unknown = {}): void {
  server.handle = (_request, response, count) =>
    count <= times ? json(response, status, body, headers) : json(response, 200, { fine: true });
}

beforeEach(async () => {
  waits = [];
  now = START;
  acquired = 0;
  server = await startOutboundServer((_request, response) => json(response, 200, {}));
  client = new GuardedHttpClient({
    allowPrivate: true,
    now: () => now,
    random: () => 0.5,
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
});

afterEach(async () => {
  await server.close();
  await client.close();
});

describe('a GET', () => {
  it('is repeated at most 4 times, each after a longer jittered wait, each with its turn in the budget', async () => {
    failing(99, 503);
    expect(await failureOf(request())).toMatchObject({ verdict: 'provider_down', status: 503 });
    expect(server.requests).toHaveLength(5);
    expect(waits).toEqual([125, 250, 500, 1000]);
    expect(acquired).toBe(5);
  });

  it('waits longer where the rate limit was reached and nothing says how long', async () => {
    failing(2, 429);
    expect((await request()).body).toEqual({ fine: true });
    expect(waits).toEqual([500, 1000]);
  });

  it('stops after 5 seconds in one call', async () => {
    failing(99, 429, { 'retry-after': '2' });
    const failure = await failureOf(request());
    expect(failure).toMatchObject({ verdict: 'rate_limited', retryAfterMs: 2000 });
    expect(waits).toEqual([2250, 2250]);
    expect(server.requests).toHaveLength(3);
  });

  it('is not repeated when the time is gone', async () => {
    server.handle = (_request, response) => {
      now += 6_000;
      json(response, 503, {});
    };
    await failureOf(request());
    expect(server.requests).toHaveLength(1);
  });

  it('honours Retry-After in seconds', async () => {
    failing(1, 503, { 'retry-after': '3' });
    await request();
    expect(waits[0]).toBeGreaterThanOrEqual(3000);
    expect(waits[0]).toBeLessThanOrEqual(3250);
  });

  it('honours Retry-After as a date, read against the provider’s own clock', async () => {
    failing(1, 429, { 'retry-after': 'Tue, 05 May 2026 12:00:02 GMT', date: 'Tue, 05 May 2026 12:00:00 GMT' });
    await request();
    expect(waits[0]).toBeGreaterThanOrEqual(2000);
    expect(waits[0]).toBeLessThanOrEqual(2250);
  });

  it('does not hold a worker for a longer wait: it hands it on', async () => {
    failing(99, 429, { 'retry-after': '30' });
    expect(await failureOf(request())).toMatchObject({ verdict: 'rate_limited', retryAfterMs: 30_000 });
    expect(waits).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('is repeated for an error inside a 200, like a 503', async () => {
    failing(2, 200, {}, { HTTPCode: 503 });
    expect((await request()).body).toEqual({ fine: true });
    expect(server.requests).toHaveLength(3);
  });

  it('is repeated when the connection breaks', async () => {
    server.handle = (incoming, response, count) =>
      count === 1 ? void incoming.socket.destroy() : json(response, 200, { fine: true });
    expect((await request()).body).toEqual({ fine: true });
  });

  it('is not repeated on a verdict that does not ask for it', async () => {
    failing(99, 401);
    expect(await failureOf(request())).toMatchObject({ verdict: 'auth' });
    expect(server.requests).toHaveLength(1);
  });

  it('is not repeated for a name that does not exist', async () => {
    client = new GuardedHttpClient({
      allowPrivate: true,
      resolver: () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
    });
    expect(await failureOf(request('GET', 'http://gone.example.com'))).toMatchObject({
      verdict: 'network',
      nothingSent: true,
    });
    expect(acquired).toBe(1);
  });
});

describe('a POST', () => {
  it('is repeated on 429', async () => {
    failing(2, 429);
    expect((await request('POST')).body).toEqual({ fine: true });
    expect(server.requests).toHaveLength(3);
  });

  it('is not repeated on 503: it may have been done', async () => {
    failing(99, 503);
    expect(await failureOf(request('POST'))).toMatchObject({ verdict: 'provider_down', nothingSent: false });
    expect(server.requests).toHaveLength(1);
  });

  it('is not repeated when the connection breaks after the request left', async () => {
    server.handle = (incoming) => void incoming.socket.destroy();
    expect(await failureOf(request('POST'))).toMatchObject({ verdict: 'network', nothingSent: false });
    expect(server.requests).toHaveLength(1);
  });

  it('is not repeated for a rate limit inside a 200', async () => {
    server.handle = (_request, response) => json(response, 200, { HTTPCode: 503 });
    await failureOf(request('POST'));
    expect(server.requests).toHaveLength(1);
  });

  it('is repeated when nothing was sent', async () => {
    await server.close();
    const failure = await failureOf(request('POST', server.origin));
    expect(failure).toMatchObject({ verdict: 'network', nothingSent: true });
    expect(acquired).toBe(5);
  });
});

describe('Retry-After', () => {
  it.each<[string, number | null]>([
    ['0', 0],
    ['1.5', 1500],
    ['120', 120_000],
    ['900', 900_000],
    ['3600', 900_000],
    ['99999999999', 900_000],
    ['Tue, 05 May 2026 12:00:00 GMT', 900_000],
    ['Tue, 05 May 2026 10:01:00 GMT', 60_000],
    ['Tue, 05 May 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['', null],
  ])('%j', (value, wait) => {
    expect(retryAfterMs({ 'retry-after': value }, START)).toBe(wait);
  });

  it('absent', () => {
    expect(retryAfterMs({}, START)).toBeNull();
  });
});
