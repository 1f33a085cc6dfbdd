import { once, setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../../test/support/eventually';
import { GuardedHttpClient } from './guarded-http-client';

/** More than one merchant may have under way: endpoints, and calls to each. */
const SLOW = 50 * 16;

describe('a call to an endpoint', () => {
  let reached = 0;
  const server = createServer((request, response) => {
    if (request.url === '/slow') reached++;
    else response.writeHead(204).end();
  });
  const http = new GuardedHttpClient({ allowPrivate: true });
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  const slow: Promise<unknown>[] = [];
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(async () => {
    abort.abort();
    await Promise.allSettled(slow);
    await http.close();
    server.closeAllConnections();
    server.close();
  });

  const post = (owner: string, path: string, timeoutMs: number) =>
    http.post({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
      timeoutMs,
      owner,
      signal: abort.signal,
      mayDispatch: () => undefined,
    });

  it('waits for no slow call of another owner to the same host', async () => {
    slow.push(...Array.from({ length: SLOW }, () => post('slow', '/slow', 60_000)));
    for (const each of slow) each.catch(() => undefined);
    await eventually(() => expect(reached).toBeGreaterThanOrEqual(256), 20_000);
    await expect(post('other', '/', 5_000)).resolves.toMatchObject({ status: 204 });
    await eventually(() => expect(reached).toBe(SLOW), 20_000);
  }, 60_000);
});
