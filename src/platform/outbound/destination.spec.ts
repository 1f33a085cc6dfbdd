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

const HOSTILE: readonly (readonly [string, RefusalReason])[] = [
  // not https
  ['http://api.wodify.com/v1', 'scheme'],
  ['ftp://api.wodify.com/', 'scheme'],
  ['file:///etc/passwd', 'scheme'],
  ['gopher://api.wodify.com/_x', 'scheme'],
  ['data:application/json,{}', 'scheme'],
  ['javascript:alert(1)', 'scheme'],
  ['ws://api.wodify.com/', 'scheme'],
  ['unix:/var/run/docker.sock', 'scheme'],
  ['blob:https://api.wodify.com/1', 'scheme'],
  // not a URL
  ['', 'malformed'],
  ['api.wodify.com', 'malformed'],
  ['//api.wodify.com/v1', 'malformed'],
  ['https://', 'malformed'],
  ['https:api.wodify.com', 'malformed'],
  ['https:/api.wodify.com', 'malformed'],
  ['https:///api.wodify.com', 'malformed'],
  ['https://api.wodify.com\\@127.0.0.1/', 'malformed'],
  ['https:\\\\127.0.0.1\\', 'malformed'],
  ['https://127.0.0.1\t/', 'malformed'],
  ['https://api.wodify.com/\r\nHost: 127.0.0.1', 'malformed'],
  [' https://api.wodify.com', 'malformed'],
  ['https://api.wodify.com:99999/', 'malformed'],
  ['https://exa mple.com/', 'malformed'],
  ['https://[::1', 'malformed'],
  ['https://[fe80::1%25eth0]/', 'malformed'],
  [`https://${'a'.repeat(9000)}.com/`, 'malformed'],
  // user names and passwords
  ['https://user@api.wodify.com/', 'userinfo'],
  ['https://user:secret@api.wodify.com/', 'userinfo'],
  ['https://api.wodify.com@127.0.0.1/', 'userinfo'],
  ['https://api.wodify.com%40127.0.0.1@10.0.0.1/', 'userinfo'],
  ['https://:@169.254.169.254/', 'host_form'],
  // loopback and its spellings
  ['https://localhost/', 'host_form'],
  ['https://LOCALHOST/', 'host_form'],
  ['https://localhost./', 'host_form'],
  ['https://api.localhost/', 'host_form'],
  ['https://localhost.localdomain/', 'host_form'],
  ['https://api.default.svc/', 'host_form'],
  ['https://api.default.svc.cluster.local/', 'host_form'],
  ['https://api.default.svc.cluster.local./', 'host_form'],
  ['https://127.0.0.1/', 'host_form'],
  ['https://127.1/', 'host_form'],
  ['https://2130706433/', 'host_form'],
  ['https://0x7f000001/', 'host_form'],
  ['https://0x7f.0.0.1/', 'host_form'],
  ['https://017700000001/', 'host_form'],
  ['https://0177.0.0.01/', 'host_form'],
  ['https://127.0.0.1./', 'host_form'],
  ['https://１２７.０.０.１/', 'host_form'],
  ['https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/', 'host_form'],
  ['https://127。0。0。1/', 'host_form'],
  ['https://%31%32%37.0.0.1/', 'host_form'],
  ['https://0.0.0.0/', 'host_form'],
  ['https://0/', 'host_form'],
  ['https://[::1]/', 'host_form'],
  ['https://[::]/', 'host_form'],
  ['https://[0:0:0:0:0:0:0:1]/', 'host_form'],
  // IPv4 inside IPv6
  ['https://[::ffff:127.0.0.1]/', 'host_form'],
  ['https://[::ffff:7f00:1]/', 'host_form'],
  ['https://[::127.0.0.1]/', 'host_form'],
  ['https://[64:ff9b::127.0.0.1]/', 'host_form'],
  ['https://[2002:7f00:1::]/', 'host_form'],
  ['https://[2001:0:7f00:1::]/', 'host_form'],
  // private, link-local, metadata, multicast, reserved
  ['https://10.0.0.1/', 'host_form'],
  ['https://172.16.0.1/', 'host_form'],
  ['https://192.168.1.1/', 'host_form'],
  ['https://100.64.0.1/', 'host_form'],
  ['https://169.254.169.254/latest/meta-data/', 'host_form'],
  ['https://0xa9fea9fe/', 'host_form'],
  ['https://2852039166/', 'host_form'],
  ['https://metadata.google.internal/computeMetadata/v1/', 'host_form'],
  ['https://[fd00:ec2::254]/', 'host_form'],
  ['https://[fe80::1]/', 'host_form'],
  ['https://[fc00::1]/', 'host_form'],
  ['https://224.0.0.1/', 'host_form'],
  ['https://255.255.255.255/', 'host_form'],
  ['https://[ff02::1]/', 'host_form'],
  // a public address is still not a name, and hexadecimal makes it no better
  ['https://8.8.8.8/', 'host_form'],
  ['https://0x08080808/', 'host_form'],
  ['https://[2606:4700:4700::1111]/', 'host_form'],
  // names of the inside
  ['https://intranet/', 'host_form'],
  ['https://postgres/', 'host_form'],
  ['https://api.internal/', 'host_form'],
  ['https://printer.local/', 'host_form'],
  ['https://router.lan/', 'host_form'],
  ['https://1.0.0.127.in-addr.arpa/', 'host_form'],
  ['https://api.wodify.com./', 'host_form'],
  ['https://.wodify.com/', 'host_form'],
  ['https://a..wodify.com/', 'host_form'],
  [`https://${'a'.repeat(64)}.com/`, 'host_form'],
  // ports where no HTTP API lives
  ['https://api.wodify.com:22/', 'port'],
  ['https://api.wodify.com:25/', 'port'],
  ['https://api.wodify.com:80/', 'port'],
  ['https://api.wodify.com:5432/', 'port'],
  ['https://api.wodify.com:6379/', 'port'],
  ['https://api.wodify.com:0/', 'port'],
];

describe('checkDestination', () => {
  it('has a table of at least 60 hostile URLs', () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
  });

  it.each(HOSTILE)('refuses %j (%s)', (url, reason) => {
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
