import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { HOSTILE_URLS } from '../../test/support/hostile-urls';
import { loadConfig } from '../platform/config';
import { GuardedHttpClient } from '../platform/outbound';
import type { WebhookEndpoint } from './endpoint';
import { generateSecret, Signer } from './endpoint-secret';
import { shown, WebhookClient, type Delivery } from './webhook-client';

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

describe('what is shown of an answer', () => {
  const { secret } = generateSecret();
  const SECRETS = [
    secret,
    'sk_live_51H8xYzAbCdEfGhIjKlMnOpQr',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
    'jane.doe@example.com',
    '4242 4242 4242 4242',
    '+44 20 7946 0958 123',
  ];
  /** No six characters of it, wherever an answer is cut. */
  const expectMasked = (text: string | null, hidden: string): void => {
    for (let at = 0; at + 6 <= hidden.length; at++) expect(text ?? '').not.toContain(hidden.slice(at, at + 6));
  };

  it.each(SECRETS)('has nothing of %s', (hidden) => {
    expectMasked(shown(Buffer.from(`{"token":"${hidden}","ok":true}`)), hidden);
    for (const [filler, lengths] of [
      ['x ', [1_000, 1_024]],
      ['x ', [2_000, 2_048]],
      ['  ', [2_000, 2_048]],
    ] as const) {
      for (let length = lengths[0]; length <= lengths[1]; length++) {
        const before = `${filler.repeat(length / 2)}${length % 2 === 1 ? '"' : ''}`;
        expectMasked(shown(Buffer.from(`${before}${hidden} after ${'.'.repeat(2_048)}`)), hidden);
      }
    }
  });

  it('is at most a kilobyte, on one line', () => {
    for (const each of ['a b\n', 'It is a sentence. ']) {
      const text = shown(Buffer.from(each.repeat(5_000)))!;
      expect(text).toHaveLength(1_024);
      expect(text).not.toContain('\n');
    }
    expect(shown(Buffer.from('fine'))).toBe('fine');
    expect([shown(null), shown(Buffer.alloc(0))]).toEqual([null, null]);
  });

  it('is found out at once, whatever the answer is', () => {
    const begun = performance.now();
    for (const each of ['a', 'a.', '1', '@', 'a@']) shown(Buffer.from(each.repeat(65_536 / each.length)));
    // with all of 64 kB it would be seconds
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
