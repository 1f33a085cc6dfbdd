import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { createAdapters } from '../adapters';
import { checkedCredentials } from '../checked-credentials';
import { identityOf } from '../credential-fields';
import { ProviderNotServed, ProviderRegistry } from '../provider.registry';
import { readManifest } from './read-manifest';
import { servedManifest } from './served-manifest';

const EXAMPLE = readFileSync(path.resolve(__dirname, '../../../examples/providers/acme.yaml'), 'utf8');
const servedAs = (change: (manifest: any) => unknown, origin: 'folder' | 'admin' = 'folder', liveHosts?: string[]) => {
  const manifest = parse(EXAMPLE);
  change(manifest);
  return servedManifest(readManifest(stringify(manifest)).manifest!, origin, liveHosts);
};
const asItIs = () => undefined;

describe('a manifest that is served', () => {
  it('is a provider like another: what it lists and asks for is what it describes', () => {
    const { entry, adapter, state } = servedAs(asItIs);
    expect(state).toBe('beta');
    expect(adapter.streams.map(({ key }) => key)).toEqual(['clients', 'bills']);
    expect(entry).toMatchObject({
      ...{ id: 'acme', name: 'Acme Bookings', resources: ['customers', 'invoices'], hostPerMerchant: false },
      ...{ rate: { perSecond: 5, burst: 10, per: 'account' }, defaultIntervalMinutes: 60, settleMarginSeconds: 60 },
      capabilities: { paymentMethods: false, pushPayments: false, packages: false },
    });
    expect(entry.credentialSchema).toMatchObject({
      required: ['apiKey', 'location'],
      properties: { baseUrl: { default: 'https://api.acme.example/v1' }, location: { maxLength: 200 } },
    });
    expect(servedAs((manifest) => (manifest.state = 'stable')).state).toBe('stable');
  });

  it('asks for what it sends: no API key where it takes tokens, and a private key as its file has it', () => {
    const told = (manifest: any) => {
      manifest.auth = { kind: 'signed_jwt', algorithm: 'ES256', key: 'pin', seconds: 60, issuer: '{location}' };
      manifest.credentials.location.identifies = true;
      manifest.credentials.pin = { title: 'P', description: 'P', example: 'p', secret: true };
    };
    const { entry } = servedAs(told);
    expect(entry.credentialSchema).toMatchObject({ required: ['location', 'pin'] });
    const { pin, location } = entry.credentialSchema['properties'] as Record<string, any>;
    expect([pin.format, pin.maxLength, location.maxLength]).toEqual(['password', 8_192, 200]);
    expect(identityOf(entry.credentials, { location: '17' })).toEqual({ value: '17', secret: false });
    expect(identityOf(servedAs(asItIs).entry.credentials, { apiKey: 'k' })).toEqual({ value: 'k', secret: true });
    const checked = (text: string) => () =>
      checkedCredentials(entry, { location: '17', pin: text }) as unknown as Record<string, string>;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(checked(pem)()).toMatchObject({ pin: pem.trim() });
    for (const wrong of ['secret', pem.replace(' PRIVATE', ' ENCRYPTED PRIVATE'), pem.replace('\n', '\n#')]) {
      expect(checked(wrong)).toThrow();
    }
  });

  it('reaches with a live key its own hosts alone, or those that the operator says instead', () => {
    const live = (hosts: string[] | undefined, baseUrl: string) => () =>
      servedAs(asItIs, 'admin', hosts).adapter.normaliseCredentials({ apiKey: 'k', baseUrl }, 'live');
    expect(live(undefined, 'https://eu.acme.example')()).toMatchObject({ baseUrl: 'https://eu.acme.example/v1' });
    expect(live(undefined, 'https://acme.example.evil.test')).toThrow('must be a host of the provider');
    expect(live(['eu.acme.example'], 'https://eu.acme.example')).not.toThrow();
    expect(live(['eu.acme.example'], 'https://us.acme.example')).toThrow('must be a host of the provider');
    expect(servedAs(asItIs, 'admin', ['eu.acme.example']).entry.liveHostSuffixes).toEqual(['eu.acme.example']);
  });

  it.each<[string, (manifest: any) => unknown]>([
    ['the field that a value comes from', (manifest) => (manifest.streams[0].fields.firstName = 'nick')],
    ['the words of a field', (manifest) => (manifest.streams[0].fields.active.words.gone = false)],
    ['which rows belong to the list', (manifest) => (manifest.streams[0].where = 'row.id != "c1"')],
    ['the list itself', (manifest) => (manifest.streams[0].path = '/people')],
    ['the filter of changes', (manifest) => (manifest.streams[0].changedSince.parameter = 'since')],
    ['how times are read', (manifest) => (manifest.times = { zone: 'utc' })],
    ['its version', (manifest) => (manifest.streams[0].version = 2)],
  ])('is read anew when it says otherwise %s', (_, change) => {
    const version = (how: typeof change) => servedAs(how).adapter.streams[0]!.mappingVersion;
    expect(version(change)).not.toBe(version(asItIs));
  });

  it('is not read anew for another order, another name, or another list', () => {
    const versions = (change: (manifest: any) => unknown) => servedAs(change).adapter.streams[0]!.mappingVersion;
    const reordered = (manifest: any) =>
      (manifest.streams[0] = Object.fromEntries(Object.entries(manifest.streams[0]).toReversed()));
    for (const change of [
      reordered,
      (manifest: any) => (manifest.name = 'Acme'),
      (manifest: any) => (manifest.streams[1].version = 7),
    ]) {
      expect(versions(change)).toBe(versions(asItIs));
    }
  });
});

describe('the registry', () => {
  const registry = () => new ProviderRegistry(createAdapters({ liveHosts: {}, paths: {} }));

  it('serves built-in providers first, then what is told, and one origin at a time', () => {
    const one = registry();
    one.serve('folder', [servedAs((manifest) => (manifest.id = 'zeta')), servedAs(asItIs)]);
    expect(one.ids()).toEqual(['practicehub', 'wodify', 'terminal', 'acme', 'zeta']);
    one.serve('admin', [servedAs((manifest) => (manifest.name = 'Acme of operators'), 'admin')]);
    expect([one.nameOf('acme'), one.get('acme').origin]).toEqual(['Acme of operators', 'admin']);
    one.serve('admin', []);
    expect([one.nameOf('acme'), one.get('acme').origin]).toEqual(['Acme Bookings', 'folder']);
    one.serve('folder', []);
    expect(() => one.get('acme')).toThrow(ProviderNotServed);
    expect(one.nameOf('acme')).toBe('acme');
    expect(registry().has('acme')).toBe(false);
  });

  it('replaces no built-in provider', () => {
    const one = registry();
    const before = one.get('wodify');
    one.serve('admin', [{ ...servedAs(asItIs), entry: { ...before.entry, name: 'Another' } }]);
    expect(one.get('wodify')).toBe(before);
  });

  it('looks again before it says that there is none, and only for what may be an id', async () => {
    const one = registry();
    const asked: number[] = [];
    one.onUnknown(() => {
      asked.push(1);
      one.serve('admin', [servedAs(asItIs, 'admin')]);
      return Promise.resolve();
    });
    expect(await one.find('../etc')).toBeNull();
    expect(asked).toEqual([]);
    expect((await one.seek('acme')).entry.id).toBe('acme');
    await one.find('acme');
    expect(asked).toEqual([1]);
    await expect(one.seek('nobody')).rejects.toThrow(ProviderNotServed);
  });
});
