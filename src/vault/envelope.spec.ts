import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { decrypt, encrypt, fingerprintOf, MAX_PLAINTEXT_BYTES, parseEnvelope, type RawEnvelope } from './envelope';
import { encryptionContext } from './seal-context';
import { VaultError, type VaultErrorReason } from './vault-error';

const context = encryptionContext({
  purpose: 'integration_credential',
  ownerId: 'owner-1',
  merchantId: 'merchant-1',
  environment: 'live',
  integrationId: 'integration-1',
  provider: 'practicehub',
});
const dataKey = randomBytes(32);
const plaintext = Buffer.from('{"apiKey":"phx-31f0c1"}');

function rawEnvelope(): RawEnvelope {
  const sealed = encrypt(dataKey, context, plaintext);
  return {
    ...sealed,
    algorithm: 'AES_256_GCM',
    aadVersion: 1,
    wrappedKey: randomBytes(60),
    keyId: 'local-1',
    keyVersion: 1,
  };
}

/** What opening a row does once its key is unwrapped. */
function openRaw(raw: RawEnvelope, under = context, key = dataKey): Buffer {
  return decrypt(key, under, parseEnvelope(raw));
}

function reasonOf(work: () => unknown): VaultErrorReason | 'opened' {
  try {
    work();
    return 'opened';
  } catch (error) {
    if (error instanceof VaultError) return error.reason;
    throw error;
  }
}

function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

describe('envelope', () => {
  it('opens what it sealed', () => {
    expect(openRaw(rawEnvelope()).equals(plaintext)).toBe(true);
  });

  it('never uses a nonce twice', () => {
    const nonces = new Set(
      Array.from({ length: 1000 }, () => encrypt(dataKey, context, plaintext).nonce.toString('hex')),
    );
    expect(nonces.size).toBe(1000);
  });

  const defects: [string, VaultErrorReason, (raw: RawEnvelope) => Partial<RawEnvelope>][] = [
    ['another algorithm', 'unknown_algorithm', () => ({ algorithm: 'AES_128_GCM' })],
    ['an unknown version', 'unknown_aad_version', () => ({ aadVersion: 2 })],
    ['version zero', 'unknown_aad_version', () => ({ aadVersion: 0 })],
    ['a short nonce', 'bad_nonce', (raw) => ({ nonce: raw.nonce.subarray(1) })],
    ['a long nonce', 'bad_nonce', (raw) => ({ nonce: Buffer.concat([raw.nonce, Buffer.of(0)]) })],
    // GCM would accept a tag of 12 bytes, which is easier to guess
    ['a truncated tag', 'bad_tag', (raw) => ({ tag: raw.tag.subarray(0, 12) })],
    ['no ciphertext', 'bad_ciphertext', () => ({ ciphertext: Buffer.alloc(0) })],
    ['an endless ciphertext', 'bad_ciphertext', () => ({ ciphertext: Buffer.alloc(MAX_PLAINTEXT_BYTES + 1) })],
    ['no wrapped key', 'bad_wrapped_key', () => ({ wrappedKey: null })],
    ['an empty wrapped key', 'bad_wrapped_key', () => ({ wrappedKey: Buffer.alloc(0) })],
    ['an endless wrapped key', 'bad_wrapped_key', () => ({ wrappedKey: Buffer.alloc(6145) })],
    ['no key id', 'bad_wrapped_key', () => ({ keyId: '' })],
    ['key version zero', 'bad_wrapped_key', () => ({ keyVersion: 0 })],
    ['half a key version', 'bad_wrapped_key', () => ({ keyVersion: 1.5 })],
    ['a truncated ciphertext', 'authentication_failed', (raw) => ({ ciphertext: raw.ciphertext.subarray(0, -1) })],
    [
      'an extended ciphertext',
      'authentication_failed',
      (raw) => ({ ciphertext: Buffer.concat([raw.ciphertext, Buffer.of(0)]) }),
    ],
    ['the ciphertext of another envelope', 'authentication_failed', () => ({ ciphertext: rawEnvelope().ciphertext })],
    ['the nonce of another envelope', 'authentication_failed', () => ({ nonce: rawEnvelope().nonce })],
    ['the tag of another envelope', 'authentication_failed', () => ({ tag: rawEnvelope().tag })],
  ];
  it.each(defects)('refuses %s with its own error', (_name, reason, damage) => {
    const raw = rawEnvelope();
    expect(reasonOf(() => openRaw({ ...raw, ...damage(raw) }))).toBe(reason);
  });

  it('refuses every single bit flipped in nonce, ciphertext or tag', () => {
    const raw = rawEnvelope();
    for (const part of ['nonce', 'ciphertext', 'tag'] as const) {
      for (let bit = 0; bit < raw[part].length * 8; bit++) {
        expect(reasonOf(() => openRaw({ ...raw, [part]: flip(raw[part], bit) }))).toBe('authentication_failed');
      }
    }
  });

  it('refuses another key', () => {
    expect(reasonOf(() => openRaw(rawEnvelope(), context, randomBytes(32)))).toBe('authentication_failed');
    expect(reasonOf(() => openRaw(rawEnvelope(), context, randomBytes(16)))).toBe('bad_wrapped_key');
  });

  it('refuses every other context, whatever differs', () => {
    const raw = rawEnvelope();
    for (const name of Object.keys(context)) {
      expect(reasonOf(() => openRaw(raw, { ...context, [name]: `${context[name]}x` }))).toBe('authentication_failed');
      const { [name]: _left, ...without } = context;
      expect(reasonOf(() => openRaw(raw, without))).toBe('authentication_failed');
    }
  });

  it('does not yield a byte of what failed to authenticate: the buffer it was decrypted into is zeroed', () => {
    const raw = rawEnvelope();
    const filled: Buffer[] = [];
    const fill = jest.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, value) {
      filled.push(this);
      return Uint8Array.prototype.fill.call(this, value as unknown as number) as Buffer;
    });
    try {
      expect(reasonOf(() => openRaw({ ...raw, tag: flip(raw.tag, 0) }))).toBe('authentication_failed');
    } finally {
      fill.mockRestore();
    }
    expect(filled).toHaveLength(1);
    expect(filled[0]).toHaveLength(plaintext.length);
    expect(filled[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it('opens any plaintext and any context it sealed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 500 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
        (bytes, anyContext) => {
          const sealed = encrypt(dataKey, anyContext, Buffer.from(bytes));
          return decrypt(dataKey, anyContext, sealed).equals(Buffer.from(bytes));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuses to seal nothing, and more than its bound', () => {
    expect(reasonOf(() => encrypt(dataKey, context, Buffer.alloc(0)))).toBe('bad_ciphertext');
    expect(reasonOf(() => encrypt(dataKey, context, Buffer.alloc(MAX_PLAINTEXT_BYTES + 1)))).toBe('bad_ciphertext');
  });

  it('has a fingerprint that changes with the tag and says nothing of the plaintext', () => {
    const [one, other] = [rawEnvelope(), rawEnvelope()];
    expect(fingerprintOf(one)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprintOf(one)).toBe(fingerprintOf(one));
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
  });
});
