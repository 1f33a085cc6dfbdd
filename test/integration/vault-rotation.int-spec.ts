import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { sqlOf, UnitOfWork, type Tx } from '../../src/platform/database';
import { VaultRotation, type RotationProgress } from '../../src/vault';
import { DataKeyCache } from '../../src/vault/data-key-cache';
import { RotationWork } from '../../src/vault/rotation-work';
import { LEASE_MS, RotationRepository, type RotationLease } from '../../src/vault/store/rotation.repository';
import type { TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import {
  reasonOf,
  secretsOf,
  startVaultProcess,
  startVaultWorld,
  temporaryFolder,
  texts,
  type Sealed,
  type VaultProcess,
  type VaultWorld,
} from './vault-context';

const requestedBy = 'test';

describe('rotation on the local keyring', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let db: Client;
  let world: VaultWorld;
  let one: VaultProcess;
  let other: VaultProcess;
  let secrets: ReturnType<typeof secretsOf>;
  let rotation: VaultRotation;
  let sealed: Sealed[];

  beforeEach(async () => {
    world = await startVaultWorld();
    ({ database, folder, one, other, db } = world);
    secrets = secretsOf(one);
    rotation = one.get(VaultRotation);
    sealed = await Promise.all(texts(60).map((text) => secrets.seal(text)));
  }, 60_000);
  afterEach(() => world?.stop());

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
