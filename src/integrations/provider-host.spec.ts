import type { Integration } from './integration';
import { isUnder, providerHostOf, simulatorPrefix } from './provider-host';

const config = { sandboxProviders: true, sandboxOrigin: 'http://127.0.0.1:3010' };
const key = { provider: 'practicehub', environment: 'sandbox' } as const;

describe('where the simulator may be called', () => {
  it.each([
    ['served here, in the sandbox', config, key, 'http://127.0.0.1:3010/sandbox/practicehub'],
    ['a live key', config, { ...key, environment: 'live' } as const, null],
    ['not served', { ...config, sandboxProviders: false }, key, null],
    ['served nowhere', { ...config, sandboxOrigin: null }, key, null],
  ])('%s', (_what, settings, of, prefix) => {
    expect(simulatorPrefix(settings, of)).toBe(prefix);
  });

  it.each([
    ['http://x/a', true],
    ['http://x/a/b', true],
    ['http://x/ab', false],
    ['http://x', false],
    ['http://y/http://x/a/', false],
  ])('%s is under http://x/a: %s', (url, under) => {
    expect(isUnder(url, 'http://x/a')).toBe(under);
    expect(isUnder(url, null)).toBe(false);
  });
});

describe('the machine that an integration depends on', () => {
  const hostOf = (baseUrl: string) =>
    providerHostOf(config, { ...key, merchantId: 'merchant', configuration: { baseUrl } } as Integration);

  it.each([
    ['https://clinic.example:8443/api', 'clinic.example:8443'],
    ['http://127.0.0.1:3010/sandbox/practicehub', 'merchant'],
    ['http://127.0.0.1:3010/sandbox/wodify', '127.0.0.1:3010'],
    ['no address', 'invalid'],
  ])('%s: %s', (baseUrl, host) => {
    expect(hostOf(baseUrl)).toBe(host);
  });
});
