import type { GrantRefresher, ProviderCall, ProviderCredentials, RefreshedGrant } from './provider';
import { renewalMarginMs } from './token-life';

/** The tokens of a grant that is not stored yet, or is stored nowhere: what a refresh brings is kept here alone. */
export class UnstoredGrant {
  private refreshing: Promise<ProviderCredentials> | null = null;

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

  private async refresh(call: ProviderCall): Promise<ProviderCredentials> {
    const askedAt = Date.now();
    const refreshed = await this.grants.refresh(call, this.credentials.refreshToken!);
    return (this.credentials = withGrant(this.credentials, askedAt, refreshed));
  }
}

/** `askedAt`: epoch milliseconds. */
export function withGrant(
  credentials: ProviderCredentials,
  askedAt: number,
  { accessToken, refreshToken, lifeMs }: RefreshedGrant,
): ProviderCredentials {
  return {
    ...credentials,
    accessToken,
    refreshToken: refreshToken ?? credentials.refreshToken,
    renewAccessTokenAt: askedAt + lifeMs - renewalMarginMs(lifeMs),
  };
}

/** Whether the access token that was brought last serves. `refused`: one that the provider does not take any more. */
export function servesAsToken(
  { accessToken, renewAccessTokenAt = 0 }: ProviderCredentials,
  refused: string | null,
): boolean {
  return accessToken !== undefined && accessToken !== refused && renewAccessTokenAt > Date.now();
}
