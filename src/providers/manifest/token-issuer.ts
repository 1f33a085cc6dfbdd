import { DestinationRefused, ProviderFailure, type OutboundRequest } from '../../platform/outbound';
import { notUnderstood } from '../list-rows';
import type { ProviderCall } from '../provider';
import { scalarNumber, scalarText } from '../scalar';
import { templatesOf } from './auth-templates';
import { addressOf } from './below-base';
import type { Manifest } from './manifest';
import type {
  ManifestClientCredentials,
  ManifestLoginBody,
  ManifestSignedJwt,
  ManifestTokenAuth,
  ManifestTokenPlace,
  ManifestTwoStep,
} from './manifest-auth';
import { loginClassifierOf } from './manifest-errors';
import { pathIn } from './row-path';
import { fieldsOf, filledTexts, secretsOf } from './sent-fields';
import { signJwt } from './signed-jwt';
import { filled, placesIn } from './template';
import type { IssuedProviderToken } from './token-store';

/** Of an answer that holds a token and little else. */
const MAX_LOGIN_BYTES = 64 * 1024;
/** Longer than any header that a server takes. */
const MAX_TOKEN_LENGTH = 8_192;
/** Where neither the provider nor the manifest says how long a token lives. */
const UNTOLD_SECONDS = 300;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

type TokenRequest = Pick<OutboundRequest, 'method' | 'headers' | 'body' | 'form' | 'secrets'>;

/** Asks for a token, or signs one, as the manifest says. */
export class TokenIssuer {
  constructor(
    private readonly manifest: Manifest,
    private readonly auth: ManifestTokenAuth,
  ) {}

  issue(call: ProviderCall): Promise<IssuedProviderToken> {
    const { auth } = this;
    if (auth.kind === 'two_step') return this.byLogin(call, auth);
    if (auth.kind === 'oauth2_client_credentials') return this.byClientCredentials(call, auth);
    return this.bySignature(call, auth);
  }

  private async byLogin(call: ProviderCall, auth: ManifestTwoStep): Promise<IssuedProviderToken> {
    const { login } = auth;
    const fields = fieldsOf(call);
    const body = await this.ask(call, login, {
      method: login.method ?? 'POST',
      headers: filledTexts(login.headers, fields),
      ...(login.json ? { body: filledBody(login.json, fields) } : {}),
      ...(login.form ? { form: filledTexts(login.form, fields) } : {}),
      // a manifest may hold a secret of the one who wrote it
      secrets: templatesOf({ auth }).flatMap(([, text]) => (placesIn(text).length === 0 ? [text] : [])),
    });
    return tokenIn(body, auth.token, auth.expiresIn, auth.seconds);
  }

  private async byClientCredentials(call: ProviderCall, auth: ManifestClientCredentials): Promise<IssuedProviderToken> {
    const fields = fieldsOf(call);
    const [clientId, clientSecret] = [filled(auth.clientId, fields), filled(auth.clientSecret, fields)];
    const { scope, audience } = auth;
    const inBody: Record<string, string> =
      auth.clientBy === 'body' ? { client_id: clientId, client_secret: clientSecret } : {};
    const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
    const answer = await this.ask(call, auth.tokenEndpoint, {
      method: 'POST',
      headers: auth.clientBy === 'body' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      form: { grant_type: 'client_credentials', ...filledTexts(given({ scope, audience }), fields), ...inBody },
      secrets: [pair],
    });
    return bearerIn(answer, auth.seconds);
  }

  private async bySignature(call: ProviderCall, auth: ManifestSignedJwt): Promise<IssuedProviderToken> {
    const fields = fieldsOf(call);
    const assertion = await signJwt(auth, fields);
    if (!auth.exchange) return { value: assertion, lifeMs: auth.seconds * 1_000 };
    const scope = filledTexts(given({ scope: auth.exchange.scope }), fields);
    const answer = await this.ask(call, auth.exchange, {
      method: 'POST',
      headers: {},
      form: { grant_type: JWT_BEARER, assertion, ...scope },
      secrets: [assertion],
    });
    return bearerIn(answer);
  }

  /** The answer's body. The call is one like every other: guarded, budgeted, counted. */
  private async ask(call: ProviderCall, place: ManifestTokenPlace, request: TokenRequest): Promise<unknown> {
    const { headers, errors } = this.manifest;
    try {
      const answer = await call.http.request({
        ...request,
        url: place.url ?? addressOf(call.credentials.baseUrl, place.path!).href,
        headers: { ...filledTexts(headers, fieldsOf(call)), ...request.headers },
        secrets: [...secretsOf(call, this.manifest), ...(request.secrets ?? [])],
        classify: loginClassifierOf(errors, this.auth.kind !== 'two_step'),
        isRead: true,
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

function bearerIn(body: unknown, seconds: number = UNTOLD_SECONDS): IssuedProviderToken {
  const type = pathIn(body, 'token_type');
  if (type !== undefined && scalarText(type)?.toLowerCase() !== 'bearer') {
    throw notUnderstood('has a token that is no bearer token');
  }
  return tokenIn(body, 'access_token', 'expires_in', seconds);
}

function tokenIn(
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

function filledBody(body: ManifestLoginBody, fields: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body).map(([name, member]) => {
      if (typeof member === 'string') return [name, filled(member, fields)];
      return [name, typeof member === 'object' ? filledBody(member, fields) : member];
    }),
  );
}

function given(members: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

/** RFC 6749, section 2.3.1: both halves are encoded as in a form. */
function formEncoded(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}
