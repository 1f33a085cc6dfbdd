import { access, chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import request from 'supertest';
import { run } from '../../src/cli/program';
import { migrate } from '../../src/database/data-source';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/database/embedded-postgres';
import { stamp, startAccount, type AccountStandIn, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { ownedLike } from '../support/standby';

jest.setTimeout(180_000);

const patient = (id: number, city: string): Row => ({
  id,
  first_name: `P${id}`,
  last_name: 'X',
  city,
  created: '2026-01-01 10:00:00',
  updated: stamp(),
});

async function ask<R>(url: string, text: string): Promise<R> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows[0] as R;
  } finally {
    await client.end();
  }
}

/** docs/operations/backup.md, step by step, with the server’s own backup API and a real archive. */
describe('a backup and its restore', () => {
  const before = { ...process.env };
  let folder: string;
  let account: AccountStandIn;
  const servers: EmbeddedPostgres[] = [];
  const at = (...names: string[]): string => path.join(folder, ...names);

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-backup-'));
    // where PostgreSQL's own user may go
    for (const name of ['', 'primary', 'restored', 'archive', 'keys']) {
      await mkdir(at(name), { recursive: true });
      await chmod(at(name), 0o755);
    }
    account = await startAccount({ patients: [1, 2, 3].map((id) => patient(id, 'old')) });
  });
  afterEach(async () => {
    process.env = { ...before };
    await account.close();
    for (const server of servers.splice(0)) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (name: string, settings: Record<string, string>): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres({ dataDir: at(name), settings: { fsync: 'off', ...settings } });
    servers.push(server);
    return server;
  };
  const over = async <T>(databaseUrl: string, work: (running: TestApp) => Promise<T>): Promise<T> => {
    const environment = { OUTBOUND_ALLOW_PRIVATE: 'true' };
    const running = await startTestApp({ environment, databaseUrl, dataDir: at('keys') });
    try {
      return await work(running);
    } finally {
      await running.close();
    }
  };
  const cli = async (url: string, ...args: string[]): Promise<{ code: number; output: string }> => {
    Object.assign(process.env, { DATABASE_URL: url, DATA_DIR: at('keys') });
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const code = await run([...args, '--json']);
    const output = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    return { code, output };
  };

  it('go to a moment: what was committed before it is there, the audit log is whole, and feed readers are told', async () => {
    // an archive that takes each file once
    const archive = `test ! -f "${at('archive')}/%f" && cp %p "${at('archive')}/%f"`;
    const primary = await start('primary', { wal_level: 'replica', archive_mode: 'on', archive_command: archive });
    await ownedLike(at('primary/postgres'), at('archive'));
    await migrate(primary.url);

    let key = '';
    interface Reader {
      cursor: string;
      readonly seen: Map<string, string>;
    }
    const newReader = (): Reader => ({ cursor: '', seen: new Map() });
    const read = async (running: TestApp, reader: Reader): Promise<number> => {
      const answer = await request(running.url)
        .get(`/v2/integrations/practicehub/records/customers?limit=500&cursor=${encodeURIComponent(reader.cursor)}`)
        .set('x-api-key', key);
      for (const { externalId, data } of answer.body.data ?? []) reader.seen.set(externalId, data.address.city);
      reader.cursor = answer.body.nextCursor ?? reader.cursor;
      return answer.status;
    };
    const reader = newReader();
    const move = async (running: TestApp, by: Reader, id: number, city: string): Promise<void> => {
      account.lists['patients']![id - 1] = patient(id, city);
      const api = `${running.url}/v2/integrations/practicehub`;
      // again, where the run before this one still reads its other lists: then there is no new one
      await eventually(
        async () => {
          await request(api).post('/sync').set('x-api-key', key).expect(200);
          expect(await read(running, by)).toBe(200);
          expect(by.seen.get(String(id))).toBe(city);
        },
        60_000,
        250,
      );
    };

    const moment = await over(primary.url, async (running) => {
      const clinic = await makeClinic(running);
      key = clinic.key;
      const credentials = { apiKey: 'stand-in-key', baseUrl: account.url };
      await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
      expect(await clinic.settled()).toBe('succeeded');
      // while the service works
      await takeBaseBackup(primary.url, at('primary/postgres'), at('restored/postgres'));
      await cp(at('primary/postgres.password'), at('restored/postgres.password'));

      await move(running, reader, 1, 'kept');
      // a run in the middle would wait for its lease after the restore
      expect(await clinic.settled()).toBe('succeeded');
      const { now } = await ask<{ now: string }>(primary.url, 'SELECT clock_timestamp()::text AS now');
      await move(running, reader, 2, 'lost');
      return now;
    });
    expect(Object.fromEntries(reader.seen)).toEqual({ 1: 'kept', 2: 'lost', 3: 'old' });
    const { file } = await ask<{ file: string }>(
      primary.url,
      'SELECT pg_walfile_name(pg_current_wal_lsn()) AS file, pg_switch_wal()',
    );
    await eventually(() => access(at('archive', file)), 30_000);
    await primary.stop();
    await rm(at('primary'), { recursive: true });

    const restored = await start('restored', {
      restore_command: `cp "${at('archive')}/%f" %p`,
      recovery_target_time: moment,
      recovery_target_action: 'promote',
    });
    await eventually(async () => {
      const { recovering } = await ask<{ recovering: boolean }>(
        restored.url,
        'SELECT pg_is_in_recovery() AS recovering',
      );
      expect(recovering).toBe(false);
    }, 30_000);
    const verified = await cli(restored.url, 'audit', 'verify');
    expect([verified.code, JSON.parse(verified.output)]).toEqual([
      0,
      expect.objectContaining({ intact: true, faults: [] }),
    ]);
    expect((await cli(restored.url, 'db', 'restored', '--reason', 'the drill')).code).toBe(0);

    await over(restored.url, async (running) => {
      const another = newReader();
      expect(await read(running, another)).toBe(200);
      expect(Object.fromEntries(another.seen)).toEqual({ 1: 'kept', 2: 'old', 3: 'old' });
      // the credential opens with the keyring that was kept apart, and the gap is read again
      await move(running, another, 3, 'later');
      expect(Object.fromEntries(another.seen)).toEqual({ 1: 'kept', 2: 'lost', 3: 'later' });
      // by now the feed is longer than it was: only its generation tells
      expect(await read(running, reader)).toBe(410);
    });
  });
});

/** As `pg_basebackup` does, with SQL and a copy: the server may write meanwhile. */
async function takeBaseBackup(url: string, data: string, to: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // one session for both: the backup ends with it
    await client.query("SELECT pg_backup_start('drill', fast => true)");
    const left = new Set([
      path.join(data, 'pg_wal'),
      path.join(data, 'postmaster.pid'),
      path.join(data, 'postmaster.opts'),
    ]);
    await cp(data, to, { recursive: true, preserveTimestamps: true, filter: (from) => !left.has(from) });
    await mkdir(path.join(to, 'pg_wal'), { mode: 0o700 });
    const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop()');
    await writeFile(path.join(to, 'backup_label'), rows[0].labelfile);
    await writeFile(path.join(to, 'recovery.signal'), '');
    await ownedLike(data, to);
  } finally {
    await client.end();
  }
}
