import { InterlockError } from './errors';

const TOLERANCE_MS = 5 * 60_000;
const encoder = new TextEncoder();

export type WebhookProblem =
  'missing_header' | 'invalid_timestamp' | 'too_old' | 'too_new' | 'no_match' | 'invalid_secret';

/** The message does not come from the service, or not now. Answer 400, and do nothing of what it says. */
export class WebhookVerificationError extends InterlockError {
  override name = 'WebhookVerificationError';

  constructor(
    readonly problem: WebhookProblem,
    message: string,
  ) {
    super(message);
  }
}

export interface VerifyWebhookOptions {
  /** Of another time than now, and a replay; five minutes unless told. */
  readonly toleranceMs?: number;
  /** In milliseconds since 1970. */
  readonly now?: number;
}

type HeaderSource =
  { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies a message by the Standard Webhooks rules and returns its body.
 * `secret` is the endpoint's `whsec_…` (HMAC-SHA256) or its public key `whpk_…` (Ed25519); several while one is
 * replaced. `payload` is the body as it arrived: parsed and written again, it is another one.
 */
export async function verifyWebhook<T = unknown>(
  payload: string | Uint8Array,
  headers: HeaderSource,
  secret: string | readonly string[],
  { toleranceMs = TOLERANCE_MS, now = Date.now() }: VerifyWebhookOptions = {},
): Promise<T> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    headerOf(headers, name),
  ) as [string, string, string];
  checkTime(timestamp, toleranceMs, now);
  const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
  const head = encoder.encode(`${id}.${timestamp}.`);
  const message = new Uint8Array(head.length + bytes.length);
  message.set(head);
  message.set(bytes, head.length);
  for (const each of typeof secret === 'string' ? [secret] : secret) {
    const { version, verify } = await verifierOf(each);
    for (const signature of signatures.split(' ')) {
      const [scheme, text = ''] = signature.split(',') as [string, string?];
      const raw = scheme === version ? decoded(text) : null;
      if (raw && (await verify(raw, message))) return JSON.parse(new TextDecoder().decode(bytes)) as T;
    }
  }
  throw new WebhookVerificationError('no_match', 'No signature of the message matches.');
}

function headerOf(headers: HeaderSource, name: string): string {
  const value =
    typeof headers.get === 'function'
      ? headers.get(name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  const text = Array.isArray(value) ? value.join(' ') : value;
  if (typeof text !== 'string' || text === '')
    throw new WebhookVerificationError('missing_header', `The header ${name} is missing.`);
  return text;
}

function checkTime(timestamp: string, toleranceMs: number, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp)) {
    throw new WebhookVerificationError('invalid_timestamp', 'The header webhook-timestamp is not a time.');
  }
  const ageMs = now - Number(timestamp) * 1000;
  if (ageMs > toleranceMs) throw new WebhookVerificationError('too_old', 'The message is too old.');
  if (ageMs < -toleranceMs) throw new WebhookVerificationError('too_new', 'The message is from the future.');
}

type Verify = (signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>) => Promise<boolean>;

/** Web Crypto compares in constant time. */
async function verifierOf(secret: string): Promise<{ version: 'v1' | 'v1a'; verify: Verify }> {
  const { subtle } = crypto;
  const isPublic = secret.startsWith('whpk_');
  const raw = /^wh(sec|pk)_/.test(secret) ? decoded(secret.slice(secret.indexOf('_') + 1)) : null;
  if (!raw || raw.length === 0) {
    throw new WebhookVerificationError('invalid_secret', 'The secret must begin with whsec_ or whpk_, and be base64.');
  }
  const algorithm = isPublic ? { name: 'Ed25519' } : { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', raw, algorithm, false, ['verify']).catch(() => {
    throw new WebhookVerificationError('invalid_secret', 'The secret is not a key of its kind.');
  });
  return {
    version: isPublic ? 'v1a' : 'v1',
    verify: (signature, message) => subtle.verify(algorithm.name, key, signature, message),
  };
}

/** Null for what is not base64. */
function decoded(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
