import { ProviderFailure } from '../../platform/outbound';
import { notUnderstood } from '../list-rows';
import type { GrantRefresher, ProviderCall, RefreshedGrant } from '../provider';
import type { Manifest } from './manifest';
import type { ManifestAuthorizationCode } from './manifest-auth';
import { pathIn } from './row-path';
import { fieldsOf } from './sent-fields';
import { askForToken, bearerIn, clientProof } from './token-endpoint';
import type { TokenSource } from './token-store';

const MAX_REFRESH_TOKEN_LENGTH = 8_192;

/** Refreshes as the manifest says. */
export class ManifestGrants implements GrantRefresher {
  constructor(
    private readonly manifest: Manifest,
    private readonly auth: ManifestAuthorizationCode,
  ) {}

  async refresh(call: ProviderCall, refreshToken: string): Promise<RefreshedGrant> {
    const { headers, form, secrets } = clientProof(this.auth, fieldsOf(call));
    const answer = await askForToken(this.manifest, call, this.auth.tokenEndpoint, {
      method: 'POST',
      headers,
      form: { grant_type: 'refresh_token', refresh_token: refreshToken, ...form },
      secrets: [refreshToken, ...secrets],
      isOnce: true,
    });
    const next = pathIn(answer, 'refresh_token') ?? null;
    if (next !== null && (typeof next !== 'string' || next === '' || next.length > MAX_REFRESH_TOKEN_LENGTH)) {
      throw notUnderstood('has a refresh token that is none');
    }
    try {
      const { value: accessToken, lifeMs } = bearerIn(answer, this.auth.seconds);
      return { accessToken, lifeMs, refreshToken: next };
    } catch (error) {
      if (next === null || !(error instanceof ProviderFailure)) throw error;
      return { accessToken: error, lifeMs: 0, refreshToken: next };
    }
  }
}

/** The tokens that whoever made the call keeps for its grant. */
export const GRANT_TOKENS: TokenSource = {
  tokenFor(call, refused = null) {
    if (!call.accessToken)
      throw new ProviderFailure('internal', 'Nobody keeps the tokens of this grant.', { ours: true });
    return call.accessToken(refused);
  },
  forget: () => undefined,
};
