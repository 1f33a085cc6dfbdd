import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Finding } from '../../src/admin/finding';
import { VaultRotation } from '../../src/vault';
import { LocalKeyring } from '../../src/vault/adapters/local-keyring';
import { DataKeyCache } from '../../src/vault/data-key-cache';
import { ASK_AGAIN_MS } from '../../src/vault/key-management-health';
import { adminOf, adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { KmsStandIn } from '../support/kms-stand-in';
import { startTestProcess } from '../support/process';
import { startReceiver } from '../support/webhook-receiver';

/** More than the failures in a row that pause an integration. */
const ROUNDS = 7;

describe('syncs while AWS KMS is away', () => {
  let kms: KmsStandIn;
  let kmsKey: string;
  let folder: string;
  let running: TestApp;
  let environment: Record<string, string>;
  const before = { ...process.env };

  beforeAll(async () => {
    kms = await KmsStandIn.start();
    kmsKey = kms.createKey();
    folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-kms-away-'));
    await new LocalKeyring({ file: path.join(folder, 'keyring.json') }).check();
    const identity = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' };
    Object.assign(process.env, identity);
    environment = {
      ...{ KMS_KEY_ID: kmsKey, KMS_OTHER_KEY_ID: 'local', KMS_ENDPOINT: kms.endpoint },
      OUTBOUND_ALLOW_PRIVATE: 'true',
    };
    running = await startTestApp({ environment, dataDir: folder });
    environment = { ...environment, ...identity, DATABASE_URL: running.config.database.url, DATA_DIR: folder };
  }, 60_000);
  afterAll(async () => {
    process.env = before;
    await running?.close();
    await kms?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  afterEach(() => kms.heal());

  const clinicOf = async (): Promise<Clinic> => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return clinic;
  };
  const credentialOf = async (clinic: Clinic): Promise<string> =>
    (await clinic.sql('SELECT credential_id AS id FROM integrations WHERE merchant_id = $1', [clinic.merchantId]))[0]![
      'id'
    ];
  const runsOf = (clinic: Clinic) =>
    clinic.sql<{ state: string; code: string | null; trigger: string }>(
      `SELECT r.state, r.error_code AS code, r.trigger FROM sync_runs r JOIN integrations i ON i.id = r.integration_id
       WHERE i.merchant_id = $1 ORDER BY r.created_at DESC`,
      [clinic.merchantId],
    );
  /** The time of the next sync has come; returns the run that the schedule made of it, when it has ended. */
  const scheduled = async (clinic: Clinic) => {
    const earlier = (await runsOf(clinic)).length;
    await clinic.sql(
      `UPDATE sync_schedules SET next_due_at = now() WHERE integration_id = (SELECT id FROM integrations WHERE merchant_id = $1)`,
      [clinic.merchantId],
    );
    await eventually(async () => expect((await runsOf(clinic)).length).toBeGreaterThan(earlier), 30_000);
    await clinic.settled();
    const [newest] = await runsOf(clinic);
    expect(newest!.trigger).toBe('scheduled');
    return newest!;
  };

  /** While nobody knows whether it is back, one run at a time asks; the others wait, and are told why. */
  const onlyProbesAsk = async (cold: Clinic, other: Clinic) => {
    await other.sql(`UPDATE key_management_gate SET retry_at = now() + interval '1 hour', probe_until = NULL`);
    const asked = kms.count('Decrypt');
    await cold.call('post', '/sync', {}).expect(200);
    await eventually(async () => {
      const { reasons, willRun } = (await cold.call('get', '/explain').expect(200)).body.data;
      expect({ willRun, ...reasons[0] }).toMatchObject({ willRun: true, code: 'key_management_unavailable' });
      expect(reasons[0].message).toContain('continues when it can');
    });
    expect(kms.count('Decrypt')).toBe(asked);
  };

  it('what is cached goes on, the rest fails with unavailable and wait, nothing pauses, all recovers by itself', async () => {
    const [warm, cold] = [await clinicOf(), await clinicOf()];
    // the cache lifetime of one of the two is over when KMS goes away
    running.app.get(DataKeyCache, { strict: false }).evict(await credentialOf(cold));
    const change = { resource: 'patients', count: 1, fields: { first_name: 'Changed' } };
    kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500 });
    for (let round = 1; round <= ROUNDS; round++) {
      running.sandbox.practicehub.change({ ...change, apiKey: warm.accountKey });
      const ofCold = round === 1 ? await scheduled(cold) : null;
      expect(await scheduled(warm)).toMatchObject({ state: 'succeeded' });
      if (ofCold) expect(ofCold).toMatchObject({ state: 'failed', code: 'unavailable' });
    }
    expect(await warm.integration()).toMatchObject({ syncHealth: 'healthy', status: 'connected' });
    const integration = await cold.integration();
    expect(integration).toMatchObject({ isActive: true, syncInterval: { hasRepeatableJob: true } });
    expect(integration['syncHealth']).not.toBe('paused');
    const explained = (await cold.call('get', '/explain').expect(200)).body.data;
    expect(explained.willRun).toBe(true);
    expect(explained.reasons[0]).toMatchObject({ code: 'key_management_unavailable', nextAction: 'wait' });
    // the next run comes early, not only with the schedule
    expect(Date.parse(explained.nextExpectedStart)).toBeLessThan(Date.now() + 2 * 60_000);
    const fresh = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    for (const refused of [
      await fresh.activate(),
      await warm.call('put', '/credentials', { credentials: warm.credentials }),
    ]) {
      expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', nextAction: 'wait' } });
    }
    expect(running.logs.some((line) => line.includes('a stored credential could not be opened'))).toBe(true);
    await onlyProbesAsk(cold, warm);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toMatch(
      /interlock_kms_call_duration_seconds_count\{action="Decrypt",outcome="unavailable"\} [1-9]/,
    );

    kms.heal();
    await cold.sql('UPDATE key_management_gate SET retry_at = now(), probe_until = NULL');
    // the delayed run comes forward as the probe, and the gate is open for all
    expect(await cold.sync()).toBe('succeeded');
    expect(await cold.sql('SELECT * FROM key_management_gate')).toEqual([]);
    expect(await cold.integration()).toMatchObject({ syncHealth: 'healthy', status: 'connected' });
    expect(await scheduled(warm)).toMatchObject({ state: 'succeeded' });
    await fresh.activate().expect(200);
    expect(await fresh.settled()).toBe('succeeded');
  }, 180_000);

  it('every process tells it with whom it fails, since the same moment, and no longer when KMS answers again', async () => {
    const [clinic, other] = [
      await clinicOf(),
      await startTestProcess({ ...environment, NODE_ENV: 'test', ROLE: 'api' }),
    ];
    const token = await adminToken(running, 'viewer');
    const told = async (url: string): Promise<Finding | undefined> => {
      const answer = await fetch(`${url}/admin/api/overview`, { headers: { authorization: `Bearer ${token}` } });
      const { findings } = ((await answer.json()) as { data: { findings: Finding[] } }).data;
      return findings.find(({ code }) => code === 'key_management_away');
    };
    try {
      await other.ready();
      running.app.get(DataKeyCache, { strict: false }).evict(await credentialOf(clinic));
      kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500 });
      expect(await scheduled(clinic)).toMatchObject({ state: 'failed', code: 'unavailable' });
      for (const url of [running.url, other.url]) {
        await eventually(
          async () => expect(await told(url)).toMatchObject({ merchants: ['Clinic'], count: 1 }),
          20_000,
        );
      }
      const [ofWorker, ofApi] = [await told(running.url), await told(other.url)];
      const apart = Math.abs(Date.parse(ofWorker!.since!) - Date.parse(ofApi!.since!));
      expect(apart).toBeLessThan(15_000);
      const viewer = await adminOf(running, 'viewer');
      const listed = await viewer('get', '/integrations?finding=key_management_away').expect(200);
      expect(listed.body.data).toHaveLength(ofApi!.count);
      // no run comes by itself to find out
      await clinic.sql(`UPDATE sync_runs SET state = 'cancelled', finished_at = now() WHERE finished_at IS NULL`);
      kms.heal();
      for (const url of [other.url, running.url]) {
        await eventually(async () => expect(await told(url)).toBeUndefined(), ASK_AGAIN_MS + 20_000);
      }
      expect(await clinic.sync()).toBe('succeeded');
    } finally {
      await other.kill();
    }
  }, 180_000);

  it('an endpoint says that its events wait for key management and since when, tried or not, until it answers', async () => {
    const receiver = await startReceiver();
    const [clinic, idle] = [await clinicOf(), await makeClinic(running)];
    const viewer = await adminOf(running, 'viewer');
    const endpointOf = async ({ call }: Clinic): Promise<string> =>
      (await call('post', '/v2/webhook-endpoints', { url: `${receiver.url}/hooks` }).expect(201)).body.data.id;
    const explained = async (id: string) =>
      (await viewer('get', `/webhook-endpoints/${id}/explain`).expect(200)).body.data;
    const unsigned = async (id: string): Promise<string | null> =>
      (await viewer('get', `/webhook-endpoints/${id}`).expect(200)).body.data.unsignedSince;
    const away = { code: 'key_management_unavailable', nextAction: 'wait', since: expect.stringMatching(/Z$/) };
    try {
      const [id, idleId] = [await endpointOf(clinic), await endpointOf(idle)];
      running.app.get(DataKeyCache, { strict: false }).clear();
      kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500 });
      const begun = Date.now();
      expect(await scheduled(clinic)).toMatchObject({ state: 'failed', code: 'unavailable' });
      await eventually(async () => {
        const { willDeliver, reasons } = await explained(id);
        expect({ willDeliver, codes: reasons.map(({ code }: { code: string }) => code) }).toEqual({
          willDeliver: false,
          codes: ['key_management_unavailable', 'behind'],
        });
        expect(reasons[0]).toMatchObject(away);
        expect(Date.parse(reasons[0].since)).toBeGreaterThan(begun - 1_000);
      }, 20_000);
      expect(await unsigned(id)).toEqual(away.since);
      // nothing has happened for it yet, and what does is not sent
      expect(await explained(idleId)).toMatchObject({ willDeliver: false, reasons: [away] });
      const { reasons } = (await clinic.call('get', `/v2/webhook-endpoints/${id}/explain`).expect(200)).body.data;
      expect(reasons[0]).toMatchObject(away);

      kms.heal();
      await clinic.sql('UPDATE key_management_gate SET retry_at = now(), probe_until = NULL');
      expect(await clinic.sync()).toBe('succeeded');
      await eventually(async () => expect(await explained(id)).toMatchObject({ willDeliver: true }), 20_000);
      expect(await unsigned(id)).toBeNull();
      expect(await explained(idleId)).toMatchObject({ willDeliver: true, reasons: [{ code: 'up_to_date' }] });
      expect(receiver.taken().length).toBeGreaterThan(0);
    } finally {
      await receiver.close();
    }
  }, 120_000);

  it('everything moves to the local keyring over the admin API while syncs go on', async () => {
    const clinic = await clinicOf();
    const admin = await adminOf(running, 'admin');
    const why = { reason: 'leaving KMS' };
    const unknown = await admin('post', '/vault/rotation', { ...why, toKeyId: 'alias/nosuch' });
    expect(unknown.status).toBe(400);
    expect(JSON.stringify(unknown.body)).toContain('toKeyId');
    await admin('post', '/vault/rotation', { ...why, toKeyId: 'local' }).expect(202);
    expect(await clinic.sync({ fullResync: true })).toBe('succeeded');
    await eventually(async () => {
      const { rotation, keysInUse } = (await admin('get', '/vault/rotation').expect(200)).body.data;
      expect(rotation).toMatchObject({ state: 'done', remaining: 0, failures: [] });
      expect(rotation.verified).toBeGreaterThanOrEqual(rotation.total);
      expect(keysInUse.map((key: { keyId: string }) => key.keyId)).toEqual([expect.stringMatching(/^local-/)]);
    }, 30_000);
    const decrypts = kms.count('Decrypt');
    running.app.get(DataKeyCache, { strict: false }).clear();
    expect(await clinic.sync()).toBe('succeeded');
    expect(kms.count('Decrypt')).toBe(decrypts);
    await admin('post', '/vault/rotation', why).expect(202);
    await eventually(async () => {
      const { rotation } = (await admin('get', '/vault/rotation').expect(200)).body.data;
      expect(rotation).toMatchObject({ state: 'done', targetKeyId: kmsKey });
    }, 30_000);
  }, 120_000);

  it('a rotation whose process is killed is resumed by a worker, and the operator is told', async () => {
    const clinic = await clinicOf();
    const viewer = await adminOf(running, 'viewer');
    const token = await adminToken(running, 'admin');
    const other = await startTestProcess({ ...environment, NODE_ENV: 'test', ROLE: 'api', LOG_LEVEL: 'warn' });
    try {
      await other.ready();
      // the process that works on it gets no answer, and then is gone
      kms.inject({ kind: 'hang', action: 'Decrypt' });
      const begun = await fetch(`${other.url}/admin/api/vault/rotation`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ mode: 'reencrypt', reason: 'a test' }),
      });
      expect(begun.status).toBe(202);
      const { id } = ((await begun.json()) as { data: { rotation: { id: string } } }).data.rotation;
      await eventually(() => expect(kms.calls.some((call) => call.outcome === 'hung')).toBe(true), 30_000);
      expect((await viewer('get', '/vault/rotation').expect(200)).body.data.rotation).toMatchObject({
        id,
        activity: 'working',
        resumes: 0,
      });
      await other.kill();
      kms.heal();
      await eventually(async () => {
        const { rotation } = (await viewer('get', '/vault/rotation').expect(200)).body.data;
        expect(rotation).toMatchObject({ id, state: 'done', resumes: 1, activity: null, remaining: 0 });
      }, 60_000);
      const told = running.logs.find((line) => line.includes('a vault rotation lost its worker'));
      expect(JSON.parse(told!)).toMatchObject({ rotation: { id, resumes: 1 } });
      const audit = (await viewer('get', '/audit?action=vault.rotation_resumed').expect(200)).body.data;
      expect(audit[0]).toMatchObject({ subjectId: id, actorKind: 'system' });
      expect(await clinic.sync()).toBe('succeeded');
      expect(await running.app.get(VaultRotation, { strict: false }).resumeInterrupted()).toBeNull();
    } finally {
      await other.kill();
      kms.heal();
    }
  }, 120_000);
});
