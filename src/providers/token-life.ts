/** A token is renewed so long before it ends, and a short-lived one in the last quarter of its life. */
const MARGIN_MS = 60_000;
/** Servers count in whole seconds, so a token may end up to one early. */
const SHORTEST_MARGIN_MS = 1_000;

/** How long before its end a token that lives for `lifeMs` is renewed. */
export function renewalMarginMs(lifeMs: number): number {
  return Math.min(MARGIN_MS, Math.max(SHORTEST_MARGIN_MS, lifeMs / 4), lifeMs / 2);
}
