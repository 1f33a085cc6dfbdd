import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^6 is more than 2^32: six digits hold every CRC-32. */
const CHECKSUM_LENGTH = 6;

/**
 * `apex` in every prefix: the log's redaction knows it. The checksum covers the prefix and tells a typo, or one kind in
 * the place of another, without asking the database; it is no secret.
 */
const KINDS = {
  /** Public, like a user name: 190 random bits. */
  apiKey: { prefix: 'apex_', randomLength: 32 },
  /** 256 random bits. */
  secret: { prefix: 'sk-apex_', randomLength: 43 },
  refreshToken: { prefix: 'rt-apex_', randomLength: 43 },
} as const;
export type CredentialKind = keyof typeof KINDS;

export function generateCredential(kind: CredentialKind): string {
  const { prefix, randomLength } = KINDS[kind];
  const body = prefix + Array.from({ length: randomLength }, () => BASE62[randomInt(62)]).join('');
  return body + checksum(body);
}

export function isWellFormed(kind: CredentialKind, text: string): boolean {
  const { prefix, randomLength } = KINDS[kind];
  if (!text.startsWith(prefix) || text.length !== prefix.length + randomLength + CHECKSUM_LENGTH) return false;
  if (!/^[0-9A-Za-z]+$/.test(text.slice(prefix.length))) return false;
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** Enough for what has 190 random bits behind it; the secret gets argon2id, because the contract says so. */
export function secretDigest(credential: string): Buffer {
  return createHash('sha256').update(credential).digest();
}

function checksum(text: string): string {
  let value = crc32(text) >>> 0;
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = BASE62[value % 62] + digits;
    value = Math.floor(value / 62);
  }
  return digits;
}
