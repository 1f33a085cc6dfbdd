// Verifies what Interlock sends, by Standard Webhooks 1.0.0. No dependency: copy it, or import it.
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

const TOLERANCE_SECONDS = 300;
/** What precedes a raw Ed25519 key in its DER form. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export class WebhookVerificationError extends Error {}

/**
 * Returns the event of a delivery, or throws a WebhookVerificationError.
 *
 * - `body`: the bytes as they came, before anything has parsed them
 * - `headers`: of the request, names in lower case
 * - `keys`: `secret` (`whsec_…`) or `publicKey` (`whpk_…`); of each a list too, while one replaces another
 */
export function verifyWebhook(
  body,
  headers,
  { secret, publicKey, toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() },
) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures) throw new WebhookVerificationError('A header of the signature is missing.');
  checkTime(timestamp, toleranceSeconds, now);
  const message = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  const given = signatures.split(' ').map((each) => each.split(','));
  const fits =
    listOf(secret).some((each) => given.some(([version, text]) => version === 'v1' && isHmac(message, each, text))) ||
    listOf(publicKey).some((each) =>
      given.some(([version, text]) => version === 'v1a' && isEd25519(message, each, text)),
    );
  if (!fits) throw new WebhookVerificationError('No signature fits.');
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

/** The same by the header `X-RevKeen-Signature`: `t=<seconds>,v1=<hex>`, over `<t>.<body>`. */
export function constructEvent(body, header, secret, { toleranceSeconds = TOLERANCE_SECONDS, now = Date.now() } = {}) {
  const parts = String(header)
    .split(',')
    .map((each) => each.split('='));
  const timestamp = parts.find(([name]) => name === 't')?.[1];
  if (!timestamp) throw new WebhookVerificationError('The header has no time.');
  const message = Buffer.concat([Buffer.from(`${timestamp}.`), Buffer.from(body)]);
  const expected = createHmac('sha256', secret).update(message).digest();
  const fits = parts.some(([name, text]) => name === 'v1' && isEqual(Buffer.from(text ?? '', 'hex'), expected));
  if (!fits) throw new WebhookVerificationError('No signature fits.');
  checkTime(timestamp, toleranceSeconds, now);
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

function checkTime(timestamp, toleranceSeconds, now) {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  // NaN is within no tolerance
  if (!(Math.abs(now / 1000 - seconds) <= toleranceSeconds)) {
    throw new WebhookVerificationError('The time of the delivery is too far from now.');
  }
}

function isHmac(message, secret, text = '') {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return isEqual(Buffer.from(text, 'base64'), createHmac('sha256', key).update(message).digest());
}

function isEd25519(message, publicKey, text = '') {
  const raw = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64');
  const key = createPublicKey({ key: Buffer.concat([DER_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, message, key, Buffer.from(text, 'base64'));
}

function isEqual(one, other) {
  return one.length === other.length && timingSafeEqual(one, other);
}

function listOf(value) {
  return value === undefined ? [] : [value].flat();
}
