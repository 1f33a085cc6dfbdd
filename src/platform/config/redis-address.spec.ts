import { redisAddressOf, redisLeavesInClear, RedisUrlError } from './redis-address';

const NO_FILES = { caFile: null, certFile: null, keyFile: null };

describe('the address of Redis', () => {
  it.each([
    [
      'redis://queue',
      { kind: 'server', nodes: [{ host: 'queue', port: 6379 }], tls: null, db: 0, url: 'redis://queue' },
    ],
    [
      'redis://queue:6380/3?family=6',
      { nodes: [{ host: 'queue', port: 6380 }], db: 3, url: 'redis://queue:6380/3?family=6' },
    ],
    ['redis://', { kind: 'server', nodes: [{ host: 'localhost', port: 6379 }] }],
    ['redis://[::1]:1', { nodes: [{ host: '::1', port: 1 }] }],
    ['redis://:p@queue', { user: { username: undefined, password: 'p' } }],
    ['rediss://u:p%40:q@s@queue', { user: { username: 'u', password: 'p@:q@s' }, tls: NO_FILES }],
    [
      'rediss://u:p@queue:1/2?ssl_ca_certs=/a/ca.pem&family=4&ssl_certfile=/a/c&ssl_keyfile=/a/k',
      { url: 'rediss://u:p@queue:1/2?family=4', tls: { caFile: '/a/ca.pem', certFile: '/a/c', keyFile: '/a/k' } },
    ],
    [
      'redis+sentinel://u:p@a:1,b,[::1]:2/mymaster/4?sentinel_username=s&sentinel_password=%3Ft',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'a', port: 1 },
          { host: 'b', port: 26_379 },
          { host: '::1', port: 2 },
        ],
        user: { username: 'u', password: 'p' },
        sentinelUser: { username: 's', password: '?t' },
        primaryName: 'mymaster',
        db: 4,
        url: null,
        tls: null,
      },
    ],
    ['rediss+sentinel://a/main', { kind: 'sentinel', primaryName: 'main', db: 0, tls: NO_FILES, user: {} }],
    [
      'rediss+cluster://u:p@a:7000,b:7001?ssl_ca_certs=ca.pem',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 7001 },
        ],
        user: { username: 'u', password: 'p' },
        tls: { ...NO_FILES, caFile: 'ca.pem' },
      },
    ],
    ['redis+cluster://a', { kind: 'cluster', nodes: [{ host: 'a', port: 6379 }], db: 0 }],
  ])('is read from %s', (url, address) => {
    expect(redisAddressOf(url)).toMatchObject(address);
  });

  it.each([
    'http://canary',
    'redis://canary:6379,canary:6380',
    'redis://canary,canary',
    'redis://canary:99999',
    'redis://canary/canary',
    'redis://canary:%zz@queue',
    'redis://queue?ssl_ca_certs=canary',
    'rediss://queue?ssl_certfile=canary',
    'redis+sentinel://canary:26379',
    'redis+sentinel://canary:26379/mymaster/0/0',
    'redis+sentinel://canary:26379/mymaster/canary',
    'redis+sentinel:///mymaster',
    'redis+sentinel://a/mymaster?canary=1',
    'redis+cluster://canary:7000/1',
    'redis+cluster://a:7000,,b:7001',
    'redis+cluster://a:7000?sentinel_password=canary',
  ])('is not read from %s, and what is wrong with it is said without it', (url) => {
    const read = () => redisAddressOf(url);
    expect(read).toThrow(RedisUrlError);
    expect(read).not.toThrow(/canary|zz/);
  });

  it.each([
    ['redis+sentinel://a/main', true],
    ['redis+sentinel://localhost,127.0.0.1/main', false],
    ['rediss+sentinel://a/main', false],
    ['redis+cluster://localhost,b', true],
    ['rediss+cluster://a,b', false],
    ['redis://queue', true],
    ['redis://[::1]', false],
    ['not a URL', false],
  ])('%s leaves the machine in clear: %s', (url, inClear) => {
    expect(redisLeavesInClear(url)).toBe(inClear);
  });
});
