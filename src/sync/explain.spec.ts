import { CredentialKeyMissing, CredentialUnavailable } from '../integrations';
import { explainActive, explainInactive, forTeam, NEVER_CONFIGURED } from './explain';
import type { ExplainFacts } from './store/explain.repository';

const NOW = new Date('2026-05-05T10:00:00.000Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const SINCE = at(-30);
const DUE = at(30);

const WELL: ExplainFacts = {
  now: NOW,
  nextDueAt: DUE,
  toggledOff: false,
  operatorPaused: false,
  pauseReason: null,
  operatorPausedAt: SINCE,
  toggledOffAt: SINCE,
  breaker: 'closed',
  breakerCause: null,
  breakerOpenedAt: null,
  probeAt: null,
  consecutiveErrors: 0,
  lastError: null,
  lastErrorCode: null,
  lastErrorVerdict: null,
  lastErrorSince: null,
  runState: null,
  runSince: null,
  runNotBefore: null,
  runWaitReason: null,
  incidentSince: null,
  incidentRetryAt: null,
  heldRows: null,
  heldSince: null,
  formerSince: null,
  unusedFilters: [],
  clockAheadMs: null,
  clockOffSince: null,
  absentLists: [],
};
const OPEN = { breaker: 'open', breakerOpenedAt: SINCE, probeAt: at(10), consecutiveErrors: 5 } as const;
const FAILED = {
  lastError: 'down',
  lastErrorCode: 'provider_error',
  lastErrorVerdict: 'provider_down',
  lastErrorSince: SINCE,
} as const;
const UNAVAILABLE = { ...FAILED, lastErrorCode: 'unavailable', lastErrorVerdict: 'internal' } as const;
const queued = (runWaitReason: string | null, runNotBefore: Date | null = null) =>
  ({ runState: 'queued', runSince: SINCE, runWaitReason, runNotBefore }) as const;
const RUNNING = { runState: 'running', runSince: SINCE } as const;

it('says of a provider that was never connected that nothing will run until it is', () => {
  expect(NEVER_CONFIGURED).toMatchObject({
    willRun: false,
    nextExpectedStart: null,
    reasons: [{ code: 'not_configured', nextAction: 'reconnect' }],
  });
});

/** A call of the API, by its method or by the name of its operation. */
const CALL = /\b(?:GET|POST|PUT|PATCH|DELETE) (?:\/|…\/)|\bsync-toggle\b|\bresume-sync\b|\bactivate it\b/;

it.each([
  ['credentials_rejected', explainActive({ ...WELL, ...OPEN, breakerCause: 'auth' })],
  ['sync_disabled', explainActive({ ...WELL, toggledOff: true })],
  ['not_active', explainInactive(SINCE)],
])('tells the team of %s what is so, and no call of the API', (code, explanation) => {
  const [toCaller, toTeam] = [explanation.reasons[0]!, forTeam(explanation).reasons[0]!];
  expect(toTeam).toEqual({ ...toCaller, message: expect.any(String) });
  expect(toTeam.code).toBe(code);
  expect(toCaller.message).toMatch(CALL);
  expect(toTeam.message).not.toMatch(CALL);
});

describe('explain', () => {
  /** The codes in their order, and when the next run starts: in minutes from now; null: not by itself. */
  it.each<[string, Partial<ExplainFacts>, string[], number | null]>([
    ['all is well', {}, ['scheduled'], 30],
    ['it is overdue', { nextDueAt: at(-5) }, ['scheduled'], 0],
    ['it has no schedule', { nextDueAt: null }, ['scheduled'], null],
    ['it is switched off', { toggledOff: true }, ['sync_disabled'], null],
    ['an operator paused it', { operatorPaused: true }, ['paused_by_operator'], null],
    ['runs have failed', { ...OPEN, breakerCause: 'failures' }, ['breaker_open'], 10],
    ['a probe is overdue', { ...OPEN, breakerCause: 'failures', probeAt: at(-1) }, ['breaker_open'], 0],
    ['the credentials are rejected', { ...OPEN, breakerCause: 'auth', probeAt: null }, ['credentials_rejected'], null],
    ['a probe is under way', { ...OPEN, breaker: 'half_open', breakerCause: 'failures' }, ['breaker_open'], 10],
    [
      'several reasons stand',
      { ...OPEN, breakerCause: 'auth', operatorPaused: true, toggledOff: true },
      ['credentials_rejected', 'paused_by_operator', 'sync_disabled'],
      null,
    ],
    [
      'runs have failed, and it is switched off',
      { ...OPEN, breakerCause: 'failures', toggledOff: true },
      ['sync_disabled', 'breaker_open'],
      null,
    ],
    [
      'runs have failed, and it is paused',
      { ...OPEN, breakerCause: 'failures', operatorPaused: true },
      ['paused_by_operator', 'breaker_open'],
      null,
    ],
    ['a run is under way', RUNNING, ['running'], 30],
    [
      'a run is under way though it is switched off',
      { ...RUNNING, toggledOff: true },
      ['running', 'sync_disabled'],
      null,
    ],
    ['a run is queued', queued(null), ['queued'], 0],
    [
      'a run is queued though it is switched off',
      { ...queued(null), toggledOff: true },
      ['queued', 'sync_disabled'],
      0,
    ],
    ['a run waits for the rate limit', queued('rate_limited', at(2)), ['rate_limited'], 2],
    ['a run waits for maintenance', queued('provider_maintenance', at(2)), ['provider_maintenance'], 2],
    ['a run waits for key management', queued('key_management', at(-2)), ['key_management_unavailable'], 0],
    ['the provider is away', { incidentSince: SINCE }, ['provider_incident'], 30],
    [
      'a run waits for the provider',
      { ...queued('provider_incident', at(3)), incidentSince: SINCE },
      ['provider_incident'],
      3,
    ],
    ['the last run failed', FAILED, ['provider_failing', 'scheduled'], 30],
    [
      'key management was away',
      { ...UNAVAILABLE, lastError: CredentialUnavailable.text },
      ['key_management_unavailable', 'scheduled'],
      30,
    ],
    [
      'the key of the credentials is not to be had',
      { ...UNAVAILABLE, lastError: CredentialKeyMissing.text },
      ['key_management_unavailable', 'scheduled'],
      30,
    ],
    [
      'the provider was not served',
      { ...UNAVAILABLE, lastError: 'The service does not serve the provider acme at present.' },
      ['internal_failure', 'scheduled'],
      30,
    ],
    ['the last of many runs failed', { ...FAILED, ...OPEN, breakerCause: 'failures' }, ['breaker_open'], 10],
    [
      'the last run failed and the next one is queued',
      { ...FAILED, ...queued(null) },
      ['queued', 'provider_failing'],
      0,
    ],
    [
      'the last run failed and it is switched off',
      { ...FAILED, toggledOff: true },
      ['sync_disabled', 'provider_failing'],
      null,
    ],
    ['deletions are held', { heldRows: 21, heldSince: SINCE }, ['scheduled', 'deletions_held'], 30],
    ['none are held', { heldRows: 0 }, ['scheduled'], 30],
    ['a former account leaves', { formerSince: SINCE }, ['scheduled', 'former_account_leaving'], 30],
    [
      'a filter is not used',
      { unusedFilters: [{ stream: 'patients', state: 'ignored', checkedAt: SINCE.toISOString() }] },
      ['scheduled', 'filter_ignored'],
      30,
    ],
    [
      'the provider’s clock is off',
      { clockAheadMs: -600_000, clockOffSince: SINCE },
      ['scheduled', 'provider_clock_off'],
      30,
    ],
    ['a list is absent', { absentLists: ['products'] }, ['scheduled', 'list_absent'], 30],
  ])('says first what is true when %s', (_when, facts, codes, startsIn) => {
    const said = explainActive({ ...WELL, ...facts });
    expect(said.reasons.map(({ code }) => code)).toEqual(codes);
    for (const { message } of forTeam(said).reasons) expect(message).not.toMatch(CALL);
    expect(said.nextExpectedStart).toBe(startsIn === null ? null : at(startsIn).toISOString());
    expect(said.willRun).toBe(startsIn !== null);
  });

  it('says what keeps the queue from starting a run, where nothing else does', () => {
    const reasons = (facts: Partial<ExplainFacts>) => explainActive({ ...WELL, ...facts }, 'is read-only').reasons;
    expect(reasons(queued(null))).toEqual([
      {
        code: 'queue_unavailable',
        message: 'A run is queued, and the queue is read-only; the run starts when the queue works again.',
        since: SINCE.toISOString(),
        nextAction: 'wait',
      },
    ]);
    expect(reasons(queued('rate_limited', at(2))).map(({ code }) => code)).toEqual(['rate_limited']);
    expect(reasons(RUNNING).map(({ code }) => code)).toEqual(['running']);
  });

  it('says since when, why, and what to do', () => {
    const all = explainActive({
      ...WELL,
      ...OPEN,
      breakerCause: 'failures',
      lastError: 'it is down',
      operatorPaused: true,
      pauseReason: 'ticket 7',
      heldRows: 21,
      heldSince: at(-1),
    });
    const since = SINCE.toISOString();
    expect(all.reasons).toEqual([
      {
        code: 'paused_by_operator',
        message: 'An operator paused the sync: ticket 7',
        since,
        nextAction: 'contact_support',
      },
      {
        code: 'breaker_open',
        message: 'Sync is paused after 5 failed runs in a row: it is down',
        since,
        nextAction: 'resume_sync',
      },
      {
        code: 'deletions_held',
        message: '21 deletions are held until an operator approves or discards them.',
        since: at(-1).toISOString(),
        nextAction: 'contact_support',
      },
    ]);
    expect(explainActive({ ...WELL, operatorPaused: true }).reasons[0]!.message).toBe('An operator paused the sync.');
    expect(explainActive({ ...WELL, ...FAILED }).reasons[0]).toEqual({
      code: 'provider_failing',
      message: 'The last run failed: down',
      since,
      nextAction: 'wait',
    });
    expect(explainInactive(SINCE)).toMatchObject({ willRun: false, reasons: [{ code: 'not_active', since }] });
  });
});
