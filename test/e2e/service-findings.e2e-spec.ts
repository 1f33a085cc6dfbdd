import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import request from 'supertest';
import { migrate } from '../../src/database/data-source';
import { adminOf, adminToken } from '../support/admin';
import { startTestApp, type TestApp, type TestAppOverrides } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startTestPostgres } from '../support/postgres';
import { startTestProcess } from '../support/process';
import { expectShown, type ShownOverview } from '../support/shown-finding';

jest.setTimeout(90_000);

describe('the overview of a service', () => {
  const undo: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const started = async (overrides?: TestAppOverrides): Promise<TestApp> => {
    const running = await startTestApp(overrides);
    undo.push(() => running.close());
    return running;
  };

  it('shows queue_stuck where runs are due and no worker takes them', async () => {
    const running = await started({ environment: { ROLE: 'api' } });
    const clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    const viewer = await adminOf(running, 'viewer');
    const overview = async () => (await viewer('get', '/overview').expect(200)).body.data as ShownOverview;
    expect((await overview()).findings).toEqual([]);
    const other = await makeClinic(running);
    await other.activate().expect(200);
    await clinic.sql(
      `UPDATE sync_runs SET created_at = now() - interval '70 seconds'
       WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await eventually(async () => expectShown(await overview(), 'queue_stuck', running.url), 20_000);
    const { count, filter } = (await overview()).findings.find(({ code }) => code === 'queue_stuck')!;
    const { list, ...query } = filter!;
    const rows = await viewer('get', `/${list}?${new URLSearchParams({ ...query })}`).expect(200);
    expect([count, rows.body.data.length]).toEqual([1, 1]);
    expect((await viewer('get', '/runs?live=true').expect(200)).body.data).toHaveLength(2);
    const { id } = await clinic.integration();
    const own = async () => (await viewer('get', `/integrations/${id}/findings`).expect(200)).body.data;
    expect(await own()).toEqual([expect.objectContaining({ code: 'queue_stuck', stopsRuns: true })]);
    // nor where nobody has made a run that is due
    await clinic.sql(`UPDATE sync_runs SET state = 'cancelled', finished_at = now()`);
    await eventually(async () => expect(await own()).toEqual([]), 20_000);
    await clinic.sql(`UPDATE sync_schedules SET next_due_at = now() - interval '10 minutes'`);
    await eventually(async () => expect(await own()).toMatchObject([{ code: 'queue_stuck' }]), 20_000);
    await eventually(async () => {
      const unmade = (await overview()).findings.find(({ code }) => code === 'queue_stuck');
      expect(unmade).toMatchObject({ count: 2, filter: { finding: 'queue_stuck' } });
    }, 20_000);
    expect((await viewer('get', '/integrations?finding=queue_stuck').expect(200)).body.data).toHaveLength(2);
  });

  it('shows database_read_only, and goes on being read', async () => {
    const server = await startTestPostgres();
    undo.push(() => server.stop());
    await migrate(server.url);
    const running = await started({ databaseUrl: server.url });
    const viewer = await adminOf(running, 'viewer');
    await changeSetting(server.url, 'SET default_transaction_read_only = on');
    await eventually(async () => {
      await expectShown((await viewer('get', '/overview').expect(200)).body.data, 'database_read_only', running.url);
    }, 20_000);
    const { body } = await request(running.url).get('/admin/session').expect(200);
    expect(body.data.databaseProblem).toBe('is read-only');
    await changeSetting(server.url, 'RESET default_transaction_read_only');
  });

  it('shows clock_skew where the clock of the process is off', async () => {
    const running = await started();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-clock-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const clock = path.join(folder, 'clock');
    await writeFile(clock, '40000');
    const { url, dataDir } = { url: running.config.database.url, dataDir: running.config.dataDir };
    const other = await startTestProcess(
      { ROLE: 'api', DATABASE_URL: url, DATA_DIR: dataDir, CHAOS_CLOCK_FILE: clock },
      { preload: path.resolve('test/chaos/engine/wrong-clock.cjs') },
    );
    undo.push(() => other.kill());
    await other.ready();
    const token = await adminToken(running, 'viewer');
    const overview = async () =>
      (await request(other.url).get('/admin/api/overview').set('authorization', `Bearer ${token}`).expect(200)).body
        .data;
    await eventually(async () => {
      const data = await overview();
      await expectShown(data, 'clock_skew', other.url);
      expect(data.findings[0].title).toMatch(/^The clock of \S+ is (39|40) s ahead of the database’s$/);
      // by the clock that is right
      expect(Date.parse(data.findings[0].since)).toBeLessThan(Date.now() + 5_000);
    }, 20_000);
    await writeFile(clock, '0');
    await eventually(async () => expect((await overview()).findings).toEqual([]), 20_000);
  }, 120_000);
});

async function changeSetting(url: string, statement: string): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  await admin.query('SET default_transaction_read_only = off');
  await admin.query(`ALTER SYSTEM ${statement}`);
  await admin.query('SELECT pg_reload_conf()');
  await admin.end();
}
