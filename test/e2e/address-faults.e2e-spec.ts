import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BUILT_IN_CATALOGUE, BUILT_IN_IDS, type BuiltInId } from '../../src/providers';
import { startSandboxServer } from '../../src/sandbox';
import { startDnsServer, type DnsServer } from '../contract/outbound-server';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** What the name server answers for every name; empty: there is no such name. */
const ADDRESSES: string[] = [];

describe('an address that is no provider’s', () => {
  let dns: DnsServer;
  let page: Server;
  let running: TestApp;

  beforeAll(async () => {
    dns = await startDnsServer([ADDRESSES]);
    page = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Clinic</title>');
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    running = await startTestApp({
      environment: { OUTBOUND_DNS_SERVERS: dns.address, OUTBOUND_ALLOW_PRIVATE: 'true' },
    });
  }, 60_000);
  afterAll(async () => {
    await running?.close();
    page?.close();
    await dns?.close();
  });
  beforeEach(() => void ADDRESSES.splice(0, 1));

  const pageAt = (scheme: 'http' | 'https') => `${scheme}://127.0.0.1:${(page.address() as AddressInfo).port}`;
  const faults: [what: string, baseUrl: () => string, rule: string][] = [
    ['a host that does not exist', () => 'https://yourclinc.practicehub.io', 'must name a host that exists'],
    ['a web page', () => pageAt('http'), 'must lead to the provider’s API, not to a web page'],
    ['a port without https', () => pageAt('https'), 'must lead to a port that speaks https'],
  ];
  const refused = (rule: string, field = 'credentials.baseUrl') => ({
    code: 'invalid_request',
    nextAction: 'fix_request',
    details: { fields: { [field]: [rule] } },
  });
  const clinicAt = (provider: BuiltInId): Promise<Clinic> => makeClinic(running, { provider, sizes: { '*': 1 } });

  describe.each(BUILT_IN_IDS)('at %s', (provider) => {
    it.each(faults)('is 400 on the field that names %s', async (_, baseUrl, rule) => {
      const clinic = await clinicAt(provider);
      const credentials = { apiKey: 'ph_8c1f2d4e', baseUrl: baseUrl() };
      for (const call of ['/test', '/activate']) {
        const { status, body } = await clinic.call('post', call, { credentials });
        expect([call, status, body]).toEqual([call, 400, expect.objectContaining(refused(rule))]);
      }
      if (!BUILT_IN_CATALOGUE[provider].capabilities.paymentMethods) return;
      const { body } = await clinic.call('post', '/payment-methods', credentials).expect(400);
      expect(body).toMatchObject(refused(rule, 'baseUrl'));
    });

    it('is refused in place of a good one, which stays', async () => {
      const clinic = await clinicAt(provider);
      await clinic.activate().expect(200);
      const credentials = { ...clinic.credentials, baseUrl: pageAt('http') };
      const { body } = await clinic.call('put', '/credentials', { credentials }).expect(400);
      expect(body).toMatchObject(refused('must lead to the provider’s API, not to a web page'));
      expect((await clinic.integration())['isActive']).toBe(true);
      await clinic.settled();
    });
  });

  it('is not what one is that was right and is gone: syncs wait for it', async () => {
    const elsewhere = await startSandboxServer({ hosts: { allowedHosts: ['clinic.example.net'], ownOrigins: [] } });
    const { path } = elsewhere.sandbox.credentials.practicehub;
    const apiKey = 'acct-at-another-host';
    elsewhere.sandbox.practicehub.addAccount({ apiKey, sizes: { '*': 1 }, settings: { ratePerSecond: 0 } });
    const baseUrl = `${elsewhere.url.replace('127.0.0.1', 'clinic.example.net')}${path}`;
    const clinic = await clinicAt('practicehub');
    ADDRESSES.push('127.0.0.1');
    await clinic.call('post', '/activate', { credentials: { apiKey, baseUrl } }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    ADDRESSES.splice(0, 1);
    // with it go the connections that it was asked over: the next call asks the name server
    await elsewhere.close();
    expect(await clinic.sync()).toBe('failed');
    const { reasons } = (await clinic.call('get', '/explain').expect(200)).body.data;
    expect(reasons).toContainEqual(expect.objectContaining({ code: 'provider_unreachable', nextAction: 'wait' }));
  }, 60_000);
});
