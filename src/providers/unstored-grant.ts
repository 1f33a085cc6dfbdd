import type { GrantRefresher, ProviderCall, ProviderCredentials, RefreshedGrant } from './provider';
import { renewalMarginMs } from './token-life';

/** Whatever a provider says: a token is kept no longer, and serves for a moment at least. */
const LONGEST_LIFE_MS = 24 * 3_600_000;
const SHORTEST_LIFE_MS = 1_000;

/** The tokens of a grant that is not stored yet, or is stored nowhere: what a refresh brings is kept here alone. */
export class UnstoredGrant {
  private refreshing: Promise<void> | null = null;

  constructor(
    private readonly grants: GrantRefresher,
    /** As they are now. */
    public credentials: ProviderCredentials,
  ) {}

  /** The call with tokens of this grant. */
  callOf(call: ProviderCall): ProviderCall {
    const accessToken = async (refused: string | null): Promise<string> => {
      if (!servesAsToken(this.credentials, refused)) {
        this.refreshing ??= this.refresh(call).finally(() => (this.refreshing = null));
        await this.refreshing;
      }
      return this.credentials.accessToken!;
    };
    return { ...call, accessToken };
  }

  private async refresh(call: ProviderCall): Promise<void> {
    const askedAt = Date.now();
    const refreshed = await this.grants.refresh(call, this.credentials.refreshToken!);
    this.credentials = withGrant(this.credentials, askedAt, refreshed);
    if (typeof refreshed.accessToken !== 'string') throw refreshed.accessToken;
  }
}

/** `askedAt`: epoch milliseconds. */
export function withGrant(
  credentials: ProviderCredentials,
  askedAt: number,
  { accessToken, refreshToken, lifeMs }: RefreshedGrant,
): ProviderCredentials {
  const kept = { ...credentials, refreshToken: refreshToken ?? credentials.refreshToken };
  // the access token of before serves no longer
  if (typeof accessToken !== 'string') return { ...kept, renewAccessTokenAt: 0 };
  const life = Math.min(Math.max(lifeMs, SHORTEST_LIFE_MS), LONGEST_LIFE_MS);
  return { ...kept, accessToken, renewAccessTokenAt: askedAt + life - renewalMarginMs(life) };
}

/** Whether the access token that was brought last serves. `refused`: one that the provider does not take any more. */
export function servesAsToken(
  { accessToken, renewAccessTokenAt = 0 }: ProviderCredentials,
  refused: string | null,
): boolean {
  return accessToken !== undefined && accessToken !== refused && renewAccessTokenAt > Date.now();
}
