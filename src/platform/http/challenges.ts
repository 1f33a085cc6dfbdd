/** What a 401 answers in `WWW-Authenticate` (RFC 9110, 11.6.1). */
export const CHALLENGES = {
  bearer: 'Bearer realm="Interlock"',
  merchant: 'ApiKey realm="Interlock", header="x-api-key", Bearer realm="Interlock"',
} as const;

/** Of the schemes that the surface takes. */
export function challengesFor(path: string): string {
  return /^\/v2(\/|\?|$)/i.test(path) ? CHALLENGES.merchant : CHALLENGES.bearer;
}
