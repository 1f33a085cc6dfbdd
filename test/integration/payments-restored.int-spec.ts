import { run } from '../../src/cli/program';
import { startTestApp, type TestApp } from '../support/app';
import { makePushingClinic } from '../support/pushes';

jest.setTimeout(120_000);

/** Rows put back into the same tables under a running process: nothing but the operator can tell. */
describe('a payment that a restore shows as waiting, though it was paid', () => {
  const before = { ...process.env };
  let running: TestApp;
  beforeAll(async () => {
    running = await startTestApp();
    Object.assign(process.env, { DATABASE_URL: running.config.database.url, DATA_DIR: running.config.dataDir });
  });
  afterAll(async () => {
    process.env = before;
    await running?.close();
  });

  it('is found and not paid again once the restore was reported', async () => {
    const clinic = await makePushingClinic(running);
    const id = await clinic.pushed('paid-before');
    await clinic.becomes(id, 'pushed');
    await clinic.settled();
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const code = await run(['db', 'restored', '--reason', 'the disk was lost', '--json']);
    const printed = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    expect(code).toBe(0);
    expect(JSON.parse(printed).generation).toBeGreaterThan(1);
    await clinic.sql(
      `UPDATE outbound_payments SET status = 'queued', step = 'queued', external_payment_id = NULL, allocated_at = NULL,
         allocation_begun_at = NULL, tried = false, rested_at = created_at,
         rested_in = regexp_replace(rested_in, '[0-9]+$', '1') WHERE id = $1`,
      [id],
    );
    await clinic.becomes(id, 'pushed', 60_000);
    const { payments, allocations, logs } = await clinic.truth(id);
    expect([payments.length, allocations.length, logs.length]).toEqual([1, 1, 1]);
    expect(await clinic.sql(`SELECT reason, actor_kind FROM audit_entries WHERE action = 'database.restored'`)).toEqual(
      [{ reason: 'the disk was lost', actor_kind: 'cli' }],
    );
  });
});
