import { DestinationRefused, ProviderFailure, type OutboundRequest } from '../../platform/outbound';
import { notUnderstood } from '../list-rows';
import type { ProviderCall } from '../provider';
import { scalarNumber, scalarText } from '../scalar';
import { addressOf } from './below-base';
import type { Manifest } from './manifest';
import type { ManifestOAuthClient, ManifestTokenPlace } from './manifest-auth';
import { loginClassifierOf } from './manifest-errors';
import { pathIn } from './row-path';
import { fieldsOf, filledTexts, secretsOf } from './sent-fields';
import { filled } from './template';
import type { IssuedProviderToken } from './token-store';

/** Of an answer that holds a token and little else. */
const MAX_LOGIN_BYTES = 64 * 1024;
/** Longer than any header that a server takes. */
const MAX_TOKEN_LENGTH = 8_192;
/** Where neither the provider nor the manifest says how long a token lives. */
const UNTOLD_SECONDS = 300;

type TokenRequest = Pick<OutboundRequest, 'method' | 'headers' | 'body' | 'form' | 'secrets'> & {
  /** Once more is not the same: the call is not repeated. */
  readonly isOnce?: boolean;
};

/** The answer's body. The call is one like every other: guarded, budgeted, counted. */
export async function askForToken(
  manifest: Manifest,
  call: ProviderCall,
  place: ManifestTokenPlace,
  { isOnce = false, ...request }: TokenRequest,
): Promise<unknown> {
  const { headers, errors, auth } = manifest;
  try {
    const answer = await call.http.request({
      ...request,
      url: place.url ?? addressOf(call.credentials.baseUrl, place.path!).href,
      headers: { ...filledTexts(headers, fieldsOf(call)), ...request.headers },
      secrets: [...secretsOf(call, manifest), ...(request.secrets ?? [])],
      classify: loginClassifierOf(errors, auth.kind !== 'two_step'),
      isRead: !isOnce,
      maxBytes: MAX_LOGIN_BYTES,
    });
    if (!answer.gone) return answer.body;
    throw new ProviderFailure('contract', 'The provider’s answer says that it has no such login.', {
      status: answer.status,
    });
  } catch (error) {
    // a run that is broken off says so, whatever a call that was not sent says
    call.signal.throwIfAborted();
    throw place.url === undefined ? error : notOfTheBaseUrl(error);
  }
}

/** RFC 6749, section 2.3.1. What it is made of is secret. */
export function clientProof(
  { clientId, clientSecret, clientBy }: ManifestOAuthClient,
  fields: Readonly<Record<string, string>>,
): { readonly headers: Record<string, string>; readonly form: Record<string, string>; readonly secrets: string[] } {
  const id = filled(clientId, fields);
  // a public client has nothing to prove, and says who it is
  if (clientSecret === undefined) return { headers: {}, form: { client_id: id }, secrets: [] };
  const secret = filled(clientSecret, fields);
  const pair = `${formEncoded(id)}:${formEncoded(secret)}`;
  if (clientBy === 'body') return { headers: {}, form: { client_id: id, client_secret: secret }, secrets: [pair] };
  const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  return { headers, form: {}, secrets: [pair] };
}

/** The address of the token endpoint is the manifest's: no merchant can mend it. */
function notOfTheBaseUrl(error: unknown): unknown {
  if (!(error instanceof ProviderFailure)) return error;
  const { verdict, message, status, retryAfterMs, timedOut, nothingSent, providerMessage } = error;
  const isLost = status === 404 || status === 410;
  if (error.addressRule === null && !(error instanceof DestinationRefused) && !isLost) return error;
  const told = error instanceof DestinationRefused ? `The manifest’s token endpoint ${error.message}.` : message;
  return new ProviderFailure(verdict === 'configuration' ? 'internal' : verdict, told, {
    ...{ retryAfterMs, timedOut, nothingSent, providerMessage, final: error.final, ours: error.ours, cause: error },
    ...(status === null || isLost ? {} : { status }),
  });
}

export function bearerIn(body: unknown, seconds: number = UNTOLD_SECONDS): IssuedProviderToken {
  const type = pathIn(body, 'token_type');
  if (type !== undefined && scalarText(type)?.toLowerCase() !== 'bearer') {
    throw notUnderstood('has a token that is no bearer token');
  }
  return tokenIn(body, 'access_token', 'expires_in', seconds);
}

export function tokenIn(
  body: unknown,
  path: string,
  expiresIn: string | undefined,
  seconds: number | undefined,
): IssuedProviderToken {
  const value = pathIn(body, path);
  if (typeof value !== 'string' || value === '') throw notUnderstood('has no token');
  if (value.length > MAX_TOKEN_LENGTH || !/^[!-~]+( [!-~]+)*$/.test(value)) {
    throw notUnderstood('has a token that no header takes');
  }
  const said = expiresIn === undefined ? undefined : pathIn(body, expiresIn);
  const life = said === undefined || said === null ? seconds : scalarNumber(said);
  if (life === undefined || !(life > 0)) throw notUnderstood('does not say how long its token lives');
  return { value, lifeMs: life * 1_000 };
}

/** Both halves are encoded as in a form. */
function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
