import { InterlockError, type ErrorCode } from '../platform/errors';
import type { IntegrationState } from './integration';

/** `none`: never configured. `activating`: another call holds the claim. */
export type LifecycleState = 'none' | 'activating' | IntegrationState;
export const LIFECYCLE_STATES = [
  'none',
  'activating',
  'active',
  'inactive',
] as const satisfies readonly LifecycleState[];

export const LIFECYCLE_EVENTS = [
  'activate',
  'deactivate',
  'configure',
  'sync',
  'resume',
  'change_credentials',
  'rollback_credentials',
  'report_idle',
  'report_result',
  'erase',
] as const;
export type LifecycleEvent = (typeof LIFECYCLE_EVENTS)[number];

type Outcome = { readonly to: LifecycleState } | { readonly refuse: ErrorCode };

const to = (state: LifecycleState): Outcome => ({ to: state });
const refuse = (code: ErrorCode): Outcome => ({ refuse: code });

/** Every pair of state and event: where it leads, or how it is refused. A table test walks all of them. */
export const LIFECYCLE: Readonly<Record<LifecycleEvent, Readonly<Record<LifecycleState, Outcome>>>> = {
  activate: {
    none: to('active'),
    activating: refuse('already_active'),
    active: refuse('already_active'),
    inactive: to('active'),
  },
  deactivate: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: to('inactive'),
    inactive: refuse('not_found'),
  },
  configure: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: to('active'),
    inactive: refuse('not_found'),
  },
  sync: {
    none: refuse('not_active'),
    activating: refuse('not_active'),
    active: to('active'),
    inactive: refuse('not_active'),
  },
  resume: {
    none: refuse('not_active'),
    activating: refuse('not_active'),
    active: to('active'),
    inactive: refuse('not_active'),
  },
  change_credentials: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: to('active'),
    inactive: refuse('not_found'),
  },
  rollback_credentials: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: to('active'),
    inactive: refuse('not_found'),
  },
  report_idle: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: refuse('conflict'),
    inactive: refuse('not_found'),
  },
  report_result: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: to('active'),
    inactive: refuse('not_found'),
  },
  erase: {
    none: refuse('not_found'),
    activating: refuse('not_found'),
    active: refuse('conflict'),
    inactive: to('inactive'),
  },
};

/** The state that follows; a refusal is thrown, and a `conflict` names the state. */
export function transition(state: LifecycleState, event: LifecycleEvent): LifecycleState {
  const outcome = LIFECYCLE[event][state];
  if ('to' in outcome) return outcome.to;
  if (outcome.refuse === 'conflict') {
    throw new InterlockError('conflict', { message: `This is not possible while the integration is ${state}.` });
  }
  if (outcome.refuse === 'not_found') {
    throw new InterlockError('not_found', { message: 'No integration of this provider is active.' });
  }
  throw new InterlockError(outcome.refuse);
}
