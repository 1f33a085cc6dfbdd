import { access } from 'node:fs/promises';
import path from 'node:path';
import { VaultRotation } from '../../src/vault';
import { RotationWork } from '../../src/vault/rotation-work';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { KmsStandIn } from '../support/kms-stand-in';
import {
  reasonOf,
  secretsOf,
  startVaultProcess,
  temporaryFolder,
  texts,
  type Sealed,
  type VaultProcess,
} from './vault-context';

const requestedBy = 'test';

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
