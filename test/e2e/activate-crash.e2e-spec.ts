import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { startTestProcess } from '../support/process';

/** Spread over the some thirty queries of an activate; the last lies behind its end. */
const POINTS = [2, 6, 10, 13, 16, 20, 24, 80];

describe('an activate that is killed at any step, and repeated with its Idempotency-Key', () => {
  let running: TestApp;
  let folder: string;
  beforeAll(async () => {
    running = await startTestApp();
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-kill-'));
  }, 60_000);
  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true, force: true });
  });

  it.each(POINTS)(
    'killed before query %i: one effect, one answer',
    async (point) => {
      const clinic = await makeClinic(running, { sizes: { patients: 3, '*': 0 } });
      const killFile = path.join(folder, `kill-${point}`);
      const victim = await startTestProcess(
        {
          NODE_ENV: 'test',
          ROLE: 'api',
          DATABASE_URL: running.config.database.url,
          DATA_DIR: running.config.dataDir,
          SANDBOX_ORIGIN: running.sandboxUrl,
          RATE_LIMIT_SANDBOX_PER_MINUTE: '0',
          LOG_LEVEL: 'warn',
          KILL_FILE: killFile,
        },
        { preload: path.join(__dirname, 'kill-at-query.cjs') },
      );
      try {
        await victim.ready();
        const key = randomUUID();
        const activate = (url: string) =>
          fetch(`${url}/v2/integrations/practicehub/activate`, {
            method: 'POST',
            headers: { 'x-api-key': clinic.key, 'content-type': 'application/json', 'idempotency-key': key },
            body: JSON.stringify({ credentials: clinic.credentials }),
          });
        // warm: authentication has its own queries, which are not what is tested
        await fetch(`${victim.url}/v2/integrations`, { headers: { 'x-api-key': clinic.key } });
        await writeFile(killFile, String(point));
        const first = await activate(victim.url).then(
          (answer) => answer.status,
          () => 'killed',
        );
        await victim.kill();

        // what the dead process held lapses; a minute is not waited for here
        await clinic.sql(
          `UPDATE idempotency_records SET lease_until = now() - interval '1 second' WHERE state <> 'done'`,
        );
        await clinic.sql(`UPDATE integration_claims SET expires_at = now() - interval '1 second'`);
        const repeated = await activate(running.url);
        expect([first, repeated.status]).toEqual([first === 200 ? 200 : 'killed', 200]);
        expect(await repeated.json()).toMatchObject({ success: true, data: { isActive: true } });
        expect((await activate(running.url)).headers.get('idempotency-replayed')).toBe('true');

        expect(await clinic.settled()).toBe('succeeded');
        const [counts] = await clinic.sql(
          `SELECT (SELECT count(*)::int FROM integrations WHERE merchant_id = $1) AS integrations,
           (SELECT count(*)::int FROM sync_schedules s JOIN integrations i ON i.id = s.integration_id WHERE i.merchant_id = $1) AS schedules,
           (SELECT count(*)::int FROM sync_runs r JOIN integrations i ON i.id = r.integration_id WHERE i.merchant_id = $1) AS runs,
           (SELECT count(*)::int FROM sealed_secrets WHERE context->>'merchant_id' = $1::text AND destroyed_at IS NULL) AS secrets,
           (SELECT count(*)::int FROM integration_claims WHERE merchant_id = $1) AS claims`,
          [clinic.merchantId],
        );
        expect(counts).toEqual({ integrations: 1, schedules: 1, runs: 1, secrets: 1, claims: 0 });
      } finally {
        await victim.kill();
      }
    },
    60_000,
  );
});
