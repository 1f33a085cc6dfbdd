import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** Beside the thread that sends: Ed25519 takes as long as all the rest of a delivery's signatures. */
const signBeside = promisify(sign) as (algorithm: null, data: Buffer, key: KeyObject) => Promise<Buffer>;
const SECRET_BYTES = 32;
/** Of a raw Ed25519 public key within its DER form. */
const RAW_KEY_BYTES = 32;

/** Both secrets of an endpoint, as they are sealed. */
export interface EndpointSecret {
  /** `whsec_…`, as the merchant has it. */
  readonly secret: string;
  /** Of Ed25519, PKCS #8 in DER, base64. */
  readonly privateKey: string;
}

export interface NewEndpointSecret extends EndpointSecret {
  /** `whpk_…`. */
  readonly publicKey: string;
}

export function generateSecret(): NewEndpointSecret {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-RAW_KEY_BYTES);
  return {
    secret: `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`,
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    publicKey: `whpk_${raw.toString('base64')}`,
  };
}

/** A secret, ready to sign. */
export class Signer {
  private readonly key: Buffer;
  private readonly privateKey: KeyObject;

  constructor(private readonly secret: EndpointSecret) {
    this.key = Buffer.from(secret.secret.slice('whsec_'.length), 'base64');
    this.privateKey = createPrivateKey({ key: Buffer.from(secret.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  }

  /** `v1,…` and `v1a,…`. */
  async standard(message: string): Promise<string[]> {
    const symmetric = createHmac('sha256', this.key).update(message).digest('base64');
    const asymmetric = (await signBeside(null, Buffer.from(message), this.privateKey)).toString('base64');
    return [`v1,${symmetric}`, `v1a,${asymmetric}`];
  }

  /** Hex; the key is the text of the secret, prefix included, as the mirrored API takes it. */
  mirrored(message: string): string {
    return createHmac('sha256', this.secret.secret).update(message).digest('hex');
  }
}

/**
 * The headers of one try, by Standard Webhooks 1.0.0. Several signers: each signs, so that either secret verifies while
 * one replaces the other.
 */
export async function signedHeaders(
  signers: readonly Signer[],
  message: { readonly id: string; readonly timestamp: number; readonly body: string },
  mirrored: boolean,
): Promise<Record<string, string>> {
  const { id, timestamp, body } = message;
  const signatures = await Promise.all(signers.map((signer) => signer.standard(`${id}.${timestamp}.${body}`)));
  const headers: Record<string, string> = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.flat().join(' '),
  };
  if (mirrored) {
    const parts = signers.map((signer) => `v1=${signer.mirrored(`${timestamp}.${body}`)}`);
    headers['x-revkeen-signature'] = [`t=${timestamp}`, ...parts].join(',');
  }
  return headers;
}
