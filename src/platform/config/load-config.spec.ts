import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError, environmentVariableNames, loadConfig } from '.';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything outside production', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      role: 'all',
      database: { embedded: true },
      redisUrl: null,
      queueShards: 1,
      sandboxProviders: true,
      trustProxy: false,
    });
    expect(path.isAbsolute(config.dataDir)).toBe(true);
  });

  it('takes a second key management only beside one of the other kind', () => {
    const [rule] = problemsOf({ KMS_OTHER_KEY_ID: 'local' });
    expect(rule).toMatch(/^KMS_OTHER_KEY_ID: must be/);
    expect(problemsOf({ KMS_KEY_ID: 'alias/a', KMS_OTHER_KEY_ID: 'alias/b' })).toEqual([rule]);
    expect(loadConfig({ KMS_OTHER_KEY_ID: 'alias/b' }).kms).toMatchObject({ keyId: null, otherKeyId: 'alias/b' });
    expect(loadConfig({ KMS_KEY_ID: 'alias/a', KMS_OTHER_KEY_ID: 'local' }).kms).toMatchObject({
      keyId: 'alias/a',
      otherKeyId: 'local',
    });
  });

  it('takes an empty value for none', () => {
    const empty = Object.fromEntries(environmentVariableNames().map((name) => [name, '']));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });

  it('says what is wrong with a URL of a store without a part of it', () => {
    for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL']) {
      expect(() => loadConfig({ [name]: 'postgres://u:canary@a,b/db?target_session_attrs=standby' })).toThrow(
        `The environment is not valid:\n  - ${name}: must have any, read-write, primary or nothing as target_session_attrs`,
      );
    }
    expect(() => loadConfig({ REDIS_URL: 'redis+sentinel://u:canary@a,b' })).toThrow(
      'The environment is not valid:\n  - REDIS_URL: must name the primary behind the Sentinels, such as /mymaster',
    );
  });

  it('names every wrong variable with its rule, and no value', () => {
    const wrong: Record<string, string> = {
      NODE_ENV: 'canary',
      PORT: '70000',
      HOST: 'can ary',
      DATABASE_URL: 'mysql://canary',
      DATABASE_DIRECT_URL: 'canary',
      DATABASE_POOL_SIZE: '1',
      REDIS_URL: 'http://canary',
      QUEUE_SHARDS: '0',
      KMS_ENDPOINT: 'canary',
      AWS_REGION: 'CANARY!',
      ROLE: 'canary',
      WORKER_CONCURRENCY: '1.5',
      SANDBOX_PROVIDERS: 'canary',
      ALLOWED_HOSTS: 'https://canary',
      METRICS_PORT: 'canary',
      SANDBOX_PORT: '-1',
      SANDBOX_ORIGIN: 'canary',
      OUTBOUND_ALLOW_PRIVATE: 'canary',
      PROVIDER_LIVE_HOSTS: 'canary=https://canary',
      PROVIDER_PATHS: 'canary.list=canary',
      RATE_LIMIT_LIVE_PER_MINUTE: '-1',
      RATE_LIMIT_SANDBOX_PER_MINUTE: 'canary',
      TRUST_PROXY: 'canary',
      JWKS_URL: 'canary',
      UNKEY_ROOT_KEY: 'can ary',
      UNKEY_BASE_URL: 'canary',
      UNKEY_CACHE_MS: '60001',
      LOG_LEVEL: 'canary',
      DEV_CREDENTIALS: 'canary',
      SHUTDOWN_GRACE_SECONDS: '0',
    };
    const problems = problemsOf(wrong);
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(Object.keys(wrong).sort());
    for (const problem of problems) expect(problem).toMatch(/^[A-Z_]+: \S.+/);
    expect(problems.join('\n')).not.toMatch(/canary|can ary/i);
  });

  it('wants development defaults asked for by name in production', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['DATABASE_URL', 'KMS_KEY_ID']);
    const accepted = { NODE_ENV: 'production', DATABASE_URL: 'embedded', KMS_KEY_ID: 'local' };
    expect(loadConfig(accepted)).toMatchObject({ production: true, sandboxProviders: false, devCredentials: false });
  });

  it('asks Unkey about keys where its root key is given, and refuses what goes against that', () => {
    const UNKEY_ROOT_KEY = 'unkey_3Zb9KmXqTp';
    expect(loadConfig({}).unkey).toBeNull();
    expect(loadConfig({ UNKEY_ROOT_KEY })).toMatchObject({
      unkey: { rootKey: UNKEY_ROOT_KEY, baseUrl: 'https://api.unkey.com', cacheMs: 900 },
      devCredentials: false,
    });
    const names = (environment: Record<string, string>): (string | undefined)[] =>
      problemsOf(environment).map((problem) => problem.split(':')[0]);
    expect(names({ UNKEY_BASE_URL: 'https://unkey.example.com', UNKEY_CACHE_MS: '0' })).toEqual([
      'UNKEY_BASE_URL',
      'UNKEY_CACHE_MS',
    ]);
    expect(names({ UNKEY_ROOT_KEY, DEV_CREDENTIALS: 'true' })).toEqual(['DEV_CREDENTIALS']);
    const production = { NODE_ENV: 'production', DATABASE_URL: 'embedded', KMS_KEY_ID: 'local', UNKEY_ROOT_KEY };
    expect(names({ ...production, UNKEY_BASE_URL: 'http://unkey.internal' })).toEqual(['UNKEY_BASE_URL']);
    expect(names({ ...production, UNKEY_BASE_URL: 'https://unkey.internal' })).toEqual([]);
  });

  it('reads what is said of single providers', () => {
    expect(loadConfig({}).providers).toEqual({ folder: null, liveHosts: {}, paths: {} });
    const { providers } = loadConfig({
      PROVIDERS_DIR: 'manifests',
      PROVIDER_LIVE_HOSTS: 'acme=.acme.com,.acme.io;other-one=api.other.com',
      PROVIDER_PATHS: 'acme.products=/items;acme.packages=/v2/bundles',
    });
    expect(providers).toEqual({
      folder: path.resolve('manifests'),
      liveHosts: { acme: ['.acme.com', '.acme.io'], 'other-one': ['api.other.com'] },
      paths: { acme: { products: '/items', packages: '/v2/bundles' } },
    });
  });

  const names = (environment: Record<string, string>): (string | undefined)[] =>
    problemsOf(environment).map((problem) => problem.split(':')[0]);
  const PRODUCTION = { NODE_ENV: 'production', DATABASE_URL: 'postgres://localhost/db', KMS_KEY_ID: 'alias/a' };

  it("gives each listener a port of its own, and the simulators an origin that is not the console's", () => {
    expect(names({ SANDBOX_PORT: '3000' })).toEqual(['SANDBOX_PORT']);
    expect(names({ PORT: '0', SANDBOX_PORT: '0', METRICS_PORT: '0' })).toEqual([]);
    expect(names({ METRICS_PORT: '3000' })).toEqual(['METRICS_PORT']);
    expect(names({ METRICS_PORT: '3010', SANDBOX_PORT: '3010' })).toEqual(['METRICS_PORT']);
    expect(names({ SANDBOX_ORIGIN: 'http://127.0.0.1:3000' })).toEqual(['SANDBOX_ORIGIN']);
    expect(names({ SANDBOX_ORIGIN: 'https://a.example', PUBLIC_ORIGIN: 'https://a.example' })).toEqual([
      'SANDBOX_ORIGIN',
    ]);
    for (const origin of ['http://a@b:3010', 'http://a/b', 'http://a:99999', 'http://[::1', 'ftp://a']) {
      expect(names({ SANDBOX_ORIGIN: origin })).toEqual(['SANDBOX_ORIGIN']);
    }
    const origins = (environment: Record<string, string>): string | null => loadConfig(environment).sandboxOrigin;
    expect(origins({})).toBeNull();
    expect(origins({ SANDBOX_PORT: '3010' })).toBe('http://127.0.0.1:3010');
    expect(origins({ SANDBOX_PORT: '3010', HOST: '::1' })).toBe('http://[::1]:3010');
    expect(origins({ SANDBOX_PORT: '3010', HOST: '0.0.0.0' })).toBe('http://localhost:3010');
    const serves = (environment: Record<string, string>): boolean => loadConfig(environment).servesSandbox;
    expect([serves({}), serves({ ROLE: 'worker' }), serves({ SANDBOX_ORIGIN: 'http://api:3010' })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(serves({ SANDBOX_ORIGIN: 'http://api:3010', SANDBOX_PORT: '3010' })).toBe(true);
    expect(loadConfig({}).withSandboxPort(4711).sandboxOrigin).toBe('http://127.0.0.1:4711');
    expect(loadConfig({ SANDBOX_ORIGIN: 'http://api:80' }).withSandboxPort(4711).sandboxOrigin).toBe('http://api');
  });

  it('takes the keys of tokens in production over https or from this machine alone', () => {
    for (const url of ['http://login.example.com/jwks', 'http://10.0.0.1/jwks', 'http://localhost.example.com/jwks']) {
      expect(names({ ...PRODUCTION, JWKS_URL: url })).toEqual(['JWKS_URL']);
      expect(names({ JWKS_URL: url })).toEqual([]);
    }
    for (const url of [
      'https://login.example.com/jwks',
      'http://127.0.0.1:1/jwks',
      'http://[::1]/jwks',
      'http://localhost/jwks',
    ]) {
      expect(names({ ...PRODUCTION, JWKS_URL: url })).toEqual([]);
    }
  });

  describe('says of production what is set in a risky way', () => {
    const RISKY: Record<string, [risky: string[], fine: string[]]> = {
      DATABASE_URL: [
        ['embedded', 'postgres://db/x', 'postgres://db/x?sslmode=prefer', 'postgres://localhost,db/x'],
        [
          'postgres://u:p@db/x?sslmode=verify-full',
          'postgres://127.0.0.1/x',
          'postgres://u@%2Ftmp%2Fpg:5432/x',
          'postgres://u@/x?host=/run/pg',
        ],
      ],
      DATABASE_DIRECT_URL: [['postgresql://db/x'], ['postgresql://[::1]/x']],
      REDIS_URL: [
        ['redis://queue:6379', 'redis+sentinel://a,b/main', 'redis+cluster://a:7000,b:7001'],
        ['rediss://queue:6379', 'redis://localhost:6379', 'rediss+sentinel://a,b/main'],
      ],
      KMS_KEY_ID: [['local'], ['alias/a']],
      KMS_ENDPOINT: [['http://kms:8080', 'http://127.0.0.1:8080'], ['https://kms:8080']],
      SANDBOX_PROVIDERS: [['true', '1'], ['false']],
      OUTBOUND_ALLOW_PRIVATE: [
        ['true', '1'],
        ['false', ''],
      ],
      RATE_LIMIT_LIVE_PER_MINUTE: [['0'], ['1']],
      RATE_LIMIT_SANDBOX_PER_MINUTE: [['0'], ['1']],
      EXCHANGE_LIMIT_PER_ADDRESS: [['0'], ['1']],
      TRUST_PROXY: [
        ['true', '0.0.0.0/0', '10.0.0.1, ::/0'],
        ['1', 'loopback', '10.0.0.0/8'],
      ],
      PUBLIC_ORIGIN: [['http://a.example'], ['https://a.example', 'http://localhost:3000']],
      DEV_CREDENTIALS: [['true'], ['false']],
      OTEL_EXPORTER_OTLP_ENDPOINT: [['http://otel:4318'], ['https://otel:4318', 'http://127.0.0.1:4318']],
    };
    const risksOf = (environment: Record<string, string>): string[] =>
      loadConfig(environment).risks.map(({ variable }) => variable);

    it.each(Object.keys(RISKY))('%s', (name) => {
      const [risky, fine] = RISKY[name]!;
      for (const value of risky) {
        expect([value, risksOf({ ...PRODUCTION, [name]: value })]).toEqual([value, [name]]);
        expect(risksOf({ [name]: value })).toEqual([]);
      }
      for (const value of fine) expect([value, risksOf({ ...PRODUCTION, [name]: value })]).toEqual([value, []]);
    });

    it('knows these and no other, and quotes no value', () => {
      const environment = Object.fromEntries(Object.entries(RISKY).map(([name, [[value]]]) => [name, value!]));
      const { risks } = loadConfig({ ...PRODUCTION, ...environment });
      expect(risks.map(({ variable }) => variable)).toEqual(Object.keys(RISKY));
      const source = readFileSync(path.resolve(__dirname, 'environment.ts'), 'utf8');
      const declared = [...source.matchAll(/@Risky\((?:(?!@Risky)[\s\S])*?\n  ([A-Z_]+)\?:/g)].map(([, name]) => name);
      expect([...new Set(declared)]).toEqual(Object.keys(RISKY));
      for (const { risk } of risks) expect(risk).not.toMatch(/example|otel|queue|kms:/);
    });
  });

  it('is frozen, all the way down', () => {
    const config = loadConfig({});
    for (const value of [config, config.database, config.providers, config.providers.liveHosts])
      expect(Object.isFrozen(value)).toBe(true);
  });

  it('reaches the direct database for what cannot pass a pooler', () => {
    const pooled = 'postgres://pooler/interlock';
    expect(loadConfig({ DATABASE_URL: pooled }).database).toMatchObject({ directUrl: pooled, pooled: false });
    const both = loadConfig({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: 'postgres://db/interlock' });
    expect(both.database).toMatchObject({ url: pooled, directUrl: 'postgres://db/interlock', pooled: true });
  });

  it.each<[string, string | number | boolean]>([
    ['true', true],
    ['false', false],
    ['2', 2],
    ['loopback', 'loopback'],
    ['10.0.0.0/8, 192.168.1.1', '10.0.0.0/8, 192.168.1.1'],
  ])('reads TRUST_PROXY=%s', (text, value) => {
    expect(loadConfig({ TRUST_PROXY: text }).trustProxy).toBe(value);
  });

  it('is the only reader of the environment but for the starters', () => {
    const text = readFileSync(path.resolve(__dirname, '../../../.oxlintrc.json'), 'utf8');
    const lint = JSON.parse(text.replace(/^ *\/\/.*$/gm, '')) as {
      rules: Record<string, unknown>;
      overrides: { files: string[]; rules: Record<string, unknown> }[];
    };
    expect(lint.rules['node/no-process-env']).toBe('error');
    const readers = lint.overrides
      .filter(({ rules }) => rules['node/no-process-env'] === 'off')
      .flatMap(({ files }) => files);
    expect(readers.filter((files) => files.startsWith('src/'))).toEqual(['src/main.ts', 'src/cli/**']);
  });
});
