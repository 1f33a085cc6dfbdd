import { InterlockError } from '../platform/errors';
import { LIFECYCLE, LIFECYCLE_EVENTS, LIFECYCLE_STATES, transition } from './state-machine';

const pairs = LIFECYCLE_EVENTS.flatMap((event) => LIFECYCLE_STATES.map((state) => ({ event, state })));

/** The contract's words, written down again: what each call answers in each state. */
const EXPECTED: Record<string, Record<string, string>> = {
  activate: { none: 'active', activating: '409 already_active', active: '409 already_active', inactive: 'active' },
  deactivate: { none: '404 not_found', activating: '404 not_found', active: 'inactive', inactive: '404 not_found' },
  configure: { none: '404 not_found', activating: '404 not_found', active: 'active', inactive: '404 not_found' },
  sync: { none: '400 not_active', activating: '400 not_active', active: 'active', inactive: '400 not_active' },
  resume: { none: '400 not_active', activating: '400 not_active', active: 'active', inactive: '400 not_active' },
  change_credentials: {
    none: '404 not_found',
    activating: '404 not_found',
    active: 'active',
    inactive: '404 not_found',
  },
  rollback_credentials: {
    none: '404 not_found',
    activating: '404 not_found',
    active: 'active',
    inactive: '404 not_found',
  },
  report_idle: {
    none: '404 not_found',
    activating: '404 not_found',
    active: '409 conflict',
    inactive: '404 not_found',
  },
  report_result: { none: '404 not_found', activating: '404 not_found', active: 'active', inactive: '404 not_found' },
  erase: { none: '404 not_found', activating: '404 not_found', active: '409 conflict', inactive: 'inactive' },
};

describe('the state machine of an integration', () => {
  it('says something of every pair', () => {
    expect(Object.keys(LIFECYCLE)).toHaveLength(LIFECYCLE_EVENTS.length);
    expect(pairs).toHaveLength(40);
  });

  it.each(pairs)('$event in state $state', ({ event, state }) => {
    const outcome = (() => {
      try {
        return transition(state, event);
      } catch (error) {
        if (!(error instanceof InterlockError)) throw error;
        if (error.code === 'conflict') expect(error.message).toContain(state);
        return `${error.status} ${error.code}`;
      }
    })();
    expect(outcome).toBe(EXPECTED[event]![state]);
  });

  it('says what is not found', () => {
    expect(() => transition('none', 'deactivate')).toThrow('No integration of this provider is active.');
  });

  it('names the three ways on when it is already active', () => {
    expect(() => transition('active', 'activate')).toThrow(/deactivate.*sync-toggle.*resume-sync/i);
  });
});
