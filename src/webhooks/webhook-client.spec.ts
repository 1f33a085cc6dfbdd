import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { HOSTILE_URLS } from '../../test/support/hostile-urls';
import { loadConfig } from '../platform/config';
import { GuardedHttpClient } from '../platform/outbound';
import type { WebhookEndpoint } from './endpoint';
import { generateSecret, Signer } from './endpoint-secret';
import { WebhookClient, type Delivery } from './webhook-client';

/** Of the machine, of its network, and of clouds. */
const INSIDE = [
  ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.0.0.1', '172.16.3.4', '192.168.1.1', '100.64.0.1', '169.254.169.254'],
  ...['::1', '::', '::ffff:127.0.0.1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', '64:ff9b::7f00:1', '2002:7f00:1::'],
];

describe('a delivery to a hostile URL', () => {
  const signer = new Signer(generateSecret());
  let reached = 0;
  let lookUps = 0;
  let dispatched = 0;
  let resolved = '127.0.0.1';
  const server = createServer((socket) => {
    reached++;
    socket.destroy();
  });
  const http = new GuardedHttpClient({
    allowPrivate: false,
    connectTimeoutMs: 500,
    resolver: async () => {
      lookUps++;
      return [{ address: resolved, family: resolved.includes(':') ? 6 : 4 }];
    },
  });
  const client = new WebhookClient(http, loadConfig({ DEV_CREDENTIALS: 'false' }));
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(async () => {
    await http.close();
    server.close();
  });
  beforeEach(() => {
    [reached, lookUps, dispatched] = [0, 0, 0];
  });

  const deliver = (url: string): Promise<Delivery> =>
    client.send(
      { id: randomUUID(), merchantId: randomUUID(), url, mirroredSignature: true } as WebhookEndpoint,
      [signer],
      { id: randomUUID(), body: '{}' },
      { signal: new AbortController().signal, mayDispatch: () => void dispatched++ },
    );
  const expectRefused = ({ result, answer }: Delivery): void => {
    expect(result).toMatchObject({ kind: 'failed', status: null, message: expect.stringMatching(/^The URL must /) });
    expect(JSON.stringify(result)).not.toMatch(/provider|credential/i);
    expect([answer, dispatched, reached]).toEqual([null, 0, 0]);
  };

  it.each(HOSTILE_URLS)('of the form %j reaches nothing, and is told in words of the URL', async (url) => {
    expectRefused(await deliver(url));
    expect(lookUps).toBe(0);
  });

  it.each(INSIDE)('whose name leads to %s reaches nothing', async (address) => {
    resolved = address;
    const { port } = server.address() as AddressInfo;
    expectRefused(await deliver(`https://hooks.example.com:${port}/`));
    expect(lookUps).toBe(1);
  });
});
