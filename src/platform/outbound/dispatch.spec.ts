import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { json, startOutboundServer, type OutboundServer } from '../../../test/contract/outbound-server';
import { GuardedHttpClient, type GuardedHttpClientOptions } from './guarded-http-client';
import type { OutboundRequest } from './outbound-http';
import type { RateBudget } from './rate-budget';
import { ProviderFailure } from './verdict';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const WRITES = METHODS.filter((method) => method !== 'GET');

let server: OutboundServer;
let client: GuardedHttpClient;
let allowed: boolean;
let asked: number;

const mayDispatch = (): void => {
  asked += 1;
  if (!allowed) throw new ProviderFailure('network', 'not any more', { nothingSent: true, final: true });
};
const forbid = () => (allowed = false);

function open(options: Partial<GuardedHttpClientOptions> = {}): void {
  client = new GuardedHttpClient({ allowPrivate: true, sleep: async () => undefined, ...options });
}

function send(method: OutboundRequest['method'], url = server.origin, budget: RateBudget | null = null) {
  const http = client.bind({
    allowedHostSuffixes: null,
    exemptPrefix: null,
    signal: new AbortController().signal,
    budget,
    mayDispatch,
  });
  return http.request({
    method,
    url,
    headers: {},
    ...(method === 'GET' ? {} : { body: {} }),
    classify: ({ status }) => (status === 429 ? { verdict: 'rate_limited' } : null),
  });
}

beforeEach(async () => {
  allowed = true;
  asked = 0;
  server = await startOutboundServer((_request, response) => json(response, 200, {}));
  open();
});
afterEach(async () => {
  await client.close();
  await server.close();
});

describe.each(WRITES)('a %s that may not go out any more', (method) => {
  const refused = async (call: Promise<unknown>, requests = 0): Promise<void> => {
    await expect(call).rejects.toMatchObject({ message: 'not any more', nothingSent: true });
    expect(server.requests).toHaveLength(requests);
    // whatever was connected is given up
    await client.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(requests);
  };

  it('is not sent after its turn in the budget came', async () => {
    await refused(send(method, undefined, { acquire: async () => void forbid() }));
  });

  it('is not sent after the name was resolved', async () => {
    open({ resolver: async () => (forbid(), [{ address: '127.0.0.1', family: 4 }]) });
    await refused(send(method, `http://provider.example.com:${server.port}/`));
  });

  it('is not sent after the connection was made', async () => {
    const call = send(method);
    // the connection is under way, and nothing may be written once it stands
    forbid();
    await refused(call);
  });

  it('is not sent again after a wait', async () => {
    open({ sleep: async () => void forbid() });
    server.handle = (_request, response) => json(response, 429, {});
    await refused(send(method), 1);
  });

  it('is not sent when it waited for one of the connections', async () => {
    const held: (() => void)[] = [];
    server.handle = (_request, response) => void held.push(() => json(response, 200, {}));
    const running = Array.from({ length: 64 }, () => send(method));
    while (held.length < 64) await new Promise((resolve) => setTimeout(resolve, 5));
    const waiting = send(method);
    forbid();
    for (const answer of held) answer();
    await Promise.all(running);
    await refused(waiting, 64);
  });

  it('is asked about once for each time that it is sent', async () => {
    server.handle = (_request, response, count) => json(response, count < 3 ? 429 : 200, {});
    await send(method);
    expect(asked).toBe(3);
  });
});

describe('a GET', () => {
  it('changes nothing, and is not asked about', async () => {
    forbid();
    await send('GET');
    expect(asked).toBe(0);
  });
});

/**
 * Answers the first request of each connection, and resets the connection in the moment in which a second one arrives
 * on it.
 */
async function startImpatientServer() {
  const sockets = new Set<Socket>();
  const seen = { requests: 0, resets: 0 };
  const impatient = createNetServer((socket) => {
    sockets.add(socket);
    let answered = false;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      if (!/^(GET|POST|PUT|DELETE) /.test(chunk.toString('latin1'))) return;
      if (answered) {
        seen.resets += 1;
        return socket.resetAndDestroy();
      }
      answered = true;
      seen.requests += 1;
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}',
      );
    });
  });
  await new Promise<void>((resolve) => impatient.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(impatient.address() as AddressInfo).port}`,
    seen,
    stop: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        impatient.close(() => resolve());
      }),
  };
}

describe('a server that closes an idle connection in the moment in which it is used again', () => {
  it.each(WRITES)('gets every %s on a connection of its own', async (method) => {
    const impatient = await startImpatientServer();
    try {
      for (let count = 1; count <= 5; count++) {
        await send('GET', impatient.origin);
        await send(method, impatient.origin);
      }
      await Promise.all(Array.from({ length: 10 }, () => send(method, impatient.origin)));
      // the GETs alone meet it, and are repeated
      expect(impatient.seen.requests).toBe(20);
    } finally {
      await client.close();
      await impatient.stop();
    }
  });

  it('is met by a GET, which is repeated', async () => {
    const impatient = await startImpatientServer();
    try {
      for (let count = 1; count <= 5; count++) await send('GET', impatient.origin);
      expect(impatient.seen.resets).toBeGreaterThan(0);
    } finally {
      await client.close();
      await impatient.stop();
    }
  });
});
