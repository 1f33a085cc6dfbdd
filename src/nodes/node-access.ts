import type { Caller } from '../platform/http';

/** What a caller may do to the tree: nodes by reach, permissions as a ceiling for what it hands on. */
export interface NodeActor {
  /** Reaches every node and may grant every permission. */
  readonly admin: boolean;
  /** Each stands for itself and all of its descendants. */
  readonly nodeIds: readonly string[];
  readonly permissions: ReadonlySet<string>;
}

/** Nodes that may be seen: null is all of them. */
export type Reach = readonly string[] | null;

/** For the command line and the service's own acts. */
export const ADMINISTRATOR: NodeActor = { admin: true, nodeIds: [], permissions: new Set() };

const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID_FORM.test(value);
}

export function actorOf(caller: Caller): NodeActor {
  return {
    admin: caller.roles.includes('admin'),
    // an outside issuer may name nodes of its own making
    nodeIds: caller.nodeIds.filter(isUuid).map((id) => id.toLowerCase()),
    permissions: new Set(caller.permissions),
  };
}

export function reachOf(actor: NodeActor): Reach {
  return actor.admin ? null : actor.nodeIds;
}

/** Nobody hands on more than it holds. */
export function mayGrant(actor: NodeActor, permissions: readonly string[]): boolean {
  return actor.admin || permissions.every((permission) => actor.permissions.has(permission));
}

/** A merchant and environment that a node's tokens may call /v2 for; null: none. */
export type Binding = { readonly merchantId: string; readonly environment: 'sandbox' | 'live' } | null;

/** Below a bound node the same binding adds no power: whoever reaches the parent can act for that merchant already. */
export function mayBind(actor: NodeActor, binding: Binding, parent: Binding): boolean {
  if (actor.admin || binding === null) return true;
  return parent !== null && parent.merchantId === binding.merchantId && parent.environment === binding.environment;
}
