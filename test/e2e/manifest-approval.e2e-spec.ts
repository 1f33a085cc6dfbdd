import { adminOf } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { exampleText } from '../support/manifest-server';
import { statement } from '../support/statements';

jest.setTimeout(60_000);

type Admin = Awaited<ReturnType<typeof adminOf>>;

describe('a second operator who is an admin', () => {
  let running: TestApp;
  let [kim, ada, bea]: Admin[] = [];

  beforeAll(async () => {
    running = await startTestApp({ environment: { SECOND_APPROVER_ACTS: 'manifest' } });
    kim = await adminOf(running, 'operator', { subject: 'kim' });
    [ada, bea] = await Promise.all(['ada', 'bea'].map((subject) => adminOf(running, 'admin', { subject })));
  });
  afterAll(async () => running?.close());

  const sql = (text: string, values: unknown[]) => statement(running.config.database.url, text, values);
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
    const read = (await bea!('get', `/approvals/${body.data.id}`).expect(200)).body.data;
    expect(read.parameters).toEqual({ after: 0, manifest: told('.acme.example.com') });
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
});
