import type { Environment } from '../platform/http';

export const SEAL_PURPOSES = [
  'integration_credential',
  'signing_key',
  'idempotent_response',
  'webhook_secret',
] as const;
export type SealPurpose = (typeof SEAL_PURPOSES)[number];

/**
 * What a secret is for and whose it is. It is bound into the ciphertext and the wrapped key: under any other context
 * neither opens.
 */
export interface SealContext {
  readonly purpose: SealPurpose;
  /** The row that owns the secret: an integration, a signing key, an idempotency record, a webhook endpoint. */
  readonly ownerId: string;
  /** The four below: always for credentials, else never. */
  readonly merchantId?: string;
  readonly environment?: Environment;
  readonly integrationId?: string;
  readonly provider?: string;
}

export const AAD_VERSION = 1;
const AAD_VERSION_TEXT = String(AAD_VERSION);
const PLAIN = /^[\w.:-]*$/;

/** The flat form that key management takes (KMS encryption context) and the row keeps. */
export type EncryptionContext = Readonly<Record<string, string>>;

/** The four that a credential always has and nothing else ever has. */
const TUPLE = ['merchantId', 'environment', 'integrationId', 'provider'] as const;

export function encryptionContext(context: SealContext): EncryptionContext {
  const { purpose, ownerId } = context;
  if (purpose === 'integration_credential') {
    const { environment, integrationId, merchantId, provider } = context;
    // a credential without its owner's tuple could be opened for another one
    if (!environment || !integrationId || !merchantId || !provider || !ownerId) throw unfit(context);
    return {
      aad_version: AAD_VERSION_TEXT,
      environment,
      integration_id: integrationId,
      merchant_id: merchantId,
      owner_id: ownerId,
      provider,
      purpose,
    };
  }
  if (!ownerId || TUPLE.some((name) => context[name] !== undefined)) throw unfit(context);
  return { aad_version: AAD_VERSION_TEXT, owner_id: ownerId, purpose };
}

function unfit(context: SealContext): Error {
  const credential = context.purpose === 'integration_credential';
  const wrong = TUPLE.filter((name) => (credential ? !context[name] : context[name] !== undefined));
  if (!context.ownerId) wrong.unshift('ownerId' as never);
  return new Error(`seal context: ${wrong.join(', ')} does not fit ${context.purpose}`);
}

/**
 * The additional authenticated data: the same tuple in one unambiguous byte form, the JSON of its pairs sorted by name.
 */
export function contextBytes(context: EncryptionContext): Buffer {
  const names = Object.keys(context);
  if (!isSorted(names)) names.sort();
  let pairs = '';
  for (const name of names) pairs += `${pairs === '' ? '' : ','}[${quoted(name)},${quoted(context[name]!)}]`;
  return Buffer.from(`[${pairs}]`, 'utf8');
}

export function sameContext(a: EncryptionContext, b: EncryptionContext): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  for (const name of names) {
    if (a[name] !== b[name] || !Object.hasOwn(b, name)) return false;
  }
  return true;
}

function isSorted(names: readonly string[]): boolean {
  for (let index = 1; index < names.length; index++) {
    if (names[index - 1]! > names[index]!) return false;
  }
  return true;
}

/** As JSON quotes it; ids and names need no look at each character. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
