import { ENVIRONMENTS, isUuid, type Environment, type SignIn } from '../platform/http';
import { ROLES, type AdminRole } from './access-rule';

/** The only algorithms that are looked at: no symmetric one, so a public key can never be taken for a shared secret. */
export const ACCEPTED_ALGORITHMS = ['ES256', 'RS256'] as const;
export type AcceptedAlgorithm = (typeof ACCEPTED_ALGORITHMS)[number];
export const OWN_ALGORITHM = 'ES256';
export const CLOCK_SKEW_SECONDS = 60;
/** Development tokens live this long, and a retiring key verifies for as long. */
export const MAX_TOKEN_TTL_SECONDS = 30 * 86_400;
export const MAX_TOKEN_LENGTH = 8_192;

/** Before the provider's `sub`, in the subject of a token of a sign-in, and of no other token. */
export const SIGN_IN_SUBJECT = 'oidc:';

/** Whether a subject says that its token is of a sign-in, and the token is of none. */
export function poses(subject: string, signIn: SignIn | null | undefined): boolean {
  return subject.startsWith(SIGN_IN_SUBJECT) && !signIn;
}

/** The members as OpenID Connect names them. */
export function signInClaim({ sessionId, identifiedAt, authenticatedAt, acr }: SignIn): Record<string, unknown> {
  return { sid: sessionId, iat: identifiedAt, auth_time: authenticatedAt, acr };
}

/** Precondition: this service signed the claims. null: the token stands for no sign-in. */
export function readSignIn(payload: object): SignIn | null {
  const { sign_in: claim } = payload as { readonly sign_in?: ReturnType<typeof signInClaim> };
  if (claim === undefined) return null;
  return {
    sessionId: claim['sid'] as string | null,
    identifiedAt: claim['iat'] as number,
    authenticatedAt: claim['auth_time'] as number | null,
    acr: claim['acr'] as string | null,
  };
}

/** What names a token: it can be stored, and typed. */
export const JTI_FORM = /^[\x21-\x7e]{1,255}$/;

const MAX_SUBJECT_LENGTH = 255;
const MAX_LIST_LENGTH = 1_000;

/** The claims that this service reads, checked. Times in seconds. */
export interface TokenClaims {
  readonly subject: string;
  readonly expiresAt: number;
  readonly roles: readonly AdminRole[];
  readonly permissions: readonly string[];
  readonly nodeIds: readonly string[];
  readonly merchantId: string | null;
  readonly environment: Environment | null;
}

export interface TokenHeader {
  readonly algorithm: AcceptedAlgorithm;
  readonly kid: string;
}

/** null for a header that we do not take: decided before any key is looked for. */
export function readHeader(header: Readonly<Record<string, unknown>>): TokenHeader | null {
  const { alg, kid, typ } = header;
  const algorithm = ACCEPTED_ALGORITHMS.find((accepted) => accepted === alg);
  if (algorithm === undefined || typeof kid !== 'string' || kid.length === 0 || kid.length > 255) return null;
  if (typ !== undefined && !(typeof typ === 'string' && /^(application\/)?(at\+)?jwt$/i.test(typ))) return null;
  // `crit` names rules that a verifier must follow; `b64` changes what is signed
  if ('crit' in header || 'b64' in header) return null;
  return { algorithm, kid };
}

/**
 * null when a claim is missing or of a wrong form. Precondition: signature, issuer, audience, `exp` and `nbf` were
 * verified; but the library lets a token without `exp` pass, so its presence is checked here.
 */
export function readClaims(payload: unknown, nowSeconds: number): TokenClaims | null {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) return null;
  const claims = payload as Readonly<Record<string, unknown>>;
  const { sub, exp, iat, merchant_id: merchantId, environment } = claims;
  if (typeof sub !== 'string' || sub.length === 0 || sub.length > MAX_SUBJECT_LENGTH) return null;
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return null;
  if (iat !== undefined && !(typeof iat === 'number' && iat <= nowSeconds + CLOCK_SKEW_SECONDS)) return null;
  const roles = strings(claims['roles']);
  const permissions = strings(claims['permissions']);
  const nodeIds = strings(claims['node_ids']);
  if (!roles || !permissions || !nodeIds) return null;
  // a binding names both, or neither
  if ((merchantId === undefined) !== (environment === undefined)) return null;
  if (merchantId !== undefined && !isUuid(merchantId)) return null;
  if (environment !== undefined && !ENVIRONMENTS.includes(environment as Environment)) return null;
  return {
    subject: sub,
    expiresAt: exp,
    // an unknown role grants nothing
    roles: ROLES.filter((role) => roles.includes(role)),
    permissions,
    nodeIds,
    merchantId: (merchantId as string | undefined)?.toLowerCase() ?? null,
    environment: (environment as Environment | undefined) ?? null,
  };
}

function strings(value: unknown): string[] | null {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_LIST_LENGTH) return null;
  return value.every((item) => typeof item === 'string') ? value : null;
}
