import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AwsKms } from '../../src/vault/adapters/aws-kms';
import { KeyringError } from '../../src/vault/adapters/keyring-source';
import { LocalKeyring } from '../../src/vault/adapters/local-keyring';
import type { KeyManagement } from '../../src/vault/key-management';
import { KeyRouter } from '../../src/vault/key-router';
import { kmsOptions, KmsStandIn } from '../support/kms-stand-in';
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
