/** Of an access token. */
export const ACCESS_TTL_SECONDS = 3_600;
export const REFRESH_TTL_SECONDS = 7 * 86_400;

interface Lifetimes {
  readonly now: Date;
  readonly expiresAt: Date | null;
  /** Access tokens issued up to here are refused. */
  readonly tokensEndedAt: Date | null;
}

/**
 * How long an access token may live: never past the end of its integration, nor of the secret that it came from. It starts
 * a second after the last end, since tokens count whole seconds and one of the same second would be refused with its
 * predecessors. null: there is no second left.
 */
export function accessLifetime(
  integration: Lifetimes,
  secretUntil: Date | null,
): { readonly ttlSeconds: number; readonly from: Date } | null {
  const second = (date: Date): number => Math.floor(date.getTime() / 1000);
  const now = second(integration.now);
  const from = integration.tokensEndedAt ? Math.max(now, second(integration.tokensEndedAt) + 1) : now;
  const until = Math.min(
    from + ACCESS_TTL_SECONDS,
    ...[integration.expiresAt, secretUntil].filter((date) => date !== null).map(second),
  );
  return until > from ? { ttlSeconds: until - from, from: new Date(from * 1000) } : null;
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
