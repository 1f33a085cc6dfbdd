import type { ProviderCall } from '../provider';
import { templatesOf } from './auth-templates';
import type { Manifest } from './manifest';
import type {
  ManifestAuthorizationCode,
  ManifestClientCredentials,
  ManifestLoginBody,
  ManifestSignedJwt,
  ManifestTokenAuth,
  ManifestTwoStep,
} from './manifest-auth';
import { fieldsOf, filledTexts } from './sent-fields';
import { signJwt } from './signed-jwt';
import { filled, placesIn } from './template';
import { askForToken, bearerIn, clientProof, tokenIn } from './token-endpoint';
import type { IssuedProviderToken } from './token-store';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** What proves anew, each time, who calls. */
type IssuingAuth = Exclude<ManifestTokenAuth, ManifestAuthorizationCode>;

/** Asks for a token, or signs one, as the manifest says. */
export class TokenIssuer {
  constructor(
    private readonly manifest: Manifest,
    private readonly auth: IssuingAuth,
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
    const body = await askForToken(this.manifest, call, login, {
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
    const { scope, audience } = auth;
    const { headers, form, secrets } = clientProof(auth, fields);
    const answer = await askForToken(this.manifest, call, auth.tokenEndpoint, {
      method: 'POST',
      headers,
      form: { grant_type: 'client_credentials', ...filledTexts(given({ scope, audience }), fields), ...form },
      secrets,
    });
    return bearerIn(answer, auth.seconds);
  }

  private async bySignature(call: ProviderCall, auth: ManifestSignedJwt): Promise<IssuedProviderToken> {
    const fields = fieldsOf(call);
    const assertion = await signJwt(auth, fields);
    if (!auth.exchange) return { value: assertion, lifeMs: auth.seconds * 1_000 };
    const scope = filledTexts(given({ scope: auth.exchange.scope }), fields);
    const answer = await askForToken(this.manifest, call, auth.exchange, {
      method: 'POST',
      headers: {},
      form: { grant_type: JWT_BEARER, assertion, ...scope },
      secrets: [assertion],
    });
    return bearerIn(answer);
  }
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
