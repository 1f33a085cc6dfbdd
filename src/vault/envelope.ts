import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { AAD_VERSION, contextBytes, type EncryptionContext } from './seal-context';
import { VaultError } from './vault-error';

export const ALGORITHM = 'AES_256_GCM';
export const DATA_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** Wrapped keys of AWS KMS are about 200 bytes; its limit for any ciphertext is 6144. */
const MAX_WRAPPED_KEY_BYTES = 6144;
export const MAX_PLAINTEXT_BYTES = 1024 * 1024;

/** A data key as key management wrapped it. */
export interface WrappedKey {
  readonly bytes: Buffer;
  /** The key that wraps it; pinned when it is unwrapped. */
  readonly keyId: string;
  readonly keyVersion: number;
}

export interface Ciphertext {
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  readonly tag: Buffer;
}

export interface Envelope extends Ciphertext {
  readonly algorithm: typeof ALGORITHM;
  readonly aadVersion: typeof AAD_VERSION;
  readonly wrappedKey: WrappedKey;
}

/** The envelope as it lies in a row: nothing about it is trusted yet. */
export interface RawEnvelope {
  algorithm: string;
  aadVersion: number;
  nonce: Buffer;
  tag: Buffer;
  ciphertext: Buffer;
  wrappedKey: Buffer | null;
  keyId: string;
  keyVersion: number;
}

/** Strict: each defect has its own error, and none lets a byte through. */
export function parseEnvelope(raw: RawEnvelope): Envelope {
  if (raw.algorithm !== ALGORITHM) throw new VaultError('unknown_algorithm');
  if (raw.aadVersion !== AAD_VERSION) throw new VaultError('unknown_aad_version');
  if (!Buffer.isBuffer(raw.nonce) || raw.nonce.length !== NONCE_BYTES) throw new VaultError('bad_nonce');
  if (!Buffer.isBuffer(raw.tag) || raw.tag.length !== TAG_BYTES) throw new VaultError('bad_tag');
  if (!Buffer.isBuffer(raw.ciphertext) || raw.ciphertext.length === 0 || raw.ciphertext.length > MAX_PLAINTEXT_BYTES) {
    throw new VaultError('bad_ciphertext');
  }
  const wrapped = raw.wrappedKey;
  if (
    !Buffer.isBuffer(wrapped) ||
    wrapped.length === 0 ||
    wrapped.length > MAX_WRAPPED_KEY_BYTES ||
    !raw.keyId ||
    !Number.isInteger(raw.keyVersion) ||
    raw.keyVersion < 1
  ) {
    throw new VaultError('bad_wrapped_key');
  }
  return {
    algorithm: ALGORITHM,
    aadVersion: AAD_VERSION,
    nonce: raw.nonce,
    tag: raw.tag,
    ciphertext: raw.ciphertext,
    wrappedKey: { bytes: wrapped, keyId: raw.keyId, keyVersion: raw.keyVersion },
  };
}

/** Precondition: the data key is fresh, or the nonce space of 96 random bits is used for it at most 2^32 times. */
export function encrypt(dataKey: Buffer, context: EncryptionContext, plaintext: Buffer): Ciphertext {
  if (dataKey.length !== DATA_KEY_BYTES) throw new VaultError('bad_wrapped_key');
  if (plaintext.length === 0 || plaintext.length > MAX_PLAINTEXT_BYTES) throw new VaultError('bad_ciphertext');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(contextBytes(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { ciphertext, nonce, tag: cipher.getAuthTag() };
}

/**
 * Yields the plaintext only after the tag was verified; what was decrypted before is zeroed when it does not verify.
 */
export function decrypt(dataKey: Buffer, context: EncryptionContext, envelope: Ciphertext): Buffer {
  if (dataKey.length !== DATA_KEY_BYTES) throw new VaultError('bad_wrapped_key');
  const decipher = createDecipheriv('aes-256-gcm', dataKey, envelope.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(contextBytes(context));
  decipher.setAuthTag(envelope.tag);
  const plaintext = decipher.update(envelope.ciphertext);
  try {
    decipher.final();
  } catch (error) {
    plaintext.fill(0);
    throw new VaultError('authentication_failed', { cause: error });
  }
  return plaintext;
}

/** Names a sealed thing in the audit log without telling what it is. */
export function fingerprintOf(sealed: Pick<Ciphertext, 'ciphertext' | 'tag'>): string {
  return createHash('sha256').update(sealed.ciphertext).update(sealed.tag).digest('hex').slice(0, 16);
}
