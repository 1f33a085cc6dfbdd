import { isBound, type Caller } from '../platform/http';
import type { Scope } from './scopes';

/** Operators may do everything but change keys and credentials; viewers may only read. */
export const ROLES = ['admin', 'operator', 'viewer'] as const;
export type AdminRole = (typeof ROLES)[number];

/**
 * Who may call a handler. With `scope` it is a call on behalf of a merchant: an API key, or the token of a node that is
 * bound to one. Without, it takes a token only: of one of the `roles`, or with the `permission`; of any, when neither
 * is named.
 */
export interface AccessRule {
  readonly scope?: Scope;
  /** An API key or any token: what it may do is decided by the operations behind this one. */
  readonly anyCaller?: true;
  readonly roles?: readonly AdminRole[];
  readonly permission?: string;
  /** For our own workers: marked `x-internal` in the document. */
  readonly internal?: boolean;
  /** Changes a key or a credential: closed to operators. */
  readonly changesCredentials?: boolean;
  /** Dangerous: a session of the console must come from a recent sign-in at the OpenID provider. */
  readonly recentSignIn?: boolean;
  /** Shows or touches what belongs to any merchant: closed to tokens that are bound to a merchant or to nodes. */
  readonly acrossMerchants?: boolean;
}

export const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Precondition: the caller is authenticated, of the kind that the rule's surface takes. */
export function isAllowed(caller: Caller, rule: AccessRule, method: string): boolean {
  if (rule.anyCaller) return true;
  const isAdmin = caller.roles.includes('admin');
  const isOperator = caller.roles.includes('operator');
  // a viewer who is nothing else reads, whatever permissions the token carries
  if (caller.roles.includes('viewer') && !isAdmin && !isOperator && !READING_METHODS.has(method)) return false;
  if (rule.acrossMerchants && isBound(caller)) return false;
  if (rule.changesCredentials && isOperator && !isAdmin) return false;
  if (rule.scope !== undefined) {
    return caller.merchantId !== null && caller.environment !== null && caller.scopes.has(rule.scope);
  }
  if (rule.roles === undefined && rule.permission === undefined) return true;
  if (isAdmin) return true;
  if (rule.roles?.some((role) => caller.roles.includes(role))) return true;
  return rule.permission !== undefined && caller.permissions.includes(rule.permission);
}
