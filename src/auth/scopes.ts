/** What an API key may do. GET needs a read scope, everything else a write scope. */
export const SCOPES = [
  'integrations:read',
  'integrations:write',
  'integrations:internal',
  'sync:read',
  'sync:write',
  'events:read',
  'webhooks:read',
  'webhooks:write',
] as const;
export type Scope = (typeof SCOPES)[number];

/** As node tokens carry them. */
export const SCOPE_PERMISSIONS: readonly string[] = SCOPES.map((scope) => scope.replace(':', '.'));

/** A wildcard stands for read and write; `integrations:internal` is only ever given by its own name. */
const WILDCARDS: ReadonlyMap<string, readonly Scope[]> = new Map([
  ['integrations:*', ['integrations:read', 'integrations:write']],
  ['sync:*', ['sync:read', 'sync:write']],
  ['webhooks:*', ['webhooks:read', 'webhooks:write']],
]);

/** What may be written on a key. */
export const GRANTABLE_SCOPES: readonly string[] = [...SCOPES, ...WILDCARDS.keys()];

const KNOWN: ReadonlySet<string> = new Set(SCOPES);

/** The scopes that a list of grants gives. Unknown grants give none. */
export function effectiveScopes(granted: readonly string[]): ReadonlySet<Scope> {
  const scopes = new Set<Scope>();
  for (const grant of granted) {
    if (KNOWN.has(grant)) scopes.add(grant as Scope);
    else for (const scope of WILDCARDS.get(grant) ?? []) scopes.add(scope);
  }
  return scopes;
}

/** Node tokens carry `integrations.read` where keys carry `integrations:read`. */
export function scopesOfPermissions(permissions: readonly string[]): ReadonlySet<Scope> {
  const scopes = new Set<Scope>();
  for (const permission of permissions) {
    const scope = permission.replace('.', ':');
    if (KNOWN.has(scope) && !permission.includes(':')) scopes.add(scope as Scope);
  }
  return scopes;
}
