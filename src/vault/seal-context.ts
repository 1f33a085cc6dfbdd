import type { Environment } from '../platform/http';

export const SEAL_PURPOSES = ['integration_credential', 'signing_key', 'idempotent_response'] as const;
export type SealPurpose = (typeof SEAL_PURPOSES)[number];

/** What a secret is for and whose it is. It is bound into the ciphertext and the wrapped key: under any other context neither opens. */
export interface SealContext {
  readonly purpose: SealPurpose;
  /** The row that owns the secret: an integration, a signing key, an idempotency record. */
  readonly ownerId: string;
  /** The four below: always for credentials, else never. */
  readonly merchantId?: string;
  readonly environment?: Environment;
  readonly integrationId?: string;
  readonly provider?: string;
}

export const AAD_VERSION = 1;

/** The flat form that key management takes (KMS encryption context) and the row keeps. */
export type EncryptionContext = Readonly<Record<string, string>>;

export function encryptionContext(context: SealContext): EncryptionContext {
  const credential = context.purpose === 'integration_credential';
  const fields: [string, string | undefined][] = [
    ['aad_version', String(AAD_VERSION)],
    ['purpose', context.purpose],
    ['owner_id', context.ownerId],
    ['merchant_id', context.merchantId],
    ['environment', context.environment],
    ['integration_id', context.integrationId],
    ['provider', context.provider],
  ];
  for (const [name, value] of fields.slice(3)) {
    // a credential without its owner's tuple could be opened for another one
    if ((value !== undefined) !== credential) throw new Error(`seal context: ${name} does not fit ${context.purpose}`);
  }
  const known = fields.filter((field): field is [string, string] => field[1] !== undefined);
  for (const [name, value] of known) {
    if (value === '') throw new Error(`seal context: ${name} is empty`);
  }
  return Object.fromEntries(known);
}

/** The additional authenticated data: the same tuple in one unambiguous byte form (sorted JSON pairs). */
export function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs), 'utf8');
}

export function sameContext(a: EncryptionContext, b: EncryptionContext): boolean {
  return contextBytes(a).equals(contextBytes(b));
}
