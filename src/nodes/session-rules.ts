/** Of an access token. */
export const ACCESS_TTL_SECONDS = 3_600;
export const REFRESH_TTL_SECONDS = 7 * 86_400;

interface Lifetimes {
  readonly now: Date;
  readonly expiresAt: Date | null;
  /** Access tokens issued up to here are refused. */
  readonly tokensEndedAt: Date | null;
}

export interface TokenLifetime {
  readonly from: Date;
  /** Of the access token. */
  readonly ttlSeconds: number;
  /** No token may live longer; null: there is no such end. */
  readonly endsAt: Date | null;
}

/**
 * How long a pair of tokens may live: never past the end of its integration, nor of the secret that it came from. It
 * starts a second after the last end, since tokens count whole seconds and one of the same second would be refused with
 * its predecessors. null: there is no second left.
 */
export function tokenLifetime(integration: Lifetimes, secretUntil: Date | null): TokenLifetime | null {
  const second = (date: Date): number => Math.floor(date.getTime() / 1000);
  const now = second(integration.now);
  const from = integration.tokensEndedAt ? Math.max(now, second(integration.tokensEndedAt) + 1) : now;
  const until = Math.min(...[integration.expiresAt, secretUntil].map((date) => (date ? second(date) : Infinity)));
  if (until <= from) return null;
  return {
    from: new Date(from * 1000),
    ttlSeconds: Math.min(ACCESS_TTL_SECONDS, until - from),
    endsAt: until === Infinity ? null : new Date(until * 1000),
  };
}

/** Each refresh leaves a row for as long as its reuse is to be recognised, so a session has a budget of them. */
export const REFRESHES_PER_WINDOW = 30;
export const REFRESH_WINDOW_SECONDS = 3_600;

/** 0: now. `refreshes` were made within the window, the first of them `firstRefreshAgeSeconds` ago. */
export function secondsUntilRefresh(session: { refreshes: number; firstRefreshAgeSeconds: number | null }): number {
  if (session.refreshes < REFRESHES_PER_WINDOW) return 0;
  return Math.max(1, Math.ceil(REFRESH_WINDOW_SECONDS - (session.firstRefreshAgeSeconds ?? 0)));
}

export interface SessionState {
  readonly live: boolean;
  readonly expired: boolean;
  readonly revoked: boolean;
  readonly secretNumber: number;
  /** null: no secret but the present one is good. */
  readonly previousSecretHash: string | null;
  readonly openedBySecret: number;
}

/** A session ends with its integration, with its last refresh token, and with the secret that opened it. */
export function isSessionOpen(state: SessionState): boolean {
  if (!state.live || state.expired || state.revoked) return false;
  if (state.openedBySecret === state.secretNumber) return true;
  return state.openedBySecret === state.secretNumber - 1 && state.previousSecretHash !== null;
}
