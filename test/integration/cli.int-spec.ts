import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { run } from '../../src/cli/program';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/database/embedded-postgres';
import { build } from '../support/build';
import { emptyDatabase, migratedDatabase, type TestDatabase } from '../support/database';

/** Of every operation at the command line. */
const OPERATOR = `cli:${os.userInfo().username}@${os.hostname()}`;
const root = path.resolve(__dirname, '../..');

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command line', () => {
  let database: TestDatabase;
  let dataDir: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-cli-'));
  });

  afterAll(async () => {
    await database?.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** In this process: a second of transpiling less for every command. */
  async function cli(
    args: readonly string[],
    env: Record<string, string> = { DATABASE_URL: database.url },
  ): Promise<Outcome> {
    const before = process.env;
    process.env = { PATH: before['PATH'], DATA_DIR: dataDir, ...env };
    const written = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((stream) =>
      jest.spyOn(process[stream], 'write').mockImplementation((text) => {
        written[stream] += String(text);
        return true;
      }),
    );
    try {
      const code = await run(args);
      return { code, ...written };
    } finally {
      for (const spy of spies) spy.mockRestore();
      process.env = before;
    }
  }

  function spawned(args: readonly string[], env: Record<string, string>): Promise<Outcome> {
    build();
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        ['--enable-source-maps', 'dist/cli/main.js', ...args],
        { cwd: root, env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env } },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  }
  async function withDatabase<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
  const json = (outcome: Outcome) => JSON.parse(outcome.stdout) as Record<string, string>;

  it('creates a merchant and walks a key through its life', async () => {
    const merchant = json(await cli(['merchant', 'create', '--name', 'Acme', '--currency', 'eur', '--json']));
    expect(merchant).toMatchObject({ name: 'Acme', defaultCurrency: 'EUR' });
    const id = merchant['id']!;

    const created = await cli([
      'api-key',
      'create',
      '--merchant',
      id,
      '--environment',
      'live',
      '--scope',
      'sync:*',
      '--json',
    ]);
    expect(created.stderr).toContain('shown this once');
    const key = json(created);
    expect(key).toMatchObject({ merchantId: id, environment: 'live', scopes: ['sync:*'] });
    expect(key['key']).toMatch(/^rk_live_[0-9A-Za-z]{38}$/);

    const rotated = json(await cli(['api-key', 'rotate', key['id']!, '--overlap-seconds', '60', '--json']));
    expect(rotated['rotatedFrom']).toBe(key['id']);
    await cli(['api-key', 'revoke', rotated['id']!]);

    const listed = await cli(['api-key', 'list', '--merchant', id]);
    expect(listed.stdout.split('\n')[0]).toMatch(/^id +merchantId +environment +name +displayPrefix +scopes/);
    expect(listed.stdout.split('\n')).toHaveLength(4);
    expect(listed.stdout).not.toContain(key['key']!.slice(16));
    const rows = JSON.parse((await cli(['api-key', 'list', '--merchant', id, '--json'])).stdout) as Record<
      string,
      string
    >[];
    expect(rows.map((row) => row['revokedAt'] !== null)).toEqual([false, true]);
    expect(rows[0]!['expiresAt']).not.toBeNull();
  });

  it('issues a token of thirty days', async () => {
    const issued = json(
      await cli(['token', 'issue', '--role', 'viewer', '--permission', 'integrations.read', '--json']),
    );
    const claims = JSON.parse(Buffer.from(issued['token']!.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    expect(claims).toMatchObject({
      sub: OPERATOR.replace('cli:', ''),
      roles: ['viewer'],
      permissions: ['integrations.read'],
    });
    expect((claims['exp'] as number) - (claims['iat'] as number)).toBe(30 * 86_400);
  });

  it('lists what it issued, and revokes one token', async () => {
    const issued = json(
      await cli(['token', 'issue', '--role', 'operator', '--subject', 'jo', '--days', '1', '--json']),
    );
    const other = json(await cli(['token', 'issue', '--role', 'operator', '--subject', 'jo', '--json']));
    const list = async () =>
      (JSON.parse((await cli(['token', 'list', '--json'])).stdout) as Record<string, unknown>[]).filter(
        ({ subject }) => subject === 'jo',
      );
    expect(await list()).toMatchObject([
      { jti: other['jti'], roles: ['operator'], issuedBy: OPERATOR, revokedAt: null },
      { jti: issued['jti'], roles: ['operator'], issuedBy: OPERATOR, revokedAt: null },
    ]);
    expect(json(await cli(['token', 'revoke', issued['jti']!, '--json']))).toMatchObject({ revokedBy: OPERATOR });
    expect((await list()).map(({ revokedAt }) => revokedAt === null)).toEqual([true, false]);
    const unknown = await cli(['token', 'revoke', 'of-another-issuer']);
    expect([unknown.code, unknown.stderr]).toEqual([0, expect.stringContaining('Check that it is right')]);
  });

  it('every operation of a command is in the audit log under its operator', async () => {
    const node = json(await cli(['node', 'create', '--name', 'root', '--json']));
    const key = json(await cli(['node', 'key', 'create', '--node', node['id']!, '--name', 'k', '--json']));
    await cli(['node', 'key', 'rotate', key['id']!]);
    await cli(['node', 'key', 'delete', key['id']!]);
    await cli(['db', 'restored', '--reason', 'a drill']);
    await withDatabase(async (client) => {
      const { rows } = await client.query<{ action: string; by: string }>(
        `SELECT DISTINCT action, actor_kind || ' ' || actor_id AS by FROM audit_entries ORDER BY action`,
      );
      expect(rows).toEqual(
        [
          'api_key.created',
          'api_key.revoked',
          'api_key.rotated',
          'database.restored',
          'merchant.created',
          'node.created',
          'node_integration.created',
          'node_integration.deleted',
          'node_integration.secret_rotated',
          'secret.opened',
          'secret.sealed',
          'signing_key.created',
          'token.issued',
          'token.revoked',
        ].map((action) => ({ action, by: `cli ${OPERATOR}` })),
      );
      const issued = await client.query(
        `SELECT subject_id, details FROM audit_entries WHERE action = 'token.issued' AND details ->> 'subject' = 'jo'`,
      );
      for (const { subject_id: jti, details } of issued.rows) {
        expect(details).toMatchObject({ jti, subject: 'jo', roles: ['operator'] });
      }
      expect(issued.rows).toHaveLength(2);
    });
  });

  it.each([
    [['api-key', 'create', '--merchant', 'x', '--environment', 'live'], 'must be an id'],
    [
      ['api-key', 'create', '--merchant', '00000000-0000-4000-8000-000000000000', '--environment', 'live'],
      'no such merchant',
    ],
    [['api-key', 'revoke', '00000000-0000-4000-8000-000000000000'], 'Not found'],
    [['merchant', 'create', '--name', 'Acme', '--currency', 'GPB'], 'must be an ISO 4217 code'],
    [['provider', 'check', 'terminal', '--currency', 'pounds'], 'must be an ISO 4217 code'],
    [['token', 'issue', '--role', 'root'], 'must be one of'],
    [['token', 'issue', '--days', '31'], 'from 1 to 30'],
    [['token', 'issue'], 'Give a --role or a --permission'],
    [['token', 'issue', '--role', 'viewer', '--node', 'somewhere'], 'must be an id'],
    [
      ['provider', 'check', 'terminal', '--base-url', 'https://api.revkeen.com', '--out', '/no/where'],
      'no file can be written at /no/where',
    ],
    [['provider', 'check', 'wodify', '--base-url', 'https://a.example'], 'a host of the provider. OUTBOUND_ALLOW'],
    [['nonsense'], 'unknown command'],
  ])('%j fails with words, not with a stack', async (args, words) => {
    const outcome = await cli(args);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(words);
    expect(outcome.stderr).not.toContain('    at ');
    expect(outcome.stdout).toBe('');
  });

  it('names wrong variables, and never shows the password of a database that is away', async () => {
    const wrong = await spawned(['merchant', 'list'], { DATABASE_URL: 'mysql://x', PORT: 'abc' });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('DATABASE_URL: must be a postgres:// URL')]);
    const away = await spawned(['merchant', 'list'], {
      DATABASE_URL: 'postgres://someone:canary-password@127.0.0.1:1/x',
    });
    expect(away.code).toBe(1);
    expect(away.stdout + away.stderr).not.toContain('canary-password');
  }, 60_000);

  it('shares the embedded database with the process that runs it', async () => {
    const home = await mkdtemp(path.join(os.tmpdir(), 'interlock-cli-embedded-'));
    let running: EmbeddedPostgres | undefined;
    try {
      // alone: it starts one of its own
      await cli(['merchant', 'create', '--name', 'Before'], { DATA_DIR: home });
      running = await startEmbeddedPostgres({ dataDir: home });
      const created = await spawned(['merchant', 'create', '--name', 'During'], { DATA_DIR: home });
      expect([created.code, created.stderr]).toEqual([0, '']);
      await running.stop();
      running = undefined;
      const listed = JSON.parse((await cli(['merchant', 'list', '--json'], { DATA_DIR: home })).stdout) as {
        name: string;
      }[];
      expect(listed.map(({ name }) => name)).toEqual(['Before', 'During']);
    } finally {
      await running?.stop();
      await rm(home, { recursive: true, force: true });
    }
  }, 60_000);

  it('names the migrations that are missing, changes nothing by that, and then applies them', async () => {
    const empty = await emptyDatabase();
    try {
      const env = { DATABASE_URL: empty.url };
      const status = async () => JSON.parse((await cli(['db', 'status', '--json'], env)).stdout) as Record<string, any>;
      const before = await status();
      expect(before).toMatchObject({ database: new URL(empty.url).pathname.slice(1), applied: 0, unknown: [] });
      expect(before['server']).toMatch(/^\d+\.\d+/);
      const dry = JSON.parse((await cli(['db', 'migrate', '--dry-run', '--json'], env)).stdout) as {
        missing: string[];
      };
      expect(dry.missing).toEqual(before['missing']);
      expect(await status()).toEqual(before);
      const { applied } = JSON.parse((await cli(['db', 'migrate', '--json'], env)).stdout) as { applied: string[] };
      expect(applied).toEqual(dry.missing);
      expect(await status()).toMatchObject({ applied: applied.length, missing: [], unknown: [] });
    } finally {
      await empty.drop();
    }
  }, 60_000);

  it('tells the migrations of a newer program', async () => {
    await withDatabase((client) =>
      client.query(`INSERT INTO schema_migrations (timestamp, name) VALUES (1, 'Newer1')`),
    );
    const { stdout } = await cli(['db', 'status', '--json']);
    await withDatabase((client) => client.query(`DELETE FROM schema_migrations WHERE name = 'Newer1'`));
    expect(JSON.parse(stdout)).toMatchObject({ missing: [], unknown: ['Newer1'] });
  });

  it('lists the configuration, with where each value comes from', async () => {
    const { code, stdout } = await cli(['config', 'list'], { DATABASE_URL: database.url, PORT: '4000' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PORT +4000 +environment$/m);
    expect(stdout).toMatch(/^HOST +127\.0\.0\.1 +default$/m);
    expect(stdout).toMatch(/^REDIS_URL +- +unset$/m);
    expect((await cli(['config', 'list'], { PORT: 'x' })).stderr).toContain('PORT');
  });
});
