import type { Environment } from '../../platform/http';
import { MAX_PAGE_BYTES } from '../bounded-reading';
import { bareBaseUrl, leadsElsewhere } from '../credentials';
import { noSuchList } from '../list-rows';
import {
  ProviderAdapter,
  type AdapterOptions,
  type GrantRefresher,
  type ProviderCall,
  type ProviderCredentials,
  type TestedAccount,
} from '../provider';
import { credentialEndIn } from './credential-end';
import { GRANT_TOKENS, ManifestGrants } from './grant-tokens';
import type { Manifest } from './manifest';
import { isTokenAuth } from './manifest-auth';
import { accountIn, ManifestClient } from './manifest-client';
import { ManifestStream } from './manifest-stream';
import { fieldsOf } from './sent-fields';
import { signingKeyOf } from './signed-jwt';
import { TokenIssuer } from './token-issuer';
import { TokenStore, type TokenSource } from './token-store';

/** A provider that a manifest describes. */
export class ManifestAdapter extends ProviderAdapter {
  readonly id: string;
  readonly streams: readonly ManifestStream[];
  /** Of this version of the manifest: what asks in another way gets tokens of its own. */
  private readonly tokens: TokenSource;
  declare readonly grants?: GrantRefresher;

  constructor(
    private readonly manifest: Manifest,
    options: AdapterOptions,
  ) {
    super(options);
    this.id = manifest.id;
    this.tokens = tokensOf(manifest);
    const { auth } = manifest;
    if (auth.kind === 'oauth2_authorization_code') this.grants = new ManifestGrants(manifest, auth);
    this.streams = manifest.streams.map((list) => new ManifestStream(manifest, list, this.tokens));
  }

  normaliseCredentials(input: ProviderCredentials, environment: Environment): ProviderCredentials {
    const { auth, baseUrl } = this.manifest;
    const { segment = '' } = baseUrl;
    if (auth.kind === 'signed_jwt') signingKeyOf(auth, fieldsOf({ credentials: input }));
    const bare = bareBaseUrl(input.baseUrl, {
      segment: segment.toLowerCase(),
      liveHostSuffixes: this.liveHostSuffixes,
      live: environment === 'live',
    });
    return { ...input, baseUrl: segment === '' ? bare : `${bare}/${segment}` };
  }

  async testCredentials(call: ProviderCall): Promise<TestedAccount> {
    const { test, name } = this.manifest;
    // a token of before would prove nothing
    this.tokens.forget(call);
    let answer;
    try {
      answer = await new ManifestClient(this.manifest, call, this.tokens).get(test.path, { maxBytes: MAX_PAGE_BYTES });
      if (answer.gone) throw noSuchList(answer.status);
    } catch (error) {
      throw leadsElsewhere(error, `the ${name} API`);
    }
    const { baseUrl } = call.credentials;
    return {
      accountId: test.account === undefined ? baseUrl : accountIn(answer.body, test.account),
      expiresAt: credentialEndIn(answer, this.manifest, call.settings),
    };
  }
}

function tokensOf(manifest: Manifest): TokenSource {
  const { auth } = manifest;
  if (!isTokenAuth(auth)) return new TokenStore(() => Promise.reject(new Error('no token is asked for')));
  if (auth.kind === 'oauth2_authorization_code') return GRANT_TOKENS;
  const issuer = new TokenIssuer(manifest, auth);
  return new TokenStore((call) => issuer.issue(call));
}
