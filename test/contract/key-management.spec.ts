import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AwsKms, type AwsKmsOptions } from '../../src/vault/adapters/aws-kms';
import { KeyringError } from '../../src/vault/adapters/keyring-source';
import { LocalKeyring } from '../../src/vault/adapters/local-keyring';
import type { KeyManagement } from '../../src/vault/key-management';
import { KeyRouter } from '../../src/vault/key-router';
import { KmsStandIn } from '../support/kms-stand-in';
import { credentialContext, keyManagementContract, reasonOf } from './key-management';

const context = credentialContext('integration-1');
const newKeyText = () => randomBytes(32).toString('base64');

async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-keyring-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

keyManagementContract('local keyring in a file', async () => {
  const { folder, remove } = await temporaryFolder();
  const file = path.join(folder, 'keys', 'keyring.json');
  const keys = new LocalKeyring({ file });
  return {
    keys,
    reopen: () => new LocalKeyring({ file }),
    makeNextKeyCurrent: async () => void (await new LocalKeyring({ file }).addVersion()),
    unknownKeyId: 'local-other',
    stop: async () => {
      keys.close();
      await remove();
    },
  };
});

keyManagementContract('local keyring from the environment', async () => {
  const source = { text: `1:${newKeyText()}` };
  const keys = new LocalKeyring(source);
  const processes = [keys];
  return {
    keys,
    reopen: () => {
      const other = new LocalKeyring(source);
      processes.push(other);
      return other;
    },
    // the environment changes only with a restart; here each instance is told to read it again
    makeNextKeyCurrent: async () => {
      source.text += `,2:${newKeyText()}`;
      for (const one of processes) await one.check();
    },
    unknownKeyId: 'local-other',
    stop: async () => keys.close(),
  };
});

const quick: Pick<AwsKmsOptions, 'requestTimeoutMs' | 'totalTimeoutMs'> = {
  requestTimeoutMs: 300,
  totalTimeoutMs: 20_000,
};
const kmsOptions = (kms: KmsStandIn, keyId: string): AwsKmsOptions => ({
  keyId,
  region: 'us-east-1',
  endpoint: kms.endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  ...quick,
});

keyManagementContract('AWS KMS', async () => {
  const kms = await KmsStandIn.start();
  kms.createKey('interlock');
  const options = kmsOptions(kms, 'alias/interlock');
  const keys = new AwsKms(options);
  return {
    keys,
    reopen: () => new AwsKms(options),
    makeNextKeyCurrent: async () => void kms.createKey('interlock'),
    unknownKeyId: 'arn:aws:kms:us-east-1:111122223333:key/11111111-1111-4111-8111-111111111111',
    stop: async () => {
      keys.close();
      await kms.stop();
    },
  };
});

/** Both side by side, as while secrets are moved: `sealing` is current, the other one only opens. */
async function startBoth(sealing: 'local' | 'kms') {
  const { folder, remove } = await temporaryFolder();
  const file = path.join(folder, 'keyring.json');
  const kms = await KmsStandIn.start();
  kms.createKey('interlock');
  const open = () => {
    const managements = { local: new LocalKeyring({ file }), kms: new AwsKms(kmsOptions(kms, 'alias/interlock')) };
    return { ...managements, keys: new KeyRouter({ ...managements, sealing: managements[sealing] }) };
  };
  const one = open();
  const stop = async () => {
    one.keys.close();
    await kms.stop();
    await remove();
  };
  return { ...one, file, standIn: kms, reopen: () => open().keys, stop };
}

keyManagementContract('the local keyring beside AWS KMS', async () => {
  const { keys, file, reopen, stop } = await startBoth('local');
  const makeNextKeyCurrent = async () => void (await new LocalKeyring({ file }).addVersion());
  return { keys, reopen, stop, makeNextKeyCurrent, unknownKeyId: 'local-other' };
});

keyManagementContract('AWS KMS beside the local keyring', async () => {
  const { keys, standIn, reopen, stop } = await startBoth('kms');
  const makeNextKeyCurrent = async () => void standIn.createKey('interlock');
  return { keys, reopen, stop, makeNextKeyCurrent, unknownKeyId: 'local-other' };
});

describe('two key managements side by side', () => {
  let both: Awaited<ReturnType<typeof startBoth>>;
  beforeEach(async () => {
    both = await startBoth('local');
  });
  afterEach(() => both.stop());

  it('re-wraps a data key from one to the other and back, and zeroes it here', async () => {
    const { keys, local, kms, standIn } = both;
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    const inClear: Buffer[] = [];
    for (const side of [local, kms] as KeyManagement[]) {
      const unwrap = side.unwrap.bind(side);
      jest.spyOn(side, 'unwrap').mockImplementation(async (...asked) => {
        inClear.push(await unwrap(...asked));
        return inClear.at(-1)!;
      });
    }
    const atKms = await keys.rewrap(wrapped, context, 'alias/interlock');
    expect(atKms.keyId).toMatch(/^arn:aws:kms:/);
    expect(standIn.calls.map((call) => call.action)).toEqual(['Encrypt']);
    const atHome = await keys.rewrap(atKms, context, 'local');
    expect(atHome.keyId).toBe(wrapped.keyId);
    expect(inClear).toHaveLength(2);
    expect(inClear.every((key) => key.every((byte) => byte === 0))).toBe(true);
    for (const one of [wrapped, atKms, atHome]) {
      expect((await keys.unwrap(one, context)).equals(plaintext)).toBe(true);
      expect(await reasonOf(keys.unwrap(one, credentialContext('integration-2')))).toBe('wrong_context');
    }
  });

  it('zeroes the data key here though the other one fails', async () => {
    const { keys, local, standIn } = both;
    const { wrapped } = await keys.generateDataKey(context);
    const unwrapped = await local.unwrap(wrapped, context);
    jest.spyOn(local, 'unwrap').mockResolvedValue(unwrapped);
    standIn.inject({ kind: 'error', type: 'AccessDeniedException' });
    expect(await reasonOf(keys.rewrap(wrapped, context, 'alias/interlock'))).toBe('denied');
    expect(unwrapped.every((byte) => byte === 0)).toBe(true);
  });

  it('seals under the one that seals, and under the other when told', async () => {
    const { keys } = both;
    expect((await keys.generateDataKey(context)).wrapped.keyId).toMatch(/^local-/);
    expect((await keys.generateDataKey(context, 'alias/interlock')).wrapped.keyId).toMatch(/^arn:/);
    expect((await keys.currentKey()).keyId).toMatch(/^local-/);
    expect((await keys.currentKey('alias/interlock')).keyId).toMatch(/^arn:/);
  });

  it('says that a key is not there when its management is not set up, and asks nobody else', async () => {
    const { keys, local, kms, standIn } = both;
    const atHome = (await keys.generateDataKey(context)).wrapped;
    const atKms = (await keys.generateDataKey(context, 'alias/interlock')).wrapped;
    const asked = standIn.calls.length;
    const onlyKms = new KeyRouter({ sealing: kms, kms, local: null });
    expect(await reasonOf(onlyKms.unwrap(atHome, context))).toBe('key_not_found');
    expect(await reasonOf(onlyKms.rewrap(atHome, context))).toBe('key_not_found');
    const onlyLocal = new KeyRouter({ sealing: local, local, kms: null });
    expect(await reasonOf(onlyLocal.unwrap(atKms, context))).toBe('key_not_found');
    expect(await reasonOf(onlyLocal.rewrap(atHome, context, 'alias/interlock'))).toBe('key_not_found');
    expect(standIn.calls).toHaveLength(asked);
  });
});

describe('local keyring file', () => {
  let folder: string;
  let file: string;
  let remove: () => Promise<void>;
  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder());
    file = path.join(folder, 'keyring.json');
  });
  afterEach(() => remove());

  it('is made with mode 0600, and nothing else is left beside it', async () => {
    await new LocalKeyring({ file }).addVersion();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['keyring.json']);
  });

  it.each([0o640, 0o604, 0o660, 0o644])('is refused with mode %s', async (mode) => {
    await new LocalKeyring({ file }).check();
    await chmod(file, mode);
    const keys = new LocalKeyring({ file });
    await expect(keys.check()).rejects.toThrow(/can be read by others.*chmod 600/);
    expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
    await chmod(file, 0o600);
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
  });

  it.each([
    ['empty', ''],
    ['not JSON', 'keys: 1'],
    ['null', 'null'],
    ['without keys', '{"id":"local-1","current":1}'],
    ['without its current key', JSON.stringify({ id: 'local-1', current: 2, keys: { 1: newKeyText() } })],
    ['with a short key', JSON.stringify({ id: 'local-1', current: 1, keys: { 1: 'AAAA' } })],
    ['with a key that is no text', JSON.stringify({ id: 'local-1', current: 1, keys: { 1: 5 } })],
    [
      'with an odd version',
      JSON.stringify({ id: 'local-1', current: 1, keys: { 1: newKeyText(), '-2': newKeyText() } }),
    ],
  ])('is refused when it is %s, and the file is left alone', async (_name, text) => {
    await writeFile(file, text, { mode: 0o600 });
    await expect(new LocalKeyring({ file }).check()).rejects.toThrow(KeyringError);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('never puts a fresh keyring in place of one that went away while a process holds it', async () => {
    const keys = new LocalKeyring({ file });
    const { wrapped } = await keys.generateDataKey(context);
    await rename(file, `${file}.away`);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('succeeded');
    expect((await keys.generateDataKey(context)).wrapped.keyId).toBe(wrapped.keyId);
    expect(await readdir(folder)).toEqual(['keyring.json.away']);
    await expect(keys.addVersion()).rejects.toThrow(/is not there/);
    expect(await readdir(folder)).toEqual(['keyring.json.away']);
  });

  it('is not made where it has to be there already, only to open', async () => {
    const keys = new LocalKeyring({ file }, { mustExist: true });
    await expect(keys.check()).rejects.toThrow(/keyring\.json.*is not there/);
    expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
    expect(await readdir(folder)).toEqual([]);
    await new LocalKeyring({ file }).check();
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
  });

  it('is not made anew while something is sealed under the one that is gone', async () => {
    let isNeeded = true;
    const keys = new LocalKeyring({ file }, { isNeeded: () => Promise.resolve(isNeeded) });
    await expect(keys.check()).rejects.toThrow(/put it back from its backup/i);
    expect(await readdir(folder)).toEqual([]);
    isNeeded = false;
    await keys.check();
    expect(await readdir(folder)).toEqual(['keyring.json']);
    // while the file is there nobody is asked
    isNeeded = true;
    await new LocalKeyring({ file }, { isNeeded: () => Promise.reject(new Error('asked')) }).check();
  });

  it('is one and the same for processes that start together', async () => {
    for (let round = 0; round < 20; round++) {
      await rm(file, { force: true });
      const rings = Array.from({ length: 8 }, () => new LocalKeyring({ file }));
      const ids = await Promise.all(rings.map(async (ring) => (await ring.currentKey()).keyId));
      expect(new Set(ids).size).toBe(1);
    }
  });

  it('loses no version when several processes rotate at once', async () => {
    await new LocalKeyring({ file }).check();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => new LocalKeyring({ file }).addVersion()));
    const versions = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.keyVersion] : []));
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.length).toBeGreaterThan(0);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toMatch(/another rotation is under way/);
    }
    expect((await new LocalKeyring({ file }).currentKey()).keyVersion).toBe(1 + versions.length);
  });

  it('refuses by name a lock that a crash left behind', async () => {
    const keys = new LocalKeyring({ file });
    await keys.check();
    await writeFile(`${file}.lock`, '');
    await expect(keys.addVersion()).rejects.toThrow(`${file}.lock exists`);
    await rm(`${file}.lock`);
    expect((await keys.addVersion()).keyVersion).toBe(2);
  });

  it('notices a rotation by another process though the file has the same size and second', async () => {
    const [mine, other] = [new LocalKeyring({ file }), new LocalKeyring({ file })];
    await mine.check();
    const before = await stat(file);
    await other.addVersion();
    await utimes(file, before.atime, before.mtime);
    expect((await mine.currentKey()).keyVersion).toBe(2);
  });
});

describe('local keyring from the environment', () => {
  const key = newKeyText();
  it.each([
    ['words', 'a secret'],
    ['no version', key],
    ['version zero', `0:${key}`],
    ['a short key', '1:AAAA'],
    ['one version twice', `1:${key},1:${newKeyText()}`],
    ['something behind the key', `1:${key}:2`],
  ])('refuses %s without repeating it', async (_name, text) => {
    const error = (await new LocalKeyring({ text }).check().catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(KeyringError);
    expect(error.message).not.toContain(key);
    expect(error.message).not.toContain(text);
  });

  it('takes the highest version as current', async () => {
    const keys = new LocalKeyring({ text: `3:${newKeyText()}, 12:${newKeyText()},2:${key}` });
    expect((await keys.currentKey()).keyVersion).toBe(12);
    await expect(keys.addVersion()).rejects.toThrow('rotated there');
  });
});

describe('AWS KMS, when it misbehaves', () => {
  let kms: KmsStandIn;
  let keyId: string;
  let keys: AwsKms;
  let outcomes: string[];
  beforeEach(async () => {
    kms = await KmsStandIn.start();
    keyId = kms.createKey();
    outcomes = [];
    keys = new AwsKms({
      ...kmsOptions(kms, keyId),
      onCall: (action, outcome) => outcomes.push(`${action} ${outcome}`),
    });
  });
  afterEach(async () => {
    keys.close();
    await kms.stop();
  });

  it('is asked with a signature, a pinned key and the whole context', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    await keys.unwrap(wrapped, context);
    expect(kms.calls.map((call) => [call.action, call.signed])).toEqual([
      ['GenerateDataKey', true],
      ['Decrypt', true],
    ]);
    expect(kms.calls[1]!.body).toEqual({
      CiphertextBlob: wrapped.bytes.toString('base64'),
      KeyId: keyId,
      EncryptionContext: { ...context },
    });
    expect(outcomes).toEqual(['GenerateDataKey ok', 'Decrypt ok']);
  });

  it('is asked again after throttling, which KMS reports with status 400', async () => {
    kms.inject({ kind: 'throttle', times: 2 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
    expect(kms.calls.map((call) => call.outcome)).toEqual([400, 400, 200]);
  });

  it('is reported as throttled when it does not stop', async () => {
    kms.inject({ kind: 'throttle' });
    const patient = new AwsKms({
      ...kmsOptions(kms, keyId),
      maxAttempts: 3,
      onCall: (action, outcome) => outcomes.push(`${action} ${outcome}`),
    });
    expect(await reasonOf(patient.generateDataKey(context))).toBe('throttled');
    expect(kms.calls).toHaveLength(3);
    expect(outcomes).toEqual(['GenerateDataKey throttled']);
    patient.close();
  });

  it.each(['KMSInternalException', 'KeyUnavailableException', 'DependencyTimeoutException'])(
    'is asked again after %s',
    async (type) => {
      kms.inject({ kind: 'error', type, status: 500, times: 1 });
      expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
      kms.inject({ kind: 'error', type, status: 500 });
      expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
    },
  );

  it('is asked again after a connection cut half-way through its answer', async () => {
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    kms.inject({ kind: 'reset', times: 1 });
    expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    expect(kms.calls.map((call) => call.outcome)).toEqual([200, 'reset', 200]);
  });

  it('is asked again when one attempt hangs', async () => {
    kms.inject({ kind: 'hang', times: 1 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('succeeded');
    expect(kms.calls.map((call) => call.outcome)).toEqual(['hung', 200]);
  });

  it('does not hold its caller longer than all attempts together may take', async () => {
    const hurried = new AwsKms({ ...kmsOptions(kms, keyId), requestTimeoutMs: 5_000, totalTimeoutMs: 500 });
    kms.inject({ kind: 'hang' });
    const started = performance.now();
    expect(await reasonOf(hurried.generateDataKey(context))).toBe('unavailable');
    expect(performance.now() - started).toBeLessThan(1_500);
    kms.heal();
    expect(await reasonOf(hurried.generateDataKey(context))).toBe('succeeded');
    hurried.close();
  });

  it('is unavailable when nobody listens', async () => {
    await kms.stop();
    expect(await reasonOf(keys.generateDataKey(context))).toBe('unavailable');
  });

  it.each(['GenerateDataKey', 'Encrypt', 'Decrypt', 'ReEncrypt', 'DescribeKey'] as const)(
    'is not believed when it answers %s under another key',
    async (action) => {
      const { wrapped } = await keys.generateDataKey(context);
      kms.inject({ kind: 'wrong_key', action });
      const work = {
        GenerateDataKey: () => keys.generateDataKey(context),
        Encrypt: () => keys.wrap(randomBytes(32), context),
        Decrypt: () => keys.unwrap(wrapped, context),
        ReEncrypt: () => keys.rewrap(wrapped, context),
        DescribeKey: () => keys.currentKey(),
      }[action];
      expect(await reasonOf(work())).toBe('wrong_key');
    },
  );

  it('does not open a blob of another key that it may use', async () => {
    const other = new AwsKms(kmsOptions(kms, kms.createKey()));
    const { wrapped } = await other.generateDataKey(context);
    expect(await reasonOf(keys.unwrap({ ...wrapped, keyId }, context))).toBe('wrong_key');
    other.close();
  });

  it('says that its key is disabled', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    kms.setEnabled(keyId, false);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('key_disabled');
    expect(await reasonOf(keys.generateDataKey(context))).toBe('key_disabled');
    expect(await reasonOf(keys.currentKey())).toBe('key_disabled');
    kms.setEnabled(keyId, true);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('succeeded');
  });

  it('says that access is denied, and asks only once', async () => {
    const { wrapped } = await keys.generateDataKey(context);
    kms.setDenied(keyId, true);
    expect(await reasonOf(keys.unwrap(wrapped, context))).toBe('denied');
    expect(kms.count('Decrypt')).toBe(1);
  });

  it.each([
    ['LimitExceededException', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['AccessDeniedException', 'denied'],
    ['UnrecognizedClientException', 'denied'],
    ['InvalidSignatureException', 'denied'],
    ['MissingAuthenticationTokenException', 'denied'],
    ['ExpiredTokenException', 'denied'],
    ['RequestExpired', 'denied'],
    ['OptInRequired', 'denied'],
    ['InvalidGrantTokenException', 'denied'],
    ['DisabledException', 'key_disabled'],
    ['KMSInvalidStateException', 'key_disabled'],
    ['NotFoundException', 'key_not_found'],
    ['InvalidKeyUsageException', 'key_not_found'],
    ['InvalidArnException', 'key_not_found'],
    ['UnsupportedOperationException', 'key_not_found'],
    ['ValidationException', 'key_not_found'],
    ['IncorrectKeyException', 'wrong_key'],
    ['InvalidCiphertextException', 'wrong_context'],
    ['SomethingNewException', 'unavailable'],
  ])('%s means %s', async (type, reason) => {
    const impatient = new AwsKms({ ...kmsOptions(kms, keyId), maxAttempts: 1 });
    kms.inject({ kind: 'error', type });
    expect(await reasonOf(impatient.generateDataKey(context))).toBe(reason);
    impatient.close();
  });

  it('means denied when there is nothing to sign with', async () => {
    const nobody = new AwsKms({
      ...kmsOptions(kms, keyId),
      credentials: () => Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' })),
    });
    expect(await reasonOf(nobody.generateDataKey(context))).toBe('denied');
    expect(kms.calls).toEqual([]);
    nobody.close();
  });

  it('branches on the name of an error, never on its text', async () => {
    kms.inject({ kind: 'error', type: 'com.amazonaws.kms#KMSInvalidStateException', times: 1 });
    expect(await reasonOf(keys.generateDataKey(context))).toBe('key_disabled');
  });

  it('opens what was wrapped before KMS rotated its material', async () => {
    const { plaintext, wrapped } = await keys.generateDataKey(context);
    kms.rotateMaterial(keyId);
    expect((await keys.unwrap(wrapped, context)).equals(plaintext)).toBe(true);
    const rewrapped = await keys.rewrap(wrapped, context);
    expect(rewrapped.keyId).toBe(keyId);
    expect((await keys.unwrap(rewrapped, context)).equals(plaintext)).toBe(true);
  });
});
