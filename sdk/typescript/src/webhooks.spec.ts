import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { verifyWebhook, WebhookVerificationError, type WebhookProblem } from './webhooks';

/** The example of the Standard Webhooks specification's reference libraries. */
const KNOWN = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  payload: '{"test": 2432232314}',
  headers: {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
};
const now = 1_614_265_330_000;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const publicText = `whpk_${publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64')}`;
const message = `${KNOWN.headers['webhook-id']}.${KNOWN.headers['webhook-timestamp']}.${KNOWN.payload}`;
const v1a = `v1a,${sign(null, Buffer.from(message), privateKey).toString('base64')}`;
const v1Of = (secret: Buffer): string => `v1,${createHmac('sha256', secret).update(message).digest('base64')}`;
const signed = (signature: string) => ({ ...KNOWN.headers, 'webhook-signature': signature });
const body = { test: 2432232314 };

describe('verifyWebhook', () => {
  it('takes the message that the specification signs', async () => {
    expect(await verifyWebhook(KNOWN.payload, KNOWN.headers, KNOWN.secret, { now })).toEqual(body);
  });

  it('takes bytes, and headers in any case and form', async () => {
    const bytes = new TextEncoder().encode(KNOWN.payload);
    expect(await verifyWebhook(bytes, new Headers(KNOWN.headers), KNOWN.secret, { now })).toEqual(body);
    const upper = Object.fromEntries(
      Object.entries(KNOWN.headers).map(([name, value]) => [name.toUpperCase(), [value]]),
    );
    expect(await verifyWebhook(bytes, upper, KNOWN.secret, { now })).toEqual(body);
  });

  it('takes an Ed25519 signature by its public key', async () => {
    expect(await verifyWebhook(KNOWN.payload, signed(v1a), publicText, { now })).toEqual(body);
  });

  it('takes the signature of either secret while one is replaced, and finds it among others', async () => {
    const next = Buffer.alloc(24, 7);
    const both = signed(`v1a,AAAA v2,zzz v1,@@@ ${v1Of(next)}`);
    const secrets = [KNOWN.secret, `whsec_${next.toString('base64')}`];
    expect(await verifyWebhook(KNOWN.payload, both, secrets, { now })).toEqual(body);
  });

  const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  const { 'webhook-id': _id, ...withoutId } = KNOWN.headers;
  it.each<[string, WebhookProblem, () => Promise<unknown>]>([
    ['another body', 'no_match', () => verifyWebhook('{"test": 1}', KNOWN.headers, KNOWN.secret, { now })],
    [
      'another id',
      'no_match',
      () => verifyWebhook(KNOWN.payload, { ...KNOWN.headers, 'webhook-id': 'x' }, KNOWN.secret, { now }),
    ],
    ['another secret', 'no_match', () => verifyWebhook(KNOWN.payload, KNOWN.headers, other, { now })],
    [
      'a signature of the other kind',
      'no_match',
      () => verifyWebhook(KNOWN.payload, signed(v1a), KNOWN.secret, { now }),
    ],
    [
      'an HMAC keyed with the public key',
      'no_match',
      () => verifyWebhook(KNOWN.payload, signed(v1Of(Buffer.from(publicText.slice(5), 'base64'))), publicText, { now }),
    ],
    [
      'half a signature',
      'no_match',
      () =>
        verifyWebhook(KNOWN.payload, signed(KNOWN.headers['webhook-signature'].slice(0, 20)), KNOWN.secret, { now }),
    ],
    ['no id', 'missing_header', () => verifyWebhook(KNOWN.payload, withoutId, KNOWN.secret, { now })],
    [
      'no time',
      'invalid_timestamp',
      () => verifyWebhook(KNOWN.payload, { ...KNOWN.headers, 'webhook-timestamp': '1e9' }, KNOWN.secret, { now }),
    ],
    [
      'five minutes and a second later',
      'too_old',
      () => verifyWebhook(KNOWN.payload, KNOWN.headers, KNOWN.secret, { now: now + 301_000 }),
    ],
    [
      'five minutes and a second before',
      'too_new',
      () => verifyWebhook(KNOWN.payload, KNOWN.headers, KNOWN.secret, { now: now - 301_000 }),
    ],
    [
      'a secret without its prefix',
      'invalid_secret',
      () => verifyWebhook(KNOWN.payload, KNOWN.headers, KNOWN.secret.slice(6), { now }),
    ],
    [
      'a public key of another length',
      'invalid_secret',
      () => verifyWebhook(KNOWN.payload, KNOWN.headers, 'whpk_AAAA', { now }),
    ],
    ['no secret at all', 'no_match', () => verifyWebhook(KNOWN.payload, KNOWN.headers, [], { now })],
  ])('refuses %s: %s', async (_what, problem, verify) => {
    const error: unknown = await verify().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WebhookVerificationError);
    expect(error).toMatchObject({ problem });
  });

  it.each([-300_000, 300_000])('takes a message that is five minutes off (%d ms)', async (offMs) => {
    expect(await verifyWebhook(KNOWN.payload, KNOWN.headers, KNOWN.secret, { now: now + offMs })).toEqual(body);
  });
});
