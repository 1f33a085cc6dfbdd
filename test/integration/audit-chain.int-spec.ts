import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Client } from 'pg';
import {
  AuditChainer,
  AuditLog,
  AuditModule,
  AuditVerifier,
  readAnchor,
  writeAnchor,
  type VerificationResult,
  type VerifyProgress,
} from '../../src/audit';
import { dataSourceOptions } from '../../src/database/data-source';
import { AppConfig, loadConfig } from '../../src/platform/config';
import { DatabaseModule, UnitOfWork } from '../../src/platform/database';
import { migratedDatabase, type TestDatabase } from '../support/database';

async function startAudit(databaseUrl: string, role: 'api' | 'worker'): Promise<TestingModule> {
  const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: databaseUrl, ROLE: role });
  @Module({ providers: [{ provide: AppConfig, useValue: config }], exports: [AppConfig] })
  class ConfigModule {}
  const module = await Test.createTestingModule({
    imports: [
      { module: ConfigModule, global: true },
      DatabaseModule.forRoot(dataSourceOptions({ ...config.database, poolSize: 8 })),
      AuditModule,
    ],
  }).compile();
  return module.init();
}

describe('the audit log', () => {
  let database: TestDatabase;
  let db: Client;
  let audit: TestingModule;

  beforeEach(async () => {
    database = await migratedDatabase();
    db = new Client({ connectionString: database.url });
    await db.connect();
    // an api process writes entries and does not chain
    audit = await startAudit(database.url, 'api');
  });
  afterEach(async () => {
    await audit?.close();
    await db?.end();
    await database?.drop();
  });

  const act = (index: number | string) => ({
    action: 'thing.done',
    subject: { type: 'thing', id: String(index) },
    actor: { kind: 'cli' as const, id: 'test' },
    details: { zeta: index, alpha: { nested: [1.5, null, 'ü "quoted"'] } },
  });
  const record = (...indexes: (number | string)[]) =>
    audit.get(UnitOfWork).run((tx) => audit.get(AuditLog).recordAll(tx, indexes.map(act)));
  const recordEach = async (count: number) => {
    for (let index = 1; index <= count; index++) await record(index);
  };
  const chain = async () => {
    while (await audit.get(AuditChainer).chainOnce());
  };
  const verify = (...anchor: Parameters<AuditVerifier['verify']>): Promise<VerificationResult> =>
    audit.get(AuditVerifier).verify(...anchor);
  const named = (verdict: VerificationResult) =>
    verdict.faults.map((fault) => [fault.kind, fault.sequence, fault.entryId]);
  const entryAt = async (sequence: number): Promise<string> =>
    (await db.query('SELECT entry_id FROM audit_chain WHERE sequence = $1', [sequence])).rows[0].entry_id;
  /** As somebody who owns the database and has taken the triggers off. */
  const tamper = async (...statements: [string, unknown[]?][]) => {
    await db.query('BEGIN');
    await db.query(`SET LOCAL session_replication_role = 'replica'`);
    for (const [text, values] of statements) await db.query(text, values);
    await db.query('COMMIT');
  };

  it.each(['audit_entries', 'audit_chain'])('refuses UPDATE, DELETE and TRUNCATE of %s', async (table) => {
    await recordEach(2);
    await chain();
    const column = table === 'audit_chain' ? 'hash = hash' : 'reason = NULL';
    await expect(db.query(`UPDATE ${table} SET ${column}`)).rejects.toThrow(/append-only/);
    await expect(db.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only/);
    await expect(db.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(/append-only/);
    expect(await verify()).toMatchObject({ intact: true, links: 2 });
  });

  it('commits an entry with its operation, or neither', async () => {
    const failing = audit.get(UnitOfWork).run(async (tx) => {
      await audit.get(AuditLog).record(tx, act(1));
      throw new Error('the act failed');
    });
    await expect(failing).rejects.toThrow('the act failed');
    expect((await db.query('SELECT 1 FROM audit_entries')).rowCount).toBe(0);
    expect(await verify()).toMatchObject({ intact: true, links: 0, unchained: 0 });
  });

  it('writes an operation that is recorded once only once', async () => {
    const once = { ...act(1), once: 'run-1' };
    for (let time = 0; time < 3; time++) {
      await audit.get(UnitOfWork).run((tx) => audit.get(AuditLog).record(tx, once));
    }
    await audit.get(UnitOfWork).run((tx) => audit.get(AuditLog).record(tx, { ...act(1), once: 'run-2' }));
    expect((await db.query('SELECT 1 FROM audit_entries')).rowCount).toBe(2);
    await chain();
    expect(await verify()).toMatchObject({ intact: true, links: 2 });
  });

  it('reports what is not chained yet, and chains it', async () => {
    await recordEach(5);
    expect(await verify()).toMatchObject({ intact: true, links: 0, unchained: 5 });
    await chain();
    expect(await verify()).toMatchObject({ intact: true, links: 5, unchained: 0 });
  });

  it('chains late what commits late, and misses nothing', async () => {
    const late = new Client({ connectionString: database.url });
    await late.connect();
    await late.query('BEGIN');
    await late.query(
      `INSERT INTO audit_entries (id, action, actor_kind, actor_id, subject_type, subject_id)
       VALUES ($1, 'thing.done', 'cli', 'test', 'thing', 'late')`,
      [randomUUID()],
    );
    await recordEach(3);
    await chain();
    expect(await verify()).toMatchObject({ intact: true, links: 3, unchained: 0 });
    await late.query('COMMIT');
    await late.end();
    await chain();
    expect(await verify()).toMatchObject({ intact: true, links: 4, unchained: 0 });
    const last = await db.query('SELECT subject_id FROM audit_entries WHERE id = $1', [await entryAt(4)]);
    expect(last.rows[0].subject_id).toBe('late');
  });

  it('has one chainer at a time: many together make one chain', async () => {
    const others = [await startAudit(database.url, 'worker'), await startAudit(database.url, 'worker')];
    try {
      const writers = Array.from({ length: 6 }, async (_one, writer) => {
        for (let index = 0; index < 40; index++) await record(`${writer}-${index}`);
      });
      await Promise.all(writers);
      await chain();
    } finally {
      for (const other of others) await other.close();
    }
    await chain();
    expect(await verify()).toMatchObject({ intact: true, links: 240, unchained: 0, faults: [] });
  });

  it('leaves the chain alone while another process is at it, and does not wait for that', async () => {
    await recordEach(2);
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock($1)', [4_711_010]);
    expect(await audit.get(AuditChainer).chainOnce()).toBeNull();
    await other.query('COMMIT');
    await other.end();
    expect(await audit.get(AuditChainer).chainOnce()).toBe(2);
  });

  it('is chained by a worker within one second, under load too', async () => {
    const worker = await startAudit(database.url, 'worker');
    try {
      const until = Date.now() + 2_500;
      let index = 0;
      while (Date.now() < until) {
        await record(++index);
        await sleep(20);
      }
      await sleep(1_000);
      expect(await verify()).toMatchObject({ intact: true, links: index, unchained: 0 });
      const lag = await db.query(
        `SELECT max(extract(epoch FROM c.chained_at - e.occurred_at)) AS worst
         FROM audit_chain c JOIN audit_entries e ON e.id = c.entry_id`,
      );
      expect(Number(lag.rows[0].worst)).toBeLessThan(1);
    } finally {
      await worker.close();
    }
  });

  it('is not chained by an api process', async () => {
    await recordEach(1);
    await sleep(900);
    expect(await verify()).toMatchObject({ links: 0, unchained: 1 });
  });

  it('goes on chaining after the database was away', async () => {
    const worker = await startAudit(database.url, 'worker');
    try {
      await db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'interlock'`,
      );
      await sleep(100);
      await record(1).catch(() => record(1));
      await sleep(1_200);
      expect(await verify()).toMatchObject({ intact: true, unchained: 0 });
    } finally {
      await worker.close();
    }
  });

  it('chains what its process wrote last before it ends', async () => {
    const worker = await startAudit(database.url, 'worker');
    await record(1);
    await worker.close();
    // closing awaits the round that is under way; what came after it is for the next process
    const next = await startAudit(database.url, 'worker');
    await sleep(600);
    await next.close();
    expect(await verify()).toMatchObject({ links: 1, unchained: 0 });
  });

  describe('under tampering', () => {
    beforeEach(async () => {
      await recordEach(9);
      await chain();
    });

    it('names an altered entry', async () => {
      const id = await entryAt(5);
      await tamper([`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = $1`, [id]]);
      expect(await verify()).toMatchObject({ intact: false });
      expect(named(await verify())).toEqual([['altered', 5, id]]);
    });

    it('names an entry altered by one microsecond, or inside its details', async () => {
      const [one, other] = [await entryAt(2), await entryAt(7)];
      await tamper(
        [`UPDATE audit_entries SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = $1`, [one]],
        [
          `UPDATE audit_entries SET details = jsonb_set(details, '{alpha,nested,0}', '1.50000001') WHERE id = $1`,
          [other],
        ],
      );
      expect(named(await verify())).toEqual([
        ['altered', 2, one],
        ['altered', 7, other],
      ]);
    });

    it('names a dropped entry', async () => {
      const id = await entryAt(5);
      await tamper(['DELETE FROM audit_entries WHERE id = $1', [id]]);
      expect(named(await verify())).toEqual([['dropped', 5, id]]);
    });

    it('names a dropped link, and a link dropped with its entry', async () => {
      const [kept, gone] = [await entryAt(4), await entryAt(7)];
      await tamper(
        ['DELETE FROM audit_chain WHERE sequence IN (4, 7)'],
        ['DELETE FROM audit_entries WHERE id = $1', [gone]],
      );
      expect(named(await verify())).toEqual([
        ['dropped', 4, kept],
        ['dropped', 7, null],
      ]);
    });

    it('names an entry that was dropped, and the rest renumbered', async () => {
      await tamper(
        ['DELETE FROM audit_chain WHERE sequence = 5'],
        ['UPDATE audit_chain SET sequence = -sequence WHERE sequence > 5'],
        ['UPDATE audit_chain SET sequence = -sequence - 1 WHERE sequence < 0'],
      );
      const faults = named(await verify());
      expect(faults).toHaveLength(1);
      expect(faults[0]!.slice(0, 2)).toEqual(['dropped', 5]);
    });

    it('names an inserted entry', async () => {
      const id = randomUUID();
      await tamper(
        [
          `INSERT INTO audit_entries (id, action, actor_kind, actor_id, subject_type, subject_id)
           VALUES ($1, 'thing.done', 'cli', 'test', 'thing', 'forged')`,
          [id],
        ],
        ['UPDATE audit_chain SET sequence = -sequence WHERE sequence >= 5'],
        ['UPDATE audit_chain SET sequence = -sequence + 1 WHERE sequence < 0'],
        [
          `INSERT INTO audit_chain (sequence, entry_id, entry_hash, hash)
           VALUES (5, $1, sha256('forged'), sha256('forged'))`,
          [id],
        ],
      );
      const faults = named(await verify());
      expect(faults).toContainEqual(['inserted', 5, id]);
      expect(faults.every((fault) => fault[2] === id)).toBe(true);
    });

    it('names an entry put in without the trigger that marks it', async () => {
      const id = randomUUID();
      await tamper([
        `INSERT INTO audit_entries (id, action, actor_kind, actor_id, subject_type, subject_id)
         VALUES ($1, 'thing.done', 'cli', 'test', 'thing', 'forged')`,
        [id],
      ]);
      expect(named(await verify())).toEqual([['unchained', null, id]]);
    });

    it('names entries that changed places', async () => {
      const [third, seventh] = [await entryAt(3), await entryAt(7)];
      await tamper(
        ['UPDATE audit_chain SET sequence = -1 WHERE sequence = 3'],
        ['UPDATE audit_chain SET sequence = 3 WHERE sequence = 7'],
        ['UPDATE audit_chain SET sequence = 7 WHERE sequence = -1'],
      );
      expect(named(await verify())).toEqual([
        ['reordered', 3, seventh],
        ['reordered', 7, third],
      ]);
    });

    it('needs an anchor to see a cut tail, and then names every place that is gone', async () => {
      const { end } = await verify();
      expect(end.sequence).toBe(9);
      const gone = [await entryAt(8), await entryAt(9)];
      await tamper(
        ['DELETE FROM audit_chain WHERE sequence > 7'],
        ['DELETE FROM audit_entries WHERE id = ANY ($1)', [gone]],
      );
      expect(await verify()).toMatchObject({ intact: true, links: 7 });
      expect(named(await verify(end))).toEqual([
        ['cut', 8, null],
        ['cut', 9, null],
      ]);
    });

    it('sees by its anchor that the whole chain was written anew', async () => {
      const { end } = await verify();
      await tamper(
        [`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = $1`, [await entryAt(5)]],
        ['DELETE FROM audit_chain'],
        ['INSERT INTO audit_unchained SELECT id FROM audit_entries'],
      );
      await chain();
      expect(await verify()).toMatchObject({ intact: true, links: 9 });
      expect(named(await verify(end))).toEqual([['rewritten', 9, await entryAt(9)]]);
    });

    it('grows on behind its anchor', async () => {
      const { end } = await verify();
      await record(10);
      await chain();
      expect(await verify(end)).toMatchObject({ intact: true, links: 10, end: { sequence: 10 } });
    });

    it('is read from its anchor on, where that is asked for', async () => {
      const { end } = await verify();
      const since = { sinceAnchor: true };
      expect(await verify(end, since)).toMatchObject({ intact: true, links: 0, end });
      await record(10);
      await record(11);
      await chain();
      expect(await verify(end, since)).toMatchObject({ intact: true, links: 2, end: { sequence: 11 } });
      const fifth = await entryAt(5);
      await tamper([`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = $1`, [fifth]]);
      expect(await verify(end, since)).toMatchObject({ intact: true });
      await tamper([`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = $1`, [await entryAt(10)]]);
      expect(named(await verify(end, since))).toEqual([['altered', 10, await entryAt(10)]]);
      expect(named(await verify({ ...end, hash: 'ab'.repeat(32) }, since))).toContainEqual([
        'rewritten',
        9,
        await entryAt(9),
      ]);
      await tamper(['DELETE FROM audit_chain WHERE sequence > 7']);
      expect(named(await verify(end, since))).toEqual(
        expect.arrayContaining([
          ['cut', 8, null],
          ['cut', 9, null],
        ]),
      );
    });

    it('says how far it is sound while it is read, and nothing behind a fault', async () => {
      const sounds: (number | undefined)[] = [];
      const onProgress = ({ step, sound }: VerifyProgress) => void (step === 'chain' && sounds.push(sound?.sequence));
      const { end } = await verify(null, { onProgress });
      await tamper([`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = $1`, [await entryAt(9)]]);
      await verify(null, { onProgress });
      await verify({ ...end, hash: 'ab'.repeat(32) }, { onProgress });
      expect(sounds).toEqual([9, undefined, undefined]);
    });
  });

  it('is verified in bounded steps: a log of several, all of it wrong', async () => {
    await db.query(
      `INSERT INTO audit_entries (id, action, actor_kind, actor_id, subject_type, subject_id)
       SELECT gen_random_uuid(), 'thing.done', 'cli', 'test', 'thing', n::text FROM generate_series(1, 25000) AS n`,
    );
    const steps: number[] = [];
    const onProgress = ({ step, done }: VerifyProgress) => void (step === 'entries' && steps.push(done));
    expect(await verify(null, { onProgress })).toMatchObject({ intact: true, links: 0, unchained: 25_000 });
    expect(steps).toEqual([10_000, 20_000, 25_000]);
    await tamper(['DELETE FROM audit_unchained']);
    const verdict = await verify();
    expect(verdict).toMatchObject({ intact: false, unchained: 0, moreFaults: 15_000 });
    expect(verdict.faults).toHaveLength(10_000);
  }, 60_000);

  it('is verified batch by batch: no link behind the first two thousand is left out, and none is read twice', async () => {
    const links = 4_500;
    await db.query(
      `INSERT INTO audit_entries (id, action, actor_kind, actor_id, subject_type, subject_id)
       SELECT gen_random_uuid(), 'thing.done', 'cli', 'test', 'thing', n::text FROM generate_series(1, ${links}) AS n`,
    );
    await chain();
    const steps: number[] = [];
    const onProgress = ({ step, done }: VerifyProgress) => void (step === 'chain' && steps.push(done));
    const { end, ...sound } = await verify(null, { onProgress });
    expect(sound).toMatchObject({ intact: true, links, unchained: 0 });
    expect(steps).toEqual([2_000, 4_000, 4_500]);
    let exported = 0;
    for await (const { sequence } of audit.get(AuditVerifier).export()) expect(sequence).toBe(++exported);
    expect(exported).toBe(links);
    // at both sides of where batches meet, and at the end
    const altered: [string, number, string][] = [];
    for (const sequence of [2_000, 2_001, 4_001, links]) altered.push(['altered', sequence, await entryAt(sequence)]);
    const ids = altered.map(([, , id]) => id);
    await tamper([`UPDATE audit_entries SET actor_id = 'somebody else' WHERE id = ANY ($1)`, [ids]]);
    expect(named(await verify(end))).toEqual(altered);
    const { hash } = (await db.query(`SELECT encode(hash, 'hex') AS hash FROM audit_chain WHERE sequence = 2001`))
      .rows[0];
    expect(named(await verify({ sequence: 2_001, hash }, { sinceAnchor: true }))).toEqual(altered.slice(2));
  }, 60_000);

  it('exports every entry as data, in the order of the chain, then what is not chained', async () => {
    await recordEach(3);
    await chain();
    await record(4);
    const lines = [];
    for await (const line of audit.get(AuditVerifier).export()) lines.push(line);
    expect(lines.map((line) => [line.sequence, line.subjectId])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
      [null, '4'],
    ]);
    expect(lines[0]!.details).toEqual(act(1).details);
    const exact = await db.query(
      `SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at FROM audit_entries WHERE id = $1`,
      [lines[0]!.id],
    );
    expect(lines[0]!.occurredAt).toBe(exact.rows[0].at);
    expect(lines[2]!.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps its anchor in a file that is replaced as a whole, and takes no other file for one', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-anchor-'));
    const file = path.join(folder, 'anchor.json');
    try {
      expect(await readAnchor(file)).toBeNull();
      const anchor = { sequence: 5, hash: 'ab'.repeat(32) };
      await writeAnchor(file, anchor);
      expect(await readAnchor(file)).toEqual(anchor);
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject(anchor);
      for (const text of ['', '{}', 'null', '{"sequence":"5","hash":"ab"}', '{"sequence":-1}']) {
        await writeFile(file, text);
        await expect(readAnchor(file)).rejects.toThrow('is not an anchor');
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
