import { HOSTILE_URLS } from '../../../test/support/hostile-urls';
import {
  checkDestination,
  DestinationRefused,
  hostIsUnder,
  type DestinationPolicy,
  type RefusalReason,
} from './destination';
import { classifyAddress } from './ip-ranges';

const strict: DestinationPolicy = { allowPrivate: false, allowedHostSuffixes: null, exemptPrefix: null };

function reasonFor(url: string, policy: Partial<DestinationPolicy> = {}): RefusalReason | null {
  try {
    checkDestination(url, { ...strict, ...policy });
    return null;
  } catch (error) {
    if (error instanceof DestinationRefused) return error.reason;
    throw error;
  }
}

describe('checkDestination', () => {
  it('has a table of at least 60 hostile URLs', () => {
    expect(HOSTILE_URLS.length).toBeGreaterThanOrEqual(60);
  });

  it.each(HOSTILE_URLS)('refuses %j (%s)', (url, reason) => {
    expect(reasonFor(url)).toBe(reason);
  });

  it.each([
    'https://api.wodify.com/v1',
    'https://yourclinic.neptune.practicehub.io/api',
    'https://api.revkeen.com:8443/v2',
    'https://API.Wodify.Com:443/',
    'https://bücher.example.com/',
    'https://api.wodify.com/a?q=http://127.0.0.1/',
  ])('lets %s pass', (url) => {
    expect(reasonFor(url)).toBeNull();
  });

  it('never repeats the URL in what it says', () => {
    const refused = catchRefusal('https://user:hunter2@10.1.2.3/secret');
    expect(refused.message).toBe('must not contain a user name or password');
    expect(refused.field).toBe('credentials.baseUrl');
    expect(refused.verdict).toBe('configuration');
    expect(refused.nothingSent).toBe(true);
  });

  describe('the hosts of a provider in live mode', () => {
    it.each<[string, RefusalReason | null]>([
      ['https://a.practicehub.io/', null],
      ['https://a.neptune.practicehub.io/', null],
      ['https://A.PRACTICEHUB.IO/', null],
      ['https://practicehub.io/', 'host_not_allowed'],
      ['https://evilpracticehub.io/', 'host_not_allowed'],
      ['https://a.practicehub.io.evil.com/', 'host_not_allowed'],
      ['https://a-practicehub.io/', 'host_not_allowed'],
      ['https://practicehub.io.evil.com/?.practicehub.io', 'host_not_allowed'],
      ['https://evil.com/.practicehub.io', 'host_not_allowed'],
      ['https://evil.com#.practicehub.io', 'host_not_allowed'],
    ])('%s', (url, reason) => {
      expect(reasonFor(url, { allowedHostSuffixes: ['.practicehub.io'] })).toBe(reason);
    });

    it('takes a suffix without a dot as one host', () => {
      expect(hostIsUnder('api.wodify.com', 'api.wodify.com')).toBe(true);
      expect(hostIsUnder('x.api.wodify.com', 'api.wodify.com')).toBe(false);
    });
  });

  describe('with allowPrivate', () => {
    it.each([
      'http://127.0.0.1:3000/',
      'http://localhost:3000/',
      'https://10.0.0.1/',
      'http://[::1]:8080/',
      'http://postgres:5432/',
    ])('lets %s pass', (url) => {
      expect(reasonFor(url, { allowPrivate: true })).toBeNull();
    });

    it.each<[string, RefusalReason]>([
      ['http://169.254.169.254/', 'address'],
      ['http://168.63.129.16/', 'address'],
      ['http://[fd00:ec2::254]/', 'address'],
      ['http://0.0.0.0/', 'address'],
      ['http://224.0.0.1/', 'address'],
      ['http://[::ffff:10.0.0.1]/', 'address'],
      ['http://2130706433/', 'host_form'],
      ['http://0x7f.1/', 'host_form'],
      ['ftp://127.0.0.1/', 'scheme'],
      ['http://a:b@127.0.0.1/', 'userinfo'],
    ])('still refuses %s', (url, reason) => {
      expect(reasonFor(url, { allowPrivate: true })).toBe(reason);
    });
  });

  describe('the service’s own simulator', () => {
    const exemptPrefix = 'http://127.0.0.1:3000/sandbox/practicehub';

    it.each(['', '/', '/api', '/api/patients?page=1'])('is exempt at its origin and path%s', (rest) => {
      expect(checkDestination(exemptPrefix + rest, { ...strict, exemptPrefix }).exempt).toBe(true);
    });

    it('is exempt in live-host mode too, being no host of the provider', () => {
      expect(reasonFor(exemptPrefix, { exemptPrefix, allowedHostSuffixes: ['.practicehub.io'] })).toBeNull();
    });

    it.each([
      'http://127.0.0.1:3000/sandbox/practicehubx',
      'http://127.0.0.1:3000/sandbox',
      'http://127.0.0.1:3000/',
      'http://127.0.0.1:3000/sandbox/practicehub/../wodify',
      'http://127.0.0.1:3000/sandbox/practicehub/%2e%2e/wodify',
      'http://127.0.0.1:3000/sandbox/practicehub/..%2fwodify',
      'http://127.0.0.1:3000/sandbox/practicehub/%2E%2E%5Cadmin',
      'http://127.0.0.1:3001/sandbox/practicehub',
      'http://localhost:3000/sandbox/practicehub',
      'https://127.0.0.1:3000/sandbox/practicehub',
      'http://127.0.0.2:3000/sandbox/practicehub',
    ])('does not open %s', (url) => {
      expect(reasonFor(url, { exemptPrefix })).not.toBeNull();
    });
  });
});

describe('classifyAddress', () => {
  it.each([
    ['93.184.216.34', 'open'],
    ['2606:4700:4700::1111', 'open'],
    ['127.8.9.1', 'inner'],
    ['172.31.255.255', 'inner'],
    ['172.32.0.0', 'open'],
    ['100.63.255.255', 'open'],
    ['100.127.255.255', 'inner'],
    ['fd12::1', 'inner'],
    ['::1', 'inner'],
    ['100.100.100.200', 'never'],
    ['192.0.0.192', 'never'],
    ['198.19.0.1', 'never'],
    ['240.0.0.1', 'never'],
    ['::', 'never'],
    ['::ffff:93.184.216.34', 'never'],
    ['::93.184.216.34', 'never'],
    ['64:ff9b::5db8:d822', 'never'],
    ['64:ff9b:1::1', 'never'],
    ['2002:5db8:d822::1', 'never'],
    ['2001::1', 'never'],
    ['2001:db8::1', 'never'],
    ['fe80::1%lo', 'never'],
    ['fec0::1', 'never'],
    ['ff05::2', 'never'],
    ['100::1', 'never'],
  ])('%s is %s', (address, kind) => {
    expect(classifyAddress(address)).toBe(kind);
  });

  it('knows no name', () => {
    expect(classifyAddress('example.com')).toBeNull();
  });
});

function catchRefusal(url: string): DestinationRefused {
  try {
    checkDestination(url, strict);
  } catch (error) {
    if (error instanceof DestinationRefused) return error;
  }
  throw new Error('was not refused');
}
