import { lookup } from 'node:dns/promises';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { json, startDnsServer, startOutboundServer, type DnsServer } from '../../../test/contract/outbound-server';
import { GuardedHttpClient } from './guarded-http-client';
import { HostsFile } from './hosts-file';
import { NameResolver, onBehalfOf } from './name-resolver';

const GONE = '/nonexistent/hosts';
/** Names below it are never answered. */
const SILENT = '.silent.example.com';

const codeOf = (error: { code?: string }) => error.code;

describe('the addresses of providers', () => {
  let dns: DnsServer;
  let resolver: NameResolver;

  const asking = async (answers: Parameters<typeof startDnsServer>[0], options: { ttl?: number } = {}) => {
    dns = await startDnsServer(answers, { silentBelow: SILENT, ...options });
    resolver = new NameResolver({ servers: [dns.address], hosts: new HostsFile(GONE) });
  };
  afterEach(() => dns?.close());

  it('come from the name server, for as long as it says', async () => {
    await asking([['192.0.2.1'], ['192.0.2.2']], { ttl: 30 });
    expect(await resolver.resolve('Clinic.example.com.')).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(await resolver.resolve('clinic.example.com')).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(dns.asked).toEqual(['clinic.example.com']);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 31_000);
    expect(await resolver.resolve('clinic.example.com')).toEqual([{ address: '192.0.2.2', family: 4 }]);
    jest.restoreAllMocks();
  });

  it('are asked for each time where they may change at any time', async () => {
    await asking([['192.0.2.1'], ['192.0.2.2']]);
    expect(await resolver.resolve('clinic.example.com')).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(await resolver.resolve('clinic.example.com')).toEqual([{ address: '192.0.2.2', family: 4 }]);
  });

  it('are none for a name that has none', async () => {
    await asking([[]]);
    expect(await resolver.resolve('void.example.com').catch(codeOf)).toBe('ENOTFOUND');
  });

  it('of this machine come from no name server', async () => {
    await asking([['192.0.2.1']]);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-hosts-'));
    await writeFile(
      path.join(folder, 'hosts'),
      '# own\n10.1.2.3\tOwn own.example.com # here\nfd00::1 own\nnonsense own\n',
    );
    const withHosts = new NameResolver({ servers: [dns.address], hosts: new HostsFile(path.join(folder, 'hosts')) });
    const own = [
      { address: '10.1.2.3', family: 4 },
      { address: 'fd00::1', family: 6 },
    ];
    // the file is read once, and the second waits for it as the first does
    expect(await Promise.all([withHosts.resolve('own'), withHosts.resolve('own')])).toEqual([own, own]);
    expect(await withHosts.resolve('OWN.example.com')).toEqual([{ address: '10.1.2.3', family: 4 }]);
    expect((await withHosts.resolve('localhost'))[0]).toEqual({ address: '127.0.0.1', family: 4 });
    expect((await withHosts.resolve('any.localhost'))[1]).toEqual({ address: '::1', family: 6 });
    expect(dns.asked).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('are given up after some seconds where the name server is silent', async () => {
    await asking([['192.0.2.1']]);
    const begun = performance.now();
    expect(await resolver.resolve(`a${SILENT}`).catch(codeOf)).toBe('ETIMEDOUT');
    // below the time of a connection, which would end the call as something else
    expect(performance.now() - begun).toBeLessThan(4_800);
  }, 10_000);

  it('are found while another merchant waits for thirty names whose server is silent, and so are those of the process', async () => {
    await asking([['192.0.2.1']]);
    const stranger = Array.from({ length: 30 }, (_, n) =>
      onBehalfOf('stranger', () => resolver.resolve(`n${n}${SILENT}`)).catch(codeOf),
    );
    const begun = performance.now();
    expect(await onBehalfOf('clinic', () => resolver.resolve('clinic.example.com'))).toHaveLength(1);
    await lookup('localhost');
    expect(performance.now() - begun).toBeLessThan(1_000);
    // four of them at a time, and those that had no turn are given up as well
    expect(new Set(dns.silenced).size).toBe(4);
    expect(new Set(await Promise.all(stranger))).toEqual(new Set(['ETIMEDOUT']));
    expect(new Set(dns.silenced).size).toBeLessThan(10);
  }, 10_000);

  it('count as the caller’s through the outbound client, and a call says that the provider did not answer in time', async () => {
    await asking([['127.0.0.1']]);
    const server = await startOutboundServer((_request, response) => json(response, 200, {}));
    const client = new GuardedHttpClient({
      allowPrivate: true,
      resolver: resolver.resolve,
      sleep: async () => undefined,
    });
    const get = (owner: string, host: string) =>
      client
        .bind({
          allowedHostSuffixes: null,
          exemptPrefix: null,
          signal: AbortSignal.timeout(20_000),
          budget: null,
          owner,
        })
        .request({ method: 'POST', url: `http://${host}:${server.port}/`, headers: {}, body: {}, classify: () => null })
        .then(
          ({ status }) => status,
          ({ verdict, timedOut }: { verdict?: string; timedOut?: boolean }) => ({ verdict, timedOut }),
        );
    const stranger = Array.from({ length: 30 }, (_, n) => get('stranger', `c${n}${SILENT}`));
    const begun = performance.now();
    expect(await get('clinic', 'clinic.example.com')).toBe(200);
    expect(performance.now() - begun).toBeLessThan(1_500);
    expect(new Set(dns.silenced).size).toBe(4);
    expect(await stranger[0]).toEqual({ verdict: 'network', timedOut: true });
    await client.close();
    await Promise.all(stranger);
    await server.close();
  }, 15_000);
});
