import { Client } from 'pg';
import { ApprovalExecutor } from '../../src/admin/approval-executor';
import { AppConfig } from '../../src/platform/config';
import { VaultRotation } from '../../src/vault';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { freshOverview } from '../support/shown-finding';

jest.setTimeout(90_000);

type Admin = Awaited<ReturnType<typeof adminOf>>;

describe('a second operator', () => {
  let running: TestApp;
  let clinic: Clinic;
  let [jo, joAgain, kim, lee, viewer, ada, bea]: Admin[] = [];

  beforeAll(async () => {
    running = await startTestApp({
      environment: {
        SECOND_APPROVER_ACTS: 'deletion_plan,bulk_retry,key_rotation',
        SECOND_APPROVER_BULK_RETRY_ABOVE: '1',
      },
    });
    [jo, joAgain, kim, lee] = await Promise.all(
      ['jo', 'jo', 'kim', 'lee'].map((subject) => adminOf(running, 'operator', { subject })),
    );
    viewer = await adminOf(running, 'viewer');
    [ada, bea] = await Promise.all(['ada', 'bea'].map((subject) => adminOf(running, 'admin', { subject })));
  });
  afterAll(async () => running?.close());
  beforeEach(async () => {
    clinic = await makeClinic(running);
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  });

  const sql = (...query: Parameters<Clinic['sql']>) => clinic.sql(...query);
  const heldPlan = async (): Promise<string> => {
    running.sandbox.practicehub.delete({ resource: 'patients', count: 28, apiKey: clinic.accountKey });
    await clinic.sync({ fullResync: true });
    const rows = await sql(
      `SELECT p.id FROM deletion_plan_view p JOIN integrations i ON i.id = p.integration_id
       WHERE p.state = 'held' AND i.merchant_id = $1`,
      [clinic.merchantId],
    );
    return rows[0]!['id'] as string;
  };
  const stateOf = async (planId: string) =>
    (await sql('SELECT state FROM deletion_plan_view WHERE id = $1', [planId]))[0]!['state'];
  const ask = async (planId: string): Promise<string> =>
    (await jo!('post', `/deletion-plans/${planId}/approve`, { reason: 'they have left' }).expect(202)).body.data.id;
  const approve = (by: Admin, id: string) => by('post', `/approvals/${id}/approve`, { reason: 'looked at it' });
  /** Sightings of operators are written a moment later. */
  const ensureListed = (subject: string) =>
    eventually(async () => {
      expect(await sql('SELECT 1 FROM operators WHERE subject = $1', [subject])).toHaveLength(1);
    });
  const trail = async (id: string) =>
    (
      await sql(`SELECT action, actor_id, details FROM audit_entries WHERE subject_id = $1 ORDER BY occurred_at`, [id])
    ).map(({ action, actor_id: actorId, details }) => {
      const { requestedBy, decidedBy } = details as Record<string, unknown>;
      return [action, actorId, requestedBy, decidedBy];
    });
  const executed = async (planId: string) =>
    (
      await sql(`SELECT 1 FROM audit_entries WHERE action = 'deletion_plan.approved' AND details->>'planId' = $1`, [
        planId,
      ])
    ).length;

  it('approves a deletion that the first one only asks for, and both names are in the audit log', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    expect(await stateOf(planId)).toBe('held');
    await jo!('post', `/deletion-plans/${planId}/approve`, { reason: 'again' }).expect(409);
    // the same subject, with another token too
    await approve(jo!, id).expect(403);
    await approve(joAgain!, id).expect(403);
    await approve(viewer!, id).expect(403);
    expect(await stateOf(planId)).toBe('held');
    expect((await freshOverview(viewer!))['findings']).toContainEqual(
      expect.objectContaining({ code: 'approvals_waiting', count: 1 }),
    );
    const { body } = await approve(kim!, id).expect(200);
    expect(body.data).toMatchObject({ state: 'done', requestedBy: 'jo', decidedBy: 'kim', error: null });
    expect(await stateOf(planId)).toBe('approved');
    expect(await trail(id)).toEqual([
      ['approval.requested', 'jo', 'jo', null],
      ['approval.approved', 'kim', 'jo', 'kim'],
      ['approval.executed', 'interlock', 'jo', 'kim'],
    ]);
    await approve(lee!, id).expect(409);
    expect(await executed(planId)).toBe(1);
  });

  it('decides once when two approve at the same time', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    const answers = await Promise.all([approve(kim!, id), approve(lee!, id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await executed(planId)).toBe(1);
  });

  it('can no longer approve what expires while the approval waits', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    const db = new Client({ connectionString: running.app.get(AppConfig).database.url });
    await db.connect();
    try {
      await db.query('BEGIN');
      await db.query('SELECT 1 FROM admin_approvals WHERE id = $1 FOR UPDATE', [id]);
      const approving = approve(kim!, id).then(({ status }) => status);
      await lockWaits(clinic);
      await db.query('UPDATE admin_approvals SET expires_at = clock_timestamp() WHERE id = $1', [id]);
      await db.query('COMMIT');
      expect(await approving).toBe(409);
    } finally {
      await db.end();
    }
    await running.app.get(ApprovalExecutor).tick();
    expect((await viewer!('get', `/approvals/${id}`).expect(200)).body.data.state).toBe('expired');
    expect((await trail(id)).map(([action]) => action)).toEqual(['approval.requested', 'approval.expired']);
    expect(await stateOf(planId)).toBe('held');
    // and may be asked for again
    await ask(planId);
  });

  it('is refused, or takes a request back, and nothing is done', async () => {
    const planId = await heldPlan();
    const first = await ask(planId);
    await kim!('post', `/approvals/${first}/refuse`, { reason: 'not yet' }).expect(200);
    const second = await ask(planId);
    const { body } = await jo!('post', `/approvals/${second}/refuse`, { reason: 'my mistake' }).expect(200);
    expect(body.data).toMatchObject({ state: 'refused', requestedBy: 'jo', decidedBy: 'jo' });
    await approve(kim!, second).expect(409);
    expect(await stateOf(planId)).toBe('held');
    // the table too lets nobody approve their own
    await expect(sql(`UPDATE admin_approvals SET state = 'approved' WHERE id = $1`, [second])).rejects.toThrow(/check/);
  });

  it('is told why the act was refused', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    await lee!('post', `/deletion-plans/${planId}/discard`, { reason: 'they came back' }).expect(200);
    const { body } = await approve(kim!, id).expect(200);
    expect(body.data).toMatchObject({ state: 'failed', error: 'The plan is already discarded.' });
  });

  it('approves nothing that a later scan has added to what was asked for', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    running.sandbox.practicehub.delete({ resource: 'patients', count: 1, apiKey: clinic.accountKey });
    await clinic.sync({ fullResync: true });
    const { body } = await approve(kim!, id).expect(200);
    expect(body.data).toMatchObject({ state: 'failed', error: expect.stringMatching(/a later scan has replaced it/) });
    const customers = await clinic.records('customers');
    expect(customers.filter(({ operation }) => operation !== 'deleted')).toHaveLength(30);
  });

  it('approves nothing in the name of an operator who is disabled', async () => {
    const planId = await heldPlan();
    const max = await adminOf(running, 'operator', { subject: 'max' });
    const { body } = await max('post', `/deletion-plans/${planId}/approve`, { reason: 'they have left' }).expect(202);
    const { id } = body.data;
    await ensureListed('max');
    await ada!('post', '/operators/max/disable', { reason: 'has left' }).expect(200);
    const { body: refusal } = await approve(kim!, id).expect(409);
    expect(refusal.error).toBe('The operator who asked is disabled.');
    expect(await stateOf(planId)).toBe('held');
    await kim!('post', `/approvals/${id}/refuse`, { reason: 'max has left' }).expect(200);
  });

  it('approves nothing in the name of a person who is disabled under another subject', async () => {
    const planId = await heldPlan();
    const ola = await adminOf(running, 'operator', { subject: 'oidc:ola' });
    const { body } = await ola('post', `/deletion-plans/${planId}/approve`, { reason: 'they have left' }).expect(202);
    await sql(`INSERT INTO operators (subject, roles, disabled_at, disabled_by) VALUES ('ola', '{}', now(), 'ada')`);
    await approve(kim!, body.data.id).expect(409);
    expect(await stateOf(planId)).toBe('held');
  });

  it('waits for whoever disables the one who asked at the same time', async () => {
    const planId = await heldPlan();
    const ned = await adminOf(running, 'operator', { subject: 'ned' });
    const { body } = await ned('post', `/deletion-plans/${planId}/approve`, { reason: 'they have left' }).expect(202);
    await ensureListed('ned');
    const db = new Client({ connectionString: running.app.get(AppConfig).database.url });
    await db.connect();
    try {
      await db.query('BEGIN');
      await db.query(`UPDATE operators SET disabled_at = now(), disabled_by = 'ada' WHERE subject = 'ned'`);
      const approving = approve(kim!, body.data.id).then(({ status }) => status);
      await lockWaits(clinic);
      await db.query('COMMIT');
      expect(await approving).toBe(409);
    } finally {
      await db.end();
    }
    expect(await stateOf(planId)).toBe('held');
  });

  it('approves nothing in the name of an operator who has lost the role for it, until they have it again', async () => {
    const planId = await heldPlan();
    const [nia, niaLater] = await Promise.all([
      adminOf(running, 'operator', { subject: 'nia' }),
      adminOf(running, 'viewer', { subject: 'nia' }),
    ]);
    const { body } = await nia('post', `/deletion-plans/${planId}/approve`, { reason: 'they have left' }).expect(202);
    await niaLater('get', '/overview').expect(200);
    const known = (...roles: string[]) =>
      eventually(async () => {
        expect(await sql(`SELECT roles FROM operators WHERE subject = 'nia'`)).toEqual([{ roles }]);
      }, 10_000);
    await known('viewer');
    const { body: refusal } = await approve(kim!, body.data.id).expect(409);
    expect(refusal.error).toBe('The operator who asked no longer has the role that this needs.');
    expect(await stateOf(planId)).toBe('held');
    await nia('get', '/overview').expect(200);
    await known('operator');
    expect((await approve(kim!, body.data.id).expect(200)).body.data.state).toBe('done');
  });

  it.each([
    ['deletion_plan', `roles = '{viewer}'`, 'The operator who asked no longer has the role that this needs.'],
    ['key_rotation', `roles = '{operator}'`, 'The operator who asked no longer has the role that this needs.'],
    ['deletion_plan', `disabled_at = now(), disabled_by = 'ada'`, 'The operator who asked is disabled.'],
  ])('has a %s not done that waits for a worker when this is so: %s', async (act, change, error) => {
    await sql(`DELETE FROM operators WHERE subject = 'uma'`);
    await sql(`INSERT INTO operators (subject, roles) VALUES ('uma', '{admin}')`);
    const [{ id } = {}] = await sql(
      `INSERT INTO admin_approvals (id, act, target, summary, parameters, requested_by, reason, expires_at, state, decided_by, decided_at)
       VALUES (gen_random_uuid(), $1, $2, 's', '{"mode": "rewrap"}', 'uma', 'r', now() + interval '1 hour', 'approved', 'kim', now())
       RETURNING id`,
      [act, act === 'deletion_plan' ? await heldPlan() : null],
    );
    await sql(`UPDATE operators SET ${change} WHERE subject = 'uma'`);
    await running.app.get(ApprovalExecutor).tick();
    const { data } = (await viewer!('get', `/approvals/${id}`).expect(200)).body;
    expect(data).toMatchObject({ state: 'failed', error });
    expect(await running.app.get(VaultRotation).progress()).toBeNull();
    if (data.target !== null) expect(await stateOf(data.target)).toBe('held');
  });

  it('has the act done once when the process is killed before it, or after it', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    // killed between the approval and the act
    await sql(`UPDATE admin_approvals SET state = 'approved', decided_by = 'kim', decided_at = now() WHERE id = $1`, [
      id,
    ]);
    await Promise.all([running.app.get(ApprovalExecutor).tick(), running.app.get(ApprovalExecutor).tick()]);
    expect([await stateOf(planId), await executed(planId)]).toEqual(['approved', 1]);
    // killed between the act and the end of the request
    await sql(`UPDATE admin_approvals SET state = 'approved', lease_until = NULL WHERE id = $1`, [id]);
    await running.app.get(ApprovalExecutor).tick();
    expect((await viewer!('get', `/approvals/${id}`).expect(200)).body.data).toMatchObject({
      state: 'done',
      error: null,
    });
    expect(await executed(planId)).toBe(1);
  });

  it('approves a bulk retry of more entries than one operator may retry, each integration once', async () => {
    const retry = { dryRun: false, reason: 'the outage is over', filter: { search: clinic.merchantId } };
    await jo!('post', '/retries', retry).expect(200);
    await sql(
      `UPDATE sync_logs SET status = 'failed', error_code = 'unavailable'
       WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    const { queued } = (await jo!('post', '/retries', { ...retry, dryRun: true }).expect(200)).body.data;
    expect(queued).toBeGreaterThan(1);
    const retried = async () =>
      (
        await sql(`SELECT 1 FROM audit_entries WHERE action = 'sync_logs.batch_retried' AND merchant_id = $1`, [
          clinic.merchantId,
        ])
      ).length;
    const before = await retried();
    const { body } = await jo!('post', '/retries', retry).expect(202);
    expect(body.data).toMatchObject({
      act: 'bulk_retry',
      summary: `Retry ${queued} failed log entries of 1 integration`,
    });
    expect(await retried()).toBe(before);
    expect((await approve(kim!, body.data.id).expect(200)).body.data.state).toBe('done');
    expect(await retried()).toBe(before + 1);
    // entries that failed meanwhile are not those that were approved
    await sql(
      `UPDATE sync_logs SET status = 'failed', error_code = 'unavailable'
       WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await sql(`DELETE FROM sync_log_retries`);
    await sql(`UPDATE admin_approvals SET state = 'approved', lease_until = NULL WHERE id = $1`, [body.data.id]);
    await running.app.get(ApprovalExecutor).tick();
    expect(await retried()).toBe(before + 1);
  });

  describe('of a bulk retry', () => {
    const retry = { dryRun: false, reason: 'the outage is over' };
    const oneClinic = () => ({ ...retry, filter: { search: clinic.merchantId } });
    const fail = (of: Clinic, ...resourceTypes: string[]) =>
      sql(
        `UPDATE sync_logs SET status = 'failed', error_code = 'unavailable', finished_at = clock_timestamp()
         WHERE resource_type = ANY($2) AND integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
        [of.merchantId, resourceTypes],
      );
    const retried = async (of: Clinic) =>
      (
        await sql(
          `SELECT l.resource_type FROM sync_log_retries t JOIN sync_logs l ON l.id = t.log_id
           JOIN integrations i ON i.id = l.integration_id WHERE i.merchant_id = $1 ORDER BY l.resource_type`,
          [of.merchantId],
        )
      ).map((row) => row['resource_type']);
    const activeClinic = async (): Promise<Clinic> => {
      const other = await makeClinic(running);
      await other.activate().expect(200);
      expect(await other.settled()).toBe('succeeded');
      return other;
    };
    const call = async (by: Admin, body: object): Promise<number> => (await by('post', '/retries', body)).status;

    it('approves the entries and integrations that were counted, and none that failed since', async () => {
      const other = await activeClinic();
      await sql(`UPDATE merchants SET name = 'Twins' WHERE id IN ($1, $2)`, [clinic.merchantId, other.merchantId]);
      await fail(clinic, 'customers', 'products', 'invoices');
      const { body } = await jo!('post', '/retries', { ...retry, filter: { search: 'Twins' } }).expect(202);
      expect(body.data.summary).toBe('Retry 3 failed log entries of 1 integration');
      await fail(clinic, 'payments');
      await fail(other, 'customers');
      expect((await approve(kim!, body.data.id).expect(200)).body.data.state).toBe('done');
      expect(await retried(clinic)).toEqual(['customers', 'invoices', 'products']);
      expect(await retried(other)).toEqual([]);
    });

    it('keeps what became of each integration, also of one that is no longer active, and after a kill', async () => {
      const other = await activeClinic();
      await sql(`UPDATE merchants SET name = 'Both' WHERE id IN ($1, $2)`, [clinic.merchantId, other.merchantId]);
      await fail(clinic, 'customers', 'products', 'invoices');
      await fail(other, 'customers');
      const { body } = await jo!('post', '/retries', { ...retry, filter: { search: 'Both' } }).expect(202);
      await other.call('post', '/v2/integrations/practicehub/deactivate', {}).expect(200);
      const outcome = {
        queued: 3,
        skipped: 1,
        integrations: expect.arrayContaining([
          expect.objectContaining({ merchantName: 'Both', queued: 3, skipped: 0, because: null }),
          expect.objectContaining({ merchantName: 'Both', queued: 0, skipped: 1, because: 'changed_meanwhile' }),
        ]),
      };
      const { id } = body.data;
      expect((await viewer!('get', `/approvals/${id}`).expect(200)).body.data.outcome).toMatchObject({ queued: 0 });
      expect((await approve(kim!, id).expect(200)).body.data).toMatchObject({ state: 'done', outcome });
      // killed between the last integration and the end of the request
      await sql(`UPDATE admin_approvals SET state = 'approved', lease_until = NULL WHERE id = $1`, [id]);
      await running.app.get(ApprovalExecutor).tick();
      expect((await viewer!('get', `/approvals/${id}`).expect(200)).body.data).toMatchObject({
        state: 'done',
        outcome,
      });
    });

    it('approves no more entries than were counted', async () => {
      await fail(clinic, 'customers', 'products', 'invoices');
      const { id } = (await jo!('post', '/retries', oneClinic()).expect(202)).body.data;
      // whatever makes an older one retryable meanwhile
      await sql(
        `UPDATE sync_logs SET status = 'failed', error_code = 'unavailable'
         WHERE resource_type = 'payments' AND integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
        [clinic.merchantId],
      );
      await approve(kim!, id).expect(200);
      expect(await retried(clinic)).toHaveLength(3);
    });

    it('is needed when the retries of an hour are too many together, whichever call they are in', async () => {
      const [pia, piaSignedIn, quin] = await Promise.all(
        ['pia', 'oidc:pia', 'quin'].map((subject) => adminOf(running, 'operator', { subject })),
      );
      await fail(clinic, 'customers');
      expect(await call(pia!, oneClinic())).toBe(200);
      await fail(clinic, 'invoices');
      expect(await call(pia!, oneClinic())).toBe(202);
      expect(await call(piaSignedIn!, oneClinic())).toBe(202);
      expect(await call(quin!, oneClinic())).toBe(200);
      expect(await retried(clinic)).toEqual(['customers', 'invoices']);
      await fail(clinic, 'payments');
      await sql(`UPDATE admin_bulk_retries SET begun_at = begun_at - interval '59 minutes' WHERE subject = 'pia'`);
      expect(await call(pia!, oneClinic())).toBe(202);
      await sql(`UPDATE admin_bulk_retries SET begun_at = begun_at - interval '1 minute' WHERE subject = 'pia'`);
      expect(await call(pia!, oneClinic())).toBe(200);
    });

    it('is needed for one of two calls that come at the same time', async () => {
      const rex = await adminOf(running, 'operator', { subject: 'rex' });
      const other = await activeClinic();
      await fail(clinic, 'customers');
      await fail(other, 'customers');
      const db = new Client({ connectionString: running.app.get(AppConfig).database.url });
      await db.connect();
      try {
        await db.query('BEGIN');
        await db.query(`SELECT pg_advisory_xact_lock(hashtextextended('admin_approvals/rex', 0))`);
        const calls = [clinic, other].map(({ merchantId }) => call(rex, { ...retry, filter: { search: merchantId } }));
        await lockWaits(clinic, 2);
        await db.query('COMMIT');
        expect((await Promise.all(calls)).sort()).toEqual([200, 202]);
      } finally {
        await db.end();
      }
    });

    it('may be asked for twenty times by one operator while nobody decides', async () => {
      const sam = await adminOf(running, 'operator', { subject: 'sam' });
      await fail(clinic, 'customers', 'invoices');
      await sql(
        `INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, expires_at)
         SELECT gen_random_uuid(), 'bulk_retry', 's', '{}', 'sam', 'r', now() + interval '1 hour' FROM generate_series(1, 19)`,
      );
      expect(await call(sam, oneClinic())).toBe(202);
      const { body } = await sam('post', '/retries', oneClinic()).expect(409);
      expect(body.error).toMatch(/^20 of your requests wait already/);
      expect(await call(lee!, oneClinic())).toBe(202);
      await sql(`UPDATE admin_approvals SET expires_at = now() WHERE summary = 's'`);
      expect(await call(sam, oneClinic())).toBe(202);
    });
  });

  it('is another person, also where the subjects differ: by the table too', async () => {
    const planId = await heldPlan();
    const id = await ask(planId);
    const joSignedIn = await adminOf(running, 'operator', { subject: 'oidc:jo' });
    await approve(joSignedIn, id).expect(403);
    await expect(
      sql(`UPDATE admin_approvals SET state = 'approved', decided_by = 'oidc:jo' WHERE id = $1`, [id]),
    ).rejects.toThrow(/two_persons/);
  });

  it('has signed in at the OpenID provider where there is one, and so has whoever asked', async () => {
    const signingIn = await startTestApp({
      databaseUrl: running.config.database.url,
      dataDir: running.config.dataDir,
      environment: {
        OIDC_ISSUER: 'https://id.example.test',
        OIDC_CLIENT_ID: 'interlock',
        OIDC_ROLES: 'operator=support',
        PUBLIC_ORIGIN: 'https://interlock.example.test',
      },
    });
    try {
      const by = (subject: string) => adminOf(signingIn, 'operator', { subject });
      const [pasted, signedIn] = [await by('00u1'), await by('oidc:kim')];
      const asked = async (requestedBy: string): Promise<string> => {
        const rows = await sql(
          `INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, expires_at)
           VALUES (gen_random_uuid(), 'bulk_retry', 's', '{"entries": {}, "resourceType": null}', $1, 'r', now() + interval '1 hour')
           RETURNING id`,
          [requestedBy],
        );
        return rows[0]!['id'] as string;
      };
      const ofSession = await asked('oidc:jo');
      const { body } = await approve(pasted, ofSession).expect(403);
      expect(body.error).toMatch(/a pasted token names nobody/);
      await approve(signedIn, await asked('jo@example.com')).expect(403);
      expect((await approve(signedIn, ofSession).expect(200)).body.data.state).toBe('done');
    } finally {
      await signingIn.close();
    }
  });

  it('who is an admin approves the rotation of keys', async () => {
    const { body } = await ada!('post', '/vault/rotation', { reason: 'yearly' }).expect(202);
    expect(body.data).toMatchObject({ act: 'key_rotation', state: 'waiting', requestedBy: 'ada' });
    expect(await running.app.get(VaultRotation).progress()).toBeNull();
    await approve(kim!, body.data.id).expect(403);
    await approve(ada!, body.data.id).expect(403);
    expect((await approve(bea!, body.data.id).expect(200)).body.data.state).toBe('done');
    await eventually(async () => {
      expect(await running.app.get(VaultRotation).progress()).toMatchObject({ state: 'done', requestedBy: 'ada' });
    }, 20_000);
  });
});
