import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import { PlaintextSecret, Vault, VaultRotation, type RotationProgress } from '../../src/vault';
import { DataKeyCache } from '../../src/vault/data-key-cache';
import { RotationWork } from '../../src/vault/rotation-work';
import { LEASE_MS, RotationRepository, type RotationLease } from '../../src/vault/store/rotation.repository';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { KmsStandIn } from '../support/kms-stand-in';
import { credentialOf, reasonOf, startVaultProcess, temporaryFolder, type VaultProcess } from './vault-context';

const use = { purpose: 'test' };
const requestedBy = 'test';

/** Seals and opens by owner through one process. */
function secretsOf(process: VaultProcess) {
  const vault = process.get(Vault);
  const run = <T>(work: (tx: Parameters<Parameters<UnitOfWork['run']>[0]>[0]) => Promise<T>) =>
    process.get(UnitOfWork).run(work);
  return {
    seal: async (text: string, owner = randomUUID()): Promise<Sealed> => ({
      id: await run((tx) => vault.seal(tx, credentialOf(owner), PlaintextSecret.fromString(text))),
      owner,
      text,
    }),
    open: async ({ id, owner }: Sealed) => (await vault.open(id, credentialOf(owner), use)).reveal(),
    destroy: (id: string) => run((tx) => vault.destroy(tx, id)),
  };
}
interface Sealed {
  id: string;
  owner: string;
  text: string;
}
const texts = (count: number) => Array.from({ length: count }, (_one, index) => `secret number ${index}`);

describe('rotation on the local keyring', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let db: Client;
  let one: VaultProcess;
  let other: VaultProcess;
  let secrets: ReturnType<typeof secretsOf>;
  let rotation: VaultRotation;
  let sealed: Sealed[];

  beforeEach(async () => {
    database = await migratedDatabase();
    folder = await temporaryFolder();
    const environment = { DATABASE_URL: database.url, DATA_DIR: folder.path };
    [one, other] = [await startVaultProcess(environment), await startVaultProcess(environment)];
    db = new Client({ connectionString: database.url });
    await db.connect();
    secrets = secretsOf(one);
    rotation = one.get(VaultRotation);
    sealed = await Promise.all(texts(60).map((text) => secrets.seal(text)));
  }, 60_000);
  afterEach(async () => {
    await db?.end();
    await one?.close();
    await other?.close();
    await database?.drop();
    await folder?.remove();
  });

  const rows = async (where = 'true') =>
    (await db.query(`SELECT * FROM sealed_secrets WHERE ${where} ORDER BY id`)).rows;
  const everythingOpens = async (process = one) => {
    for (const secret of sealed) expect(await secretsOf(process).open(secret)).toBe(secret.text);
  };
  const entries = async (action: string) =>
    (await db.query('SELECT * FROM audit_entries WHERE action = $1', [action])).rows;
  const rotate = async (mode: 'rewrap' | 'reencrypt', options = {}): Promise<RotationProgress> =>
    rotation.run((await rotation.start({ mode, requestedBy })).id, { batchSize: 7, ...options });

  it('re-wraps every secret, leaves the ciphertext, and ends verified', async () => {
    const before = await rows();
    const { keyVersion } = await rotation.rotateKeyring(requestedBy);
    expect(keyVersion).toBe(2);
    const seen: RotationProgress[] = [];
    const ended = await rotate('rewrap', { onProgress: (progress: RotationProgress) => seen.push(progress) });
    expect(ended).toMatchObject({ state: 'done', total: 60, moved: 60, verified: 60, remaining: 0, failures: [] });
    const after = await rows();
    expect(new Set(after.map((row) => row.key_version))).toEqual(new Set([2]));
    expect(after.map((row) => row.ciphertext)).toEqual(before.map((row) => row.ciphertext));
    expect(after.map((row) => row.generation)).toEqual(before.map((row) => row.generation + 1));
    expect(after.some((row, index) => row.wrapped_key.equals(before[index].wrapped_key))).toBe(false);
    expect(seen.length).toBeGreaterThan(15);
    expect(await rotation.keysInUse()).toEqual([{ keyId: ended.targetKeyId, keyVersion: 2, count: 60 }]);
    await everythingOpens();
    await everythingOpens(other);
  });

  it('re-encrypts every secret under a new data key, on the same key too', async () => {
    const before = await rows();
    const ended = await rotate('reencrypt');
    expect(ended).toMatchObject({ state: 'done', moved: 60, verified: 60, remaining: 0 });
    const after = await rows();
    for (const [index, row] of after.entries()) {
      for (const column of ['ciphertext', 'nonce', 'tag', 'wrapped_key', 'fingerprint']) {
        expect(row[column]).not.toEqual(before[index][column]);
      }
    }
    await everythingOpens(other);
    expect(await rotate('reencrypt')).toMatchObject({ moved: 60 });
  });

  it('has nothing to re-wrap when everything is on the current key', async () => {
    expect(await rotate('rewrap')).toMatchObject({ state: 'done', moved: 0, verified: 60 });
  });

  it('writes one audit entry per secret, and its own beginning and end', async () => {
    await rotation.rotateKeyring(requestedBy);
    const { id } = await rotate('rewrap');
    const moved = await entries('secret.rewrapped');
    expect(new Set(moved.map((entry) => entry.subject_id))).toEqual(new Set(sealed.map((secret) => secret.id)));
    expect(moved[0].details).toMatchObject({ rotationId: id, fromKey: expect.stringMatching(/#1$/) });
    for (const action of ['vault.keyring_rotated', 'vault.rotation_started', 'vault.rotation_verified']) {
      expect(await entries(action)).toHaveLength(1);
    }
  });

  it('evicts moved secrets on every process', async () => {
    const caches = [one.get(DataKeyCache), other.get(DataKeyCache)];
    // a channel that is lost for a moment on a busy machine may cost a key
    await eventually(async () => {
      await everythingOpens(one);
      await everythingOpens(other);
      expect(caches.map((cache) => cache.size)).toEqual([60, 60]);
    }, 20_000);
    await rotation.rotateKeyring(requestedBy);
    await rotate('rewrap');
    await eventually(() => expect(caches.map((cache) => cache.size)).toEqual([0, 0]));
  });

  it('is taken up where it was stopped, by another process', async () => {
    await rotation.rotateKeyring(requestedBy);
    const stop = new AbortController();
    const { id } = await rotation.start({ mode: 'rewrap', requestedBy });
    const stopped = await rotation.run(id, {
      batchSize: 7,
      signal: stop.signal,
      onProgress: (progress) => progress.moved >= 21 && stop.abort(),
    });
    expect(stopped).toMatchObject({ state: 'moving', moved: 21, finishedAt: null });
    await everythingOpens();
    expect(stopped.activity).toBe('working');
    // an operator stopped it: no worker takes it up by itself
    expect(await rotation.progress(id)).toMatchObject({ activity: 'stopped' });
    expect(await entries('vault.rotation_stopped')).toMatchObject([
      { subject_id: id, details: { moved: 21, requestedBy } },
    ]);
    expect(await other.get(VaultRotation).resumeInterrupted()).toBeNull();
    const again = await other.get(VaultRotation).start({ mode: 'rewrap', requestedBy });
    expect(again.id).toBe(id);
    const ended = await other.get(VaultRotation).run(id, { batchSize: 7 });
    expect(ended).toMatchObject({ state: 'done', moved: 60, verified: 60 });
    await everythingOpens();
  });

  it('is handed over by a process that ends, and resumed by another one', async () => {
    await rotation.rotateKeyring(requestedBy);
    const stop = new AbortController();
    const { id } = await rotation.start({ mode: 'rewrap', requestedBy });
    await rotation.run(id, {
      batchSize: 7,
      signal: stop.signal,
      handsOver: true,
      onProgress: (progress) => progress.moved >= 21 && stop.abort(),
    });
    expect(await rotation.progress(id)).toMatchObject({ activity: 'interrupted', moved: 21, resumes: 0 });
    expect(await entries('vault.rotation_stopped')).toEqual([]);
    const ended = await other.get(VaultRotation).resumeInterrupted({ batchSize: 7 });
    expect(ended).toMatchObject({ id, state: 'done', moved: 60, verified: 60, resumes: 1, activity: null });
    const [act] = await entries('vault.rotation_resumed');
    expect(act).toMatchObject({
      subject_id: id,
      actor_kind: 'system',
      details: { moved: 21, resumes: 1, requestedBy },
    });
    await everythingOpens();
    expect(await other.get(VaultRotation).resumeInterrupted()).toBeNull();
  });

  it('is resumed once when its runner falls silent, and whoever wakes up later writes nothing more', async () => {
    await rotation.rotateKeyring(requestedBy);
    const { id } = await rotation.start({ mode: 'rewrap', requestedBy });
    // begun, and nobody has come to run it yet: its starter has the time of a lease
    expect(await other.get(VaultRotation).resumeInterrupted()).toBeNull();
    const work = one.get(RotationWork);
    const move = work.move.bind(work);
    let resumed: (RotationProgress | null)[] = [];
    jest.spyOn(work, 'move').mockImplementationOnce(async (read, mode, target) => {
      const moved = await move(read, mode, target);
      // the process is paused for longer than its lease
      await db.query(`UPDATE vault_rotations SET lease_until = now() - interval '1 second'`);
      const third = await startVaultProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path });
      const workers = [other, third].map((process) => process.get(VaultRotation).resumeInterrupted({ batchSize: 7 }));
      resumed = await Promise.all(workers);
      await third.close();
      return moved;
    });
    await expect(rotation.run(id, { batchSize: 7 })).rejects.toMatchObject({
      message: 'Another process has taken over the rotation.',
    });
    expect(resumed.filter((one) => one !== null)).toHaveLength(1);
    expect(await rotation.progress(id)).toMatchObject({ state: 'done', moved: 60, verified: 60, resumes: 1 });
    expect(await entries('secret.rewrapped')).toHaveLength(60);
    await everythingOpens();
  });

  it('prolongs its lease from the moment of a write, however long the transaction took until then', async () => {
    const lease = { ...(await rotation.start({ mode: 'rewrap', requestedBy })), runner: randomUUID() };
    const rotations = one.get(RotationRepository);
    expect(await rotations.acquire(lease)).not.toBeNull();
    const [row] = await one.get(UnitOfWork).run(async (tx) => {
      await sqlOf(tx).query('SELECT pg_sleep(0.2)');
      await rotations.advance(tx, lease, { cursor: null });
      // now() is when the transaction began
      return sqlOf(tx).query(`SELECT extract(epoch FROM lease_until - now())::float8 AS seconds FROM vault_rotations`);
    });
    expect(row!['seconds']).toBeGreaterThanOrEqual(LEASE_MS / 1_000 + 0.2);
  });

  it('is written to by nobody who has lost the lease, whatever the write', async () => {
    const { id } = await rotation.start({ mode: 'rewrap', requestedBy });
    const rotations = one.get(RotationRepository);
    const inTransaction = one.get(UnitOfWork);
    const lost = { id, runner: randomUUID() };
    expect(await rotations.acquire(lost)).not.toBeNull();
    expect(await rotations.acquire({ id, runner: randomUUID() })).toBeNull();
    const held = { id, runner: randomUUID() };
    const takeUp = () => inTransaction.run((tx) => rotations.acquireInterrupted(tx, held.runner));
    expect(await takeUp()).toBeNull();
    await db.query(`UPDATE vault_rotations SET lease_until = now() - interval '1 second'`);
    expect(await takeUp()).toMatchObject({ id, resumes: 1 });

    const state = async () => (await db.query('SELECT * FROM vault_rotations')).rows;
    const before = await state();
    const target = { keyId: 'other', keyVersion: 9 };
    const writes: ((lease: RotationLease) => (tx: Tx) => Promise<unknown>)[] = [
      (lease) => (tx) => rotations.advance(tx, lease, { moved: 1, cursor: null }),
      (lease) => (tx) => rotations.retarget(tx, lease, target),
      (lease) => (tx) => rotations.enter(tx, lease, 'verifying'),
      (lease) => (tx) => rotations.addFailures(tx, lease, [{ id, reason: 'x' }]),
      (lease) => (tx) => rotations.finish(tx, lease, 'failed', 1),
    ];
    for (const write of writes) {
      await expect(inTransaction.run(write(lost))).rejects.toMatchObject({
        message: 'Another process has taken over the rotation.',
      });
    }
    expect(await rotations.renew(lost)).toBe(false);
    await rotations.release(lost, 0);
    expect(await state()).toEqual(before);

    // each write of the holder prolongs its lease
    for (const write of writes) {
      await db.query(`UPDATE vault_rotations SET lease_until = now() + interval '1 second'`);
      await inTransaction.run(write(held));
      const [row] = await state();
      expect(row.lease_until.getTime()).toBeGreaterThan(Date.now() + LEASE_MS / 2);
    }
    // and one that has ended is written to by nobody
    await expect(inTransaction.run(writes[0]!(held))).rejects.toThrow('taken over the rotation');
    expect(await rotations.renew(held)).toBe(false);
  });

  it('is done by one process at a time, and one rotation at a time', async () => {
    await rotation.rotateKeyring(requestedBy);
    const { id } = await rotation.start({ mode: 'rewrap', requestedBy });
    await expect(rotation.start({ mode: 'reencrypt', requestedBy })).rejects.toMatchObject({ code: 'conflict' });
    const outcomes = await Promise.allSettled([
      rotation.run(id, { batchSize: 1 }),
      other.get(VaultRotation).run(id, { batchSize: 1 }),
    ]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message] : []));
    expect(refused).toEqual(['Another process is working on the rotation.']);
    expect(await rotation.progress(id)).toMatchObject({ state: 'done', moved: 60, verified: 60 });
  });

  it('loses no change that is made beside it', async () => {
    await rotation.rotateKeyring(requestedBy);
    const destroyed = new Set<string>();
    const fresh: Sealed[] = [];
    const busy = { now: true };
    // destroys, seals and opens as fast as it can, while every row is moved
    const changes = (async () => {
      for (let index = 0; busy.now; index++) {
        const victim = sealed[(index * 7) % sealed.length]!;
        if (index % 2 === 0 && destroyed.size < 30 && !destroyed.has(victim.id)) {
          destroyed.add(victim.id);
          await secretsOf(other).destroy(victim.id);
        }
        fresh.push(await secretsOf(other).seal(`fresh ${index}`));
        await secretsOf(other).open(fresh.at(-1)!);
      }
    })();
    const ended = await rotate('reencrypt', { batchSize: 3 });
    busy.now = false;
    await changes;
    expect(ended).toMatchObject({ state: 'done', remaining: 0, failures: [] });
    expect(destroyed.size).toBeGreaterThan(5);
    for (const secret of [...sealed, ...fresh]) {
      const outcome = await secrets.open(secret).catch((error: unknown) => (error as { reason: string }).reason);
      expect(outcome).toBe(destroyed.has(secret.id) ? 'secret_destroyed' : secret.text);
    }
    const { keyId } = await rotation.currentKey();
    expect((await rotation.keysInUse()).map((key) => [key.keyId, key.keyVersion])).toEqual([[keyId, 2]]);
  });

  it('does not bring back a secret that is destroyed between its reading and its writing', async () => {
    await rotation.rotateKeyring(requestedBy);
    const work = one.get(RotationWork);
    const victim = sealed[10]!;
    const move = work.move.bind(work);
    jest.spyOn(work, 'move').mockImplementationOnce(async (read, mode, target) => {
      const moved = await move(read, mode, target);
      await secretsOf(other).destroy(victim.id);
      return moved;
    });
    const ended = await rotate('rewrap', { batchSize: 100 });
    expect(ended).toMatchObject({ state: 'done', moved: 59, verified: 59 });
    expect(await reasonOf(secrets.open(victim))).toBe('secret_destroyed');
    expect((await rows(`id = '${victim.id}'`))[0].wrapped_key).toBeNull();
    const acts = await entries('secret.rewrapped');
    expect(acts.some((entry) => entry.subject_id === victim.id)).toBe(false);
  });

  it('makes another pass for what was sealed under the old key meanwhile', async () => {
    const { rows: late } = await db.query('SELECT * FROM sealed_secrets WHERE id = $1', [sealed[0]!.id]);
    await rotation.rotateKeyring(requestedBy);
    const work = one.get(RotationWork);
    const verify = work.verify.bind(work);
    // put back under the old key while the others are being opened
    jest.spyOn(work, 'verify').mockImplementationOnce(async (read) => {
      await db.query('UPDATE sealed_secrets SET wrapped_key = $2, key_version = 1 WHERE id = $1', [
        late[0].id,
        late[0].wrapped_key,
      ]);
      return verify(read);
    });
    expect(await rotate('rewrap')).toMatchObject({ state: 'done', moved: 61, verified: 60, remaining: 0 });
    await everythingOpens();
  });

  it('goes to the newest key when the keyring is rotated again in the middle', async () => {
    await rotation.rotateKeyring(requestedBy);
    let rotated = false;
    const ended = await rotate('rewrap', {
      onProgress: () => {
        if (!rotated) void other.get(VaultRotation).rotateKeyring(requestedBy);
        rotated = true;
      },
    });
    expect(ended).toMatchObject({ state: 'done', targetKeyVersion: 3, remaining: 0 });
    expect((await rotation.keysInUse()).map((key) => key.keyVersion)).toEqual([3]);
    await everythingOpens();
  });

  it('names what cannot be opened, moves the rest, and ends as failed', async () => {
    await db.query(`UPDATE sealed_secrets SET tag = decode(repeat('00', 16), 'hex') WHERE id = $1`, [sealed[3]!.id]);
    await db.query(`UPDATE sealed_secrets SET context = context || '{"owner_id": "thief"}' WHERE id = $1`, [
      sealed[4]!.id,
    ]);
    await rotation.rotateKeyring(requestedBy);
    const ended = await rotate('rewrap');
    expect(ended).toMatchObject({ state: 'failed', moved: 59, remaining: 1, verified: 58 });
    expect([...ended.failures].sort((a, b) => (a.reason < b.reason ? -1 : 1))).toEqual([
      { id: sealed[3]!.id, reason: 'authentication_failed' },
      { id: sealed[4]!.id, reason: 'wrong_context' },
    ]);
    expect(await entries('vault.rotation_failed')).toHaveLength(1);
    // the next one begins anew
    await db.query(`DELETE FROM sealed_secrets WHERE id = ANY ($1)`, [[sealed[3]!.id, sealed[4]!.id]]);
    expect(await rotate('rewrap')).toMatchObject({ state: 'done', verified: 58 });
  });

  it('leaves alone what was destroyed and put back from a copy', async () => {
    const { rows: copies } = await db.query('SELECT * FROM sealed_secrets WHERE id = $1', [sealed[0]!.id]);
    await secrets.destroy(sealed[0]!.id);
    await db.query('UPDATE sealed_secrets SET wrapped_key = $2, destroyed_at = NULL WHERE id = $1', [
      copies[0].id,
      copies[0].wrapped_key,
    ]);
    await rotation.rotateKeyring(requestedBy);
    expect(await rotate('rewrap')).toMatchObject({ state: 'done', total: 59, moved: 59, verified: 59 });
    expect(await reasonOf(secrets.open(sealed[0]!))).toBe('secret_destroyed');
  });

  it('refuses a key that does not exist here', async () => {
    const refused = rotation.start({ mode: 'rewrap', toKeyId: 'local-other', requestedBy });
    await expect(refused).rejects.toMatchObject({ reason: 'key_not_found' });
    expect(await rotation.progress()).toBeNull();
  });
});

describe('rotation on AWS KMS', () => {
  let database: TestDatabase;
  let kms: KmsStandIn;
  let oldKey: string;
  let one: VaultProcess;
  let rotation: VaultRotation;
  let secrets: ReturnType<typeof secretsOf>;
  let sealed: Sealed[];
  const before = { ...process.env };

  beforeAll(async () => {
    database = await migratedDatabase();
    kms = await KmsStandIn.start();
    oldKey = kms.createKey();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    one = await startVaultProcess({ DATABASE_URL: database.url, KMS_KEY_ID: oldKey, KMS_ENDPOINT: kms.endpoint });
    rotation = one.get(VaultRotation);
    secrets = secretsOf(one);
    sealed = await Promise.all(texts(25).map((text) => secrets.seal(text)));
  }, 60_000);
  afterAll(async () => {
    process.env = before;
    await one?.close();
    await kms?.stop();
    await database?.drop();
  });

  it('re-wraps with ReEncrypt to the key it is told, no data key leaving KMS', async () => {
    const newKey = kms.createKey();
    const decrypts = kms.count('Decrypt');
    const { id } = await rotation.start({ mode: 'rewrap', toKeyId: newKey, requestedBy });
    const atVerification: number[] = [];
    const ended = await rotation.run(id, {
      batchSize: 10,
      onProgress: (progress) => progress.state === 'moving' && atVerification.push(kms.count('Decrypt')),
    });
    expect(ended).toMatchObject({ state: 'done', moved: 25, verified: 25, targetKeyId: newKey });
    expect(kms.count('ReEncrypt')).toBe(25);
    expect(new Set(atVerification)).toEqual(new Set([decrypts]));
    kms.setEnabled(oldKey, false);
    for (const secret of sealed) expect(await secrets.open(secret)).toBe(secret.text);
    kms.setEnabled(oldKey, true);
  });

  it('waits while KMS throttles or is away, and goes on', async () => {
    const newKey = kms.createKey();
    const { id } = await rotation.start({ mode: 'reencrypt', toKeyId: newKey, requestedBy });
    kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500, times: 40, action: 'GenerateDataKey' });
    const ended = await rotation.run(id, { batchSize: 10 });
    expect(ended).toMatchObject({ state: 'done', moved: 25, verified: 25, remaining: 0, failures: [] });
    kms.heal();
    for (const secret of sealed) expect(await secrets.open(secret)).toBe(secret.text);
  }, 60_000);

  it('waits as well when KMS is away before the first batch', async () => {
    const { id } = await rotation.start({ mode: 'reencrypt', requestedBy });
    kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500, times: 5, action: 'DescribeKey' });
    expect(await rotation.run(id, { batchSize: 10 })).toMatchObject({ state: 'done', verified: 25 });
    expect(kms.calls.filter((call) => call.action === 'DescribeKey' && call.outcome === 500)).toHaveLength(5);
  }, 60_000);

  it('gives up after its patience, stays open, and ends with the next run', async () => {
    const newKey = kms.createKey();
    const { id } = await rotation.start({ mode: 'rewrap', toKeyId: newKey, requestedBy });
    kms.inject({ kind: 'error', type: 'KMSInternalException', status: 500, action: 'ReEncrypt' });
    expect(await reasonOf(rotation.run(id, { batchSize: 10, backoffMs: 100 }))).toBe('unavailable');
    // a worker would try again in a minute, by itself
    expect(await rotation.progress(id)).toMatchObject({
      state: 'moving',
      moved: 0,
      failures: [],
      activity: 'working',
    });
    kms.heal();
    expect(await rotation.run(id, { batchSize: 10 })).toMatchObject({ state: 'done', moved: 25 });
  }, 60_000);

  it('ends as failed when the new key is gone before the first batch, and does not bar the next one', async () => {
    const newKey = kms.createKey();
    const { id } = await rotation.start({ mode: 'rewrap', toKeyId: newKey, requestedBy });
    kms.setEnabled(newKey, false);
    const ended = await rotation.run(id, { batchSize: 10 });
    expect(ended).toMatchObject({ state: 'failed', moved: 0, remaining: 25, verified: 25 });
    expect(new Set(ended.failures.map((failure) => failure.reason))).toEqual(new Set(['key_disabled']));
    const next = await rotation.start({ mode: 'rewrap', toKeyId: kms.createKey(), requestedBy });
    expect(await rotation.run(next.id)).toMatchObject({ state: 'done', moved: 25, verified: 25 });
  });

  it('ends as failed when the new key refuses, and says why', async () => {
    const newKey = kms.createKey();
    const { id } = await rotation.start({ mode: 'rewrap', toKeyId: newKey, requestedBy });
    kms.inject({ kind: 'error', type: 'AccessDeniedException', action: 'ReEncrypt' });
    const ended = await rotation.run(id, { batchSize: 10 });
    kms.heal();
    expect(ended).toMatchObject({ state: 'failed', moved: 0, remaining: 25, verified: 25 });
    expect(ended.failures).toHaveLength(25);
    expect(ended.failures[0]!.reason).toBe('denied');
    for (const secret of sealed) expect(await secrets.open(secret)).toBe(secret.text);
  });
});

describe('moving secrets between the local keyring and AWS KMS', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let kms: KmsStandIn;
  let kmsKey: string;
  let sealed: Sealed[];
  const processes: VaultProcess[] = [];
  const before = { ...process.env };

  beforeEach(async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    database = await migratedDatabase();
    folder = await temporaryFolder();
    kms = await KmsStandIn.start();
    kmsKey = kms.createKey();
  }, 60_000);
  afterEach(async () => {
    process.env = { ...before };
    for (const one of processes.splice(0)) await one.close();
    await kms?.stop();
    await database?.drop();
    await folder?.remove();
  });

  const start = async (environment: Record<string, string>): Promise<VaultProcess> => {
    const place = { DATABASE_URL: database.url, DATA_DIR: folder.path, KMS_ENDPOINT: kms.endpoint };
    const one = await startVaultProcess({ ...place, ...environment });
    processes.push(one);
    return one;
  };
  const fill = async (one: VaultProcess) => {
    sealed = await Promise.all(texts(25).map((text) => secretsOf(one).seal(text)));
  };
  const everythingOpens = async (one: VaultProcess) => {
    for (const secret of sealed) expect(await secretsOf(one).open(secret)).toBe(secret.text);
  };
  const move = async (one: VaultProcess, mode: 'rewrap' | 'reencrypt', toKeyId?: string) => {
    const rotation = one.get(VaultRotation);
    return rotation.run((await rotation.start({ mode, toKeyId, requestedBy })).id, { batchSize: 10 });
  };
  const keysInUse = async (one: VaultProcess) =>
    (await one.get(VaultRotation).keysInUse()).map(({ keyId, count }) => [keyId, count]);

  it.each(['rewrap', 'reencrypt'] as const)(
    'moves everything to KMS and back, while all processes open (%s)',
    async (mode) => {
      // 1: as it was. 2: every process opens both. 3: KMS seals, the keyring opens. 4: the keyring is not needed any
      // more
      await fill(await start({ KMS_KEY_ID: 'local' }));
      const still = await start({ KMS_KEY_ID: 'local', KMS_OTHER_KEY_ID: kmsKey });
      const sealing = await start({ KMS_KEY_ID: kmsKey, KMS_OTHER_KEY_ID: 'local' });
      sealed.push(
        await secretsOf(still).seal('sealed by the old one'),
        await secretsOf(sealing).seal('by the new one'),
      );
      for (const one of [still, sealing]) await everythingOpens(one);
      expect(await move(sealing, mode)).toMatchObject({
        state: 'done',
        moved: mode === 'rewrap' ? 26 : 27,
        verified: 27,
        remaining: 0,
        targetKeyId: kmsKey,
      });
      expect(await keysInUse(sealing)).toEqual([[kmsKey, 27]]);
      for (const one of [still, sealing]) await everythingOpens(one);
      const onlyKms = await start({ KMS_KEY_ID: kmsKey, DATA_DIR: path.join(folder.path, 'elsewhere') });
      await everythingOpens(onlyKms);
      // and back, named by the word local
      const { keyId: localKey } = await still.get(VaultRotation).currentKey();
      expect(await move(still, mode, 'local')).toMatchObject({
        state: 'done',
        moved: 27,
        verified: 27,
        targetKeyId: localKey,
      });
      const asked = kms.calls.length;
      const onlyLocal = await start({ KMS_KEY_ID: 'local' });
      await everythingOpens(onlyLocal);
      expect(kms.calls).toHaveLength(asked);
      expect(await reasonOf(secretsOf(onlyKms).open(sealed[0]!))).toBe('key_not_found');
    },
  );

  it('goes to a KMS key by name while the keyring still seals, and lets another pass take what was sealed meanwhile', async () => {
    const still = await start({ KMS_KEY_ID: 'local', KMS_OTHER_KEY_ID: kmsKey });
    await fill(still);
    const work = still.get(RotationWork);
    const verify = work.verify.bind(work);
    jest.spyOn(work, 'verify').mockImplementationOnce(async (read) => {
      sealed.push(await secretsOf(still).seal('late'));
      return verify(read);
    });
    expect(await move(still, 'rewrap', kmsKey)).toMatchObject({ state: 'done', moved: 26, remaining: 0 });
    await everythingOpens(still);
  });

  it('names what the other side refuses, leaves it where it was, and ends as failed', async () => {
    const sealing = await start({ KMS_KEY_ID: 'local', KMS_OTHER_KEY_ID: kmsKey });
    await fill(sealing);
    kms.inject({ kind: 'error', type: 'AccessDeniedException', action: 'Encrypt' });
    const ended = await move(sealing, 'rewrap', kmsKey);
    expect(ended).toMatchObject({ state: 'failed', moved: 0, remaining: 25, verified: 25 });
    expect(new Set(ended.failures.map((failure) => failure.reason))).toEqual(new Set(['denied']));
    kms.heal();
    await everythingOpens(sealing);
  });

  it('does not begin where the other side is not set up, and a process that needs a keyring does not make one', async () => {
    const local = await start({ KMS_KEY_ID: 'local' });
    expect(await reasonOf(move(local, 'rewrap', kmsKey))).toBe('key_not_found');
    expect(kms.calls).toEqual([]);
    const elsewhere = path.join(folder.path, 'elsewhere');
    await expect(start({ KMS_KEY_ID: kmsKey, KMS_OTHER_KEY_ID: 'local', DATA_DIR: elsewhere })).rejects.toThrow(
      /keyring\.json is not there/,
    );
    // nor one for which secrets are there that a new keyring could not open
    await fill(local);
    await expect(start({ KMS_KEY_ID: 'local', DATA_DIR: elsewhere })).rejects.toThrow(/Put it back from its backup/);
    await expect(access(path.join(elsewhere, 'keyring.json'))).rejects.toThrow();
  });
});
