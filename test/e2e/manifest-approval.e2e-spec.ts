import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { ApprovalExecutor } from '../../src/admin/approval-executor';
import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { lockWaits } from '../support/lock-waits';
import { exampleText } from '../support/manifest-server';
import { statement } from '../support/statements';

jest.setTimeout(60_000);

type Admin = Awaited<ReturnType<typeof adminOf>>;

describe('a second operator who is an admin', () => {
  let folder: string;
  let running: TestApp;
  let [kim, ada, bea]: Admin[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-test-approved-'));
    await writeFile(
      path.join(folder, 'filed.yaml'),
      exampleText({ id: 'filed', hosts: ['.acme.example', '.of-the-file.example'] }),
    );
    running = await startTestApp({ environment: { SECOND_APPROVER_ACTS: 'manifest', PROVIDERS_DIR: folder } });
    kim = await adminOf(running, 'operator', { subject: 'kim' });
    [ada, bea] = await Promise.all(['ada', 'bea'].map((subject) => adminOf(running, 'admin', { subject })));
  });
  afterAll(async () => {
    await running?.close();
    await rm(folder, { recursive: true });
  });

  const sql = <R = Record<string, any>>(text: string, values?: unknown[]) =>
    statement<R>(running.config.database.url, text, values);
  const waiting = async (provider: string): Promise<string> => {
    const manifest = exampleText({ id: provider });
    const { body } = await ada!('put', `/providers/${provider}/manifest`, { manifest, reason: 'a partner' }).expect(
      202,
    );
    return body.data.id;
  };
  const read = async (id: string) => (await bea!('get', `/approvals/${id}`).expect(200)).body.data;
  const versions = (provider: string) => sql('SELECT version FROM provider_manifests WHERE provider = $1', [provider]);
  /** As the last sign-in left it, which no later use of a token changes. */
  const standing = (subject: string, roles: string, disabled = false) =>
    sql(
      `INSERT INTO operators (subject, roles, sign_in_method, disabled_at, disabled_by)
       VALUES ($1, $2, 'openid_connect', CASE WHEN $3 THEN now() END, CASE WHEN $3 THEN 'ada' END)
       ON CONFLICT (subject) DO UPDATE SET roles = excluded.roles, disabled_at = excluded.disabled_at`,
      [subject, roles, disabled],
    );
  /** Approved, and left to a worker. */
  const left = (id: string, approvedBy: string) =>
    sql(`UPDATE admin_approvals SET state = 'approved', decided_by = $2, decided_at = now() WHERE id = $1`, [
      id,
      approvedBy,
    ]);
  const approve = (by: Admin, id: string) => by('post', `/approvals/${id}/approve`, { reason: 'looked at it' });

  it('approves what the manifest is after reading it, for it says to which hosts credentials go', async () => {
    const told = (host: string, more: object = {}) => exampleText({ hosts: ['.acme.example', host], ...more });
    const put = (manifest: string) => ada!('put', '/providers/acme/manifest', { manifest, reason: 'a partner' });
    const stored = () => sql('SELECT version, stored_by FROM provider_manifests WHERE provider = $1', ['acme']);
    await put(told('.acme.example.com', { hosts: [] })).expect(422);
    const { body } = await put(told('.acme.example.com')).expect(202);
    expect(body.data).toMatchObject({ act: 'manifest', target: 'acme', state: 'waiting', requestedBy: 'ada' });
    expect(body.data.summary).toBe(`Serve the provider acme: hosts .acme.example, .acme.example.com; api_key`);
    await put(told('.acme.example.org')).expect(409);
    expect(await stored()).toEqual([]);
    const listed = (await kim!('get', '/approvals').expect(200)).body.data as { id: string; parameters: object }[];
    expect(listed.find(({ id }) => id === body.data.id)!.parameters).toEqual({ after: 0 });
    expect((await read(body.data.id)).parameters).toEqual({ after: 0, manifest: told('.acme.example.com') });
    await approve(kim!, body.data.id).expect(403);
    await approve(ada!, body.data.id).expect(403);
    expect((await approve(bea!, body.data.id).expect(200)).body.data.state).toBe('done');
    expect(await stored()).toEqual([{ version: 1, stored_by: 'ada' }]);
    expect((await put(told('.acme.example.com')).expect(200)).body.data.version).toBe(1);

    const changed = (await put(told('.acme.example.org')).expect(202)).body.data;
    expect(changed.summary).toMatch(/^Change the provider/);
    await sql(`INSERT INTO provider_manifests (provider, version, manifest, stored_by) VALUES ($1, 2, $2, 'cli')`, [
      'acme',
      told('.acme.example.net'),
    ]);
    const failed = (await approve(bea!, changed.id).expect(200)).body.data;
    expect(failed).toMatchObject({ state: 'failed', error: `The manifest of acme has changed meanwhile.` });
  });

  it('approves nothing once the last sign-in has left them without the role, until they have it again', async () => {
    const id = await waiting('lost');
    const cat = await adminOf(running, 'admin', { subject: 'oidc:cat' });
    await standing('oidc:cat', '{}');
    const { body } = await approve(cat, id).expect(409);
    expect(body.error).toBe('The operator who approves no longer has the role that this needs.');
    expect([(await read(id)).state, await versions('lost')]).toEqual(['waiting', []]);
    await standing('oidc:cat', '{admin}');
    expect((await approve(cat, id).expect(200)).body.data.state).toBe('done');
  });

  it.each([
    ['dan', '{operator}', false, 'The operator who approves no longer has the role that this needs.'],
    ['eve', '{admin}', true, 'The operator who approves is disabled.'],
  ])('has nothing done that waits for a worker once they have fallen: %s', async (subject, roles, disabled, error) => {
    const id = await waiting(subject);
    await standing(subject, roles, disabled);
    await left(id, subject);
    await running.app.get(ApprovalExecutor).tick();
    await eventually(async () => expect(await read(id)).toMatchObject({ state: 'failed', error }));
    expect(await versions(subject)).toEqual([]);
  });

  it('has nothing done where they fall while the act waits for its turn', async () => {
    const id = await waiting('turn');
    await standing('fay', '{admin}');
    await left(id, 'fay');
    const db = new Client({ connectionString: running.config.database.url });
    await db.connect();
    try {
      await db.query('BEGIN');
      await db.query(`SELECT pg_advisory_xact_lock(4711041)`);
      const done = running.app.get(ApprovalExecutor).tick();
      await lockWaits({ sql });
      await standing('fay', '{viewer}');
      await db.query('COMMIT');
      await done;
    } finally {
      await db.end();
    }
    await eventually(async () => expect((await read(id)).state).toBe('failed'));
    expect(await versions('turn')).toEqual([]);
  });

  it('approves no act that this release does not know, and takes no lease of one', async () => {
    const asked = (state: string, decidedBy: string | null) =>
      sql(
        `INSERT INTO admin_approvals (id, act, summary, parameters, requested_by, reason, expires_at, state, decided_by, decided_at)
         VALUES (gen_random_uuid(), 'of_later', 's', '{}', 'ada', 'r', now() + interval '1 hour', $1, $2, now()) RETURNING id`,
        [state, decidedBy],
      );
    const [[open], [approved]] = [await asked('waiting', null), await asked('approved', 'bea')];
    await running.app.get(ApprovalExecutor).tick();
    await approve(bea!, open!['id']).expect(409);
    expect(await sql(`SELECT state, lease_until FROM admin_approvals WHERE act = 'of_later' ORDER BY state`)).toEqual([
      { state: 'approved', lease_until: null },
      { state: 'waiting', lease_until: null },
    ]);
    await sql('DELETE FROM admin_approvals WHERE id = $1', [approved!['id']]);
  });

  describe('approves that a manifest is deleted', () => {
    const remove = (provider: string) => ada!('delete', `/providers/${provider}/manifest`, { reason: 'partner left' });
    const served = async (id: string) =>
      ((await bea!('get', '/providers').expect(200)).body.data as { id: string; origin: string }[]).find(
        (each) => each.id === id,
      )?.origin;
    const stored = async (provider: string) => approve(bea!, await waiting(provider)).expect(200);

    it('and it is not served any more', async () => {
      await remove('gone').expect(404);
      await stored('gone');
      const { data } = (await remove('gone').expect(202)).body;
      expect(data).toMatchObject({ act: 'manifest', target: 'gone', summary: 'Stop to serve the provider gone' });
      expect(data.parameters).toEqual({ after: 1, manifest: null });
      expect(await served('gone')).toBe('admin');
      await approve(ada!, data.id).expect(403);
      expect((await approve(bea!, data.id).expect(200)).body.data.state).toBe('done');
      expect(await served('gone')).toBeUndefined();
      await remove('gone').expect(404);
      expect((await read(await waiting('gone'))).summary).toMatch(/^Serve the provider gone: hosts/);
    });

    it('and a file tells the provider again, to whose hosts credentials go then', async () => {
      const id = await waiting('filed');
      expect((await read(id)).summary).toMatch(/^Change the provider filed: hosts .acme.example/);
      await approve(bea!, id).expect(200);
      const { data } = (await remove('filed').expect(202)).body;
      expect(data.summary).toBe(
        'Serve the provider filed as its file tells it: hosts .acme.example, .of-the-file.example',
      );
      expect(await served('filed')).toBe('admin');
      await approve(bea!, data.id).expect(200);
      expect(await served('filed')).toBe('folder');
    });

    it('but not while syncs depend on it, nor another version than was asked for', async () => {
      await stored('used');
      const clinic = await makeClinic(running);
      await clinic.activate().expect(200);
      const { id } = (await remove('used').expect(202)).body.data;
      await sql(`UPDATE integrations SET provider = 'used' WHERE merchant_id = $1`, [clinic.merchantId]);
      const refused = (await approve(bea!, id).expect(200)).body.data;
      expect(refused).toMatchObject({ state: 'failed', error: 'There is 1 active integration of used.' });
      await sql(`UPDATE integrations SET provider = 'practicehub' WHERE merchant_id = $1`, [clinic.merchantId]);
      const again = (await remove('used').expect(202)).body.data.id;
      await sql(
        `INSERT INTO provider_manifests (provider, version, manifest, stored_by)
         SELECT provider, 2, manifest, 'cli' FROM provider_manifests WHERE provider = 'used'`,
      );
      const failed = (await approve(bea!, again).expect(200)).body.data;
      expect(failed).toMatchObject({ state: 'failed', error: 'The manifest of used has changed meanwhile.' });
    });
  });
});
