import { randomBytes } from 'node:crypto';
import { LocalKeyring } from './adapters/local-keyring';
import { encrypt, fingerprintOf } from './envelope';
import { RotationWork } from './rotation-work';
import { encryptionContext } from './seal-context';
import type { SealedSecretRow } from './store/sealed-secret.repository';

const PLAINTEXT = '{"apiKey":"canary-51f7e9b2"}';
const context = encryptionContext({ purpose: 'signing_key', ownerId: 'owner-1' });
const isZero = (buffer: Buffer) => buffer.every((byte) => byte === 0);

describe('the work of a rotation on a row', () => {
  let keys: LocalKeyring;
  let work: RotationWork;
  let row: SealedSecretRow;
  /** Every data key that key management gave out in clear, by the buffer itself. */
  let inClear: Buffer[];
  let filled: Buffer[];

  beforeEach(async () => {
    keys = new LocalKeyring({ text: `1:${randomBytes(32).toString('base64')}` });
    const { plaintext: dataKey, wrapped } = await keys.generateDataKey(context);
    const sealed = encrypt(dataKey, context, Buffer.from(PLAINTEXT));
    row = {
      ...sealed,
      id: 'secret-1',
      context,
      algorithm: 'AES_256_GCM',
      aadVersion: 1,
      wrappedKey: wrapped.bytes,
      keyId: wrapped.keyId,
      keyVersion: wrapped.keyVersion,
      generation: 1,
      fingerprint: fingerprintOf(sealed),
      destroyedAt: null,
    };
    work = new RotationWork(keys);
    inClear = [];
    filled = [];
    const { unwrap, generateDataKey } = keys;
    jest.spyOn(keys, 'unwrap').mockImplementation(async (...asked) => {
      inClear.push(await unwrap.apply(keys, asked));
      return inClear.at(-1)!;
    });
    jest.spyOn(keys, 'generateDataKey').mockImplementation(async (...asked) => {
      const made = await generateDataKey.apply(keys, asked);
      inClear.push(made.plaintext);
      return made;
    });
    jest.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, value) {
      filled.push(this);
      return Uint8Array.prototype.fill.call(this, value as unknown as number) as Buffer;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  const plaintextsZeroed = () => filled.filter((buffer) => buffer.length === PLAINTEXT.length && isZero(buffer)).length;

  it('zeroes both data keys and the plaintext after re-encrypting', async () => {
    const [outcome] = await work.move([row], 'reencrypt', await keys.currentKey());
    expect(outcome).toHaveProperty('done');
    expect(inClear).toHaveLength(2);
    expect(inClear.every(isZero)).toBe(true);
    expect(plaintextsZeroed()).toBe(1);
  });

  it('zeroes them when the new key cannot be had', async () => {
    jest.spyOn(keys, 'generateDataKey').mockRejectedValue(new Error('not now'));
    await expect(work.move([row], 'reencrypt', await keys.currentKey())).rejects.toThrow('not now');
    expect(inClear).toHaveLength(1);
    expect(inClear.every(isZero)).toBe(true);
    expect(plaintextsZeroed()).toBe(1);
  });

  it('zeroes data key and plaintext after opening a row to verify it', async () => {
    expect(await work.verify([row])).toEqual([{ done: true }]);
    expect(inClear).toHaveLength(1);
    expect(inClear.every(isZero)).toBe(true);
    expect(plaintextsZeroed()).toBe(1);
  });

  it('zeroes the data key of a row that does not authenticate, and says which row it was', async () => {
    const [outcome] = await work.verify([{ ...row, tag: Buffer.alloc(16) }]);
    expect(outcome).toMatchObject({ failed: { id: 'secret-1', error: { reason: 'authentication_failed' } } });
    expect(inClear.every(isZero)).toBe(true);
    expect(plaintextsZeroed()).toBe(1);
  });
});
