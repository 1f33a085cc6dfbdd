import { createServer, type AddressInfo } from 'node:net';
import { json, startDnsServer, startOutboundServer, type OutboundServer } from '../../../test/contract/outbound-server';
import { DestinationRefused } from './destination';
import type { Resolver } from './guarded-connector';
import { GuardedHttpClient } from './guarded-http-client';
import { ProviderFailure } from './verdict';

/** A public address that nothing answers on from here. */
const PUBLIC = '93.184.216.34';

let server: OutboundServer;
let client: GuardedHttpClient | undefined;
let dns: Awaited<ReturnType<typeof startDnsServer>> | undefined;

async function call(url: string, resolver: Resolver, allowPrivate = false) {
  client ??= new GuardedHttpClient({ allowPrivate, resolver, connectTimeoutMs: 300, sleep: async () => undefined });
  return client
    .bind({ allowedHostSuffixes: null, exemptPrefix: null, signal: new AbortController().signal, budget: null })
    .request({ method: 'POST', url, headers: { 'x-api-key': 'secret' }, body: {}, classify: () => null })
    .then(
      () => null,
      (error: unknown) => error,
    );
}

beforeEach(async () => {
  server = await startOutboundServer((_request, response) => {
    response.setHeader('connection', 'close');
    json(response, 200, {});
  });
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  await dns?.close();
  dns = undefined;
  await server.close();
});

describe('a name that changes what it leads to', () => {
  it('first public, then 127.0.0.1: the second answer is refused and the local server sees nobody', async () => {
    dns = await startDnsServer([[PUBLIC], ['127.0.0.1']]);
    const url = `https://rebind.example.com:${server.port}/`;
    const errors = [];
    for (let attempt = 0; attempt < 2; attempt += 1) errors.push(await call(url, dns.resolver));
    expect(dns.asked.length).toBeGreaterThanOrEqual(2);
    expect(errors.at(-1)).toBeInstanceOf(DestinationRefused);
    expect(errors.at(-1)).toMatchObject({ reason: 'address', nothingSent: true, verdict: 'configuration' });
    expect(server.connections).toBe(0);
  });

  it('one resolution per connection: there is no gap between the check and the use', async () => {
    dns = await startDnsServer([['127.0.0.1'], ['169.254.169.254']]);
    const url = `http://rebind.example.com:${server.port}/`;
    expect(await call(url, dns.resolver, true)).toBeNull();
    expect(dns.asked).toEqual(['rebind.example.com']);
    expect(server.connections).toBe(1);
    expect(await call(url, dns.resolver, true)).toMatchObject({ reason: 'address' });
    expect(server.connections).toBe(1);
  });

  it.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['169.254.169.254']],
    [['100.64.0.9']],
    [['0.0.0.0']],
    [[PUBLIC, '127.0.0.1']],
    [['127.0.0.1', PUBLIC]],
  ])('a name that leads to %j is refused', async (addresses) => {
    dns = await startDnsServer([addresses]);
    const error = await call(`https://inner.example.com:${server.port}/`, dns.resolver);
    expect(error).toBeInstanceOf(DestinationRefused);
    expect(server.connections).toBe(0);
  });

  it.each(['::1', '::ffff:127.0.0.1', 'fd00:ec2::254', '64:ff9b::7f00:1', 'fe80::1'])(
    'a name that leads to %s is refused',
    async (address) => {
      const error = await call(`https://six.example.com:${server.port}/`, async () => [{ address, family: 6 }]);
      expect(error).toBeInstanceOf(DestinationRefused);
      expect(server.connections).toBe(0);
    },
  );

  it('TLS goes to the pinned address under the name that was asked for', async () => {
    let hello = '';
    const listener = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (chunk) => {
        hello = chunk.toString('latin1');
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    const error = await call(
      `https://tls.example.com:${port}/`,
      async () => [{ address: '127.0.0.1', family: 4 }],
      true,
    );
    expect(error).toMatchObject({ verdict: 'network', nothingSent: true });
    expect(hello.startsWith('\x16\x03')).toBe(true);
    expect(hello).toContain('tls.example.com');
    expect(hello).not.toContain('secret');
    await new Promise((resolve) => listener.close(resolve));
  });

  it('a name without an address is a network failure', async () => {
    const error = await call('https://void.example.com/', async () => []);
    expect(error).toBeInstanceOf(ProviderFailure);
    expect(error).toMatchObject({ verdict: 'network', nothingSent: true });
  });
});
