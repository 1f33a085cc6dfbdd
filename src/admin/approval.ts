import type { Tx } from '../platform/database';
import type { BulkRetryLine } from './bulk-retry-outcome';

/** Acts that a configuration can put behind a second operator, and the role that both need. */
export const APPROVAL_ROLES = {
  deletion_plan: 'operator',
  bulk_retry: 'operator',
  key_rotation: 'admin',
  manifest: 'admin',
} as const satisfies Readonly<Record<string, 'operator' | 'admin'>>;

export type ApprovalAct = keyof typeof APPROVAL_ROLES;
export const APPROVAL_ACTS = Object.keys(APPROVAL_ROLES) as readonly ApprovalAct[];

/** `waiting` may be decided; `approved` is being done; the others are ends. */
export const APPROVAL_STATES = ['waiting', 'approved', 'done', 'failed', 'refused', 'expired'] as const;

/** What one operator asks for and another one decides. */
export interface Approval {
  readonly id: string;
  readonly act: ApprovalAct;
  /** What the act is done to; null: to what its parameters say. */
  readonly target: string | null;
  /** For people: what will happen. */
  readonly summary: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly state: (typeof APPROVAL_STATES)[number];
  readonly requestedBy: string;
  readonly reason: string;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  readonly decidedAt: Date | null;
  /** Why it failed; null: it did not. */
  readonly error: string | null;
}

/** Noted in the transaction of the act, with what became of it; rolls it back when it has been done. */
export type DoneOnce = (tx: Tx, outcome?: BulkRetryLine) => Promise<void>;

/** What has been done of an act, and how each part is noted. */
export interface ActSteps {
  isDone(step: string): boolean;
  once(step: string): DoneOnce;
}

export function mayDecide(act: ApprovalAct, roles: readonly string[]): boolean {
  return roles.includes('admin') || (APPROVAL_ROLES[act] === 'operator' && roles.includes('operator'));
}
