import type { Environment } from '../platform/http';

/** What a caller holds itself. Admins are exempt from the rule below. */
export interface Holder {
  readonly admin: boolean;
  readonly permissions: ReadonlySet<string>;
  /** When it ends by itself; null: never. */
  readonly until: Date | null;
}

/** What a key allows, and until when; null: for ever. */
export interface KeyRights {
  readonly permissions: readonly string[];
  readonly expiresAt: Date | null;
}

/** An operation on keys: what they allow after it, and what the keys that it changes, ends or moves allow before it. */
export interface KeyOperation {
  readonly hands?: readonly KeyRights[];
  readonly touches?: readonly KeyRights[];
}

/**
 * Nobody hands on or takes more than it holds: rights and lifetime. null: the holder may; else why not, in words for
 * the caller. A stronger key is neither renamed, narrowed, rotated, deleted nor moved by a weaker caller.
 */
export function delegationRefusal(holder: Holder, { hands = [], touches = [] }: KeyOperation): string | null {
  if (holder.admin) return null;
  for (const rights of hands) {
    if (!holdsPermissions(holder, rights)) return 'You can give a key only permissions that you hold yourself.';
    if (outlives(rights, holder)) {
      return `You cannot give a key a later end than your own, ${holder.until!.toISOString()}. Send an earlier expires_at, or leave it out.`;
    }
  }
  for (const rights of touches) {
    if (!holdsPermissions(holder, rights)) return 'You cannot change a key that holds permissions you lack.';
    if (outlives(rights, holder)) return 'You cannot change a key that lives longer than your own.';
  }
  return null;
}

/** What a new key's end is: as asked for, else its maker's own. */
export function endOf(holder: Holder, wanted: Date | null | undefined): Date | null {
  if (wanted !== undefined) return wanted;
  return holder.admin ? null : holder.until;
}

/** A merchant and environment that a node's tokens may call /v2 for; null: none. */
export type Binding = { readonly merchantId: string; readonly environment: Environment } | null;

/** Of a node or a caller; half of a binding is none. */
export function bindingOf(bound: { merchantId: string | null; environment: Environment | null }): Binding {
  const { merchantId, environment } = bound;
  return merchantId === null || environment === null ? null : { merchantId, environment };
}

/**
 * Whether a binding adds no power: `held` is the same one. It decides who makes a bound node (`held`: the parent's) and
 * who is given the secret of a bound node's key (`held`: the caller's own).
 */
export function mayBind(holder: Pick<Holder, 'admin'>, binding: Binding, held: Binding): boolean {
  if (holder.admin || binding === null) return true;
  return held !== null && held.merchantId === binding.merchantId && held.environment === binding.environment;
}

function holdsPermissions(holder: Holder, { permissions }: KeyRights): boolean {
  return permissions.every((permission) => holder.permissions.has(permission));
}

function outlives({ expiresAt }: KeyRights, { until }: Holder): boolean {
  return until !== null && (expiresAt === null || expiresAt > until);
}
