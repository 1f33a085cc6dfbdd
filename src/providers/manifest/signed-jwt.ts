import { createPrivateKey, createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { ProviderFailure } from '../../platform/outbound';
import type { ManifestSignedJwt } from './manifest-auth';
import { filled } from './template';

type Fields = Readonly<Record<string, string>>;

/** The JWT that a manifest describes, signed with a key of the credentials. */
export async function signJwt(auth: ManifestSignedJwt, fields: Fields, nowMs = Date.now()): Promise<string> {
  const key = signingKeyOf(auth, fields);
  const { algorithm, keyId, issuer, subject, audience, seconds } = auth;
  const issuedAt = Math.floor(nowMs / 1_000);
  const claims = { iss: issuer, sub: subject, aud: audience };
  const jwt = new SignJWT(told(claims, fields))
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', ...told({ kid: keyId }, fields) })
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + seconds);
  try {
    return await jwt.sign(key);
  } catch {
    // without its cause: nothing of a key may be in an error
    throw unfit(auth);
  }
}

/** Throws a ProviderFailure that names the field where its key does not fit the algorithm. */
export function signingKeyOf(auth: ManifestSignedJwt, fields: Fields): KeyObject {
  const text = Object.hasOwn(fields, auth.key) ? fields[auth.key]! : '';
  if (auth.algorithm === 'HS256') {
    if (text === '') throw unfit(auth);
    return createSecretKey(text, 'utf8');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw unfit(auth);
  }
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const fits =
    auth.algorithm === 'RS256'
      ? key.asymmetricKeyType === 'rsa' && modulusLength >= 2_048
      : key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1';
  if (!fits) throw unfit(auth);
  return key;
}

const KEY_RULES = {
  RS256: 'must be an RSA private key in PEM, of 2,048 bits or more',
  ES256: 'must be a private key in PEM, of the curve P-256',
  HS256: 'must be a secret that signs with HS256',
};

function unfit({ algorithm, key }: ManifestSignedJwt): ProviderFailure {
  const field = `credentials.${key}`;
  return new ProviderFailure('configuration', KEY_RULES[algorithm], { field, nothingSent: true });
}

function told(templates: Readonly<Record<string, string | undefined>>, fields: Fields): Record<string, string> {
  return Object.fromEntries(
    Object.entries(templates).flatMap(([name, template]) =>
      template === undefined ? [] : [[name, filled(template, fields)]],
    ),
  );
}
