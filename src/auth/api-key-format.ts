import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ENVIRONMENTS, type Environment } from '../platform/http';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** log2(62^32) is 190.5: above the 160 bits that the contract asks for. */
const RANDOM_LENGTH = 32;
/** 62^6 is more than 2^32: six digits hold every CRC-32. */
const CHECKSUM_LENGTH = 6;
const VISIBLE_RANDOM_LENGTH = 4;
const FORM = new RegExp(`^rk_(${ENVIRONMENTS.join('|')})_[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);
/** The largest multiple of 62 in a byte: bytes from here on would favour the first digits. */
const UNBIASED_BELOW = 248;

export interface NewApiKey {
  readonly key: string;
  readonly hash: Buffer;
  readonly displayPrefix: string;
}

export function generateApiKey(environment: Environment): NewApiKey {
  const prefix = `rk_${environment}_`;
  const random = randomBase62(RANDOM_LENGTH);
  const body = prefix + random;
  const key = body + checksum(body);
  return { key, hash: hashApiKey(key), displayPrefix: prefix + random.slice(0, VISIBLE_RANDOM_LENGTH) };
}

/**
 * The environment that the key names, or null when it is not a key. The checksum covers the prefix too, so neither a
 * typo nor a key whose environment was rewritten reaches the database. It is no secret: anyone can compute it.
 */
export function environmentOfApiKey(key: string): Environment | null {
  const match = FORM.exec(key);
  if (!match) return null;
  const body = key.slice(0, -CHECKSUM_LENGTH);
  return checksum(body) === key.slice(-CHECKSUM_LENGTH) ? (match[1] as Environment) : null;
}

/** A plain hash is enough: there are 190 random bits behind it, and no dictionary to try. */
export function hashApiKey(key: string): Buffer {
  return hash('sha256', key, 'buffer');
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

function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < UNBIASED_BELOW && text.length < length) text += BASE62[byte % 62];
    }
  }
  return text;
}
