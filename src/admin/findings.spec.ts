import type { Finding } from './finding';
import type { Affected, AffectedEndpoints, EnvironmentFacts, ServiceFacts } from './finding-facts';
import { FINDING_CODES, FINDING_KINDS, type FindingCode } from './finding-kinds';
import { findingsOf } from './findings';
import { headlineOf } from './headline';

const none: Affected = { count: 0, since: null, merchants: [], merchantCount: 0 };
const some = (count: number): Affected => ({
  count,
  since: '2026-01-01T00:00:00.000Z',
  merchants: ['A', 'B', 'C'].slice(0, count),
  merchantCount: count,
});
const endpoints = (...disabledReasons: (string | null)[]): AffectedEndpoints => ({
  ...some(disabledReasons.length),
  endpointCount: disabledReasons.length,
  endpoints: disabledReasons.slice(0, 3).map((disabledReason, index) => ({ name: `shop-${index}`, disabledReason })),
});
const ofEnvironment = (environment: 'live' | 'sandbox', more: Partial<EnvironmentFacts> = {}): EnvironmentFacts => ({
  environment,
  active: 100,
  rejected: none,
  broken: none,
  degraded: none,
  late: none,
  limited: { ...none, providers: [], until: null },
  pausedByOperator: none,
  heldDeletions: none,
  heldPayments: { ...none, amounts: [], searched: 0 },
  quarantined: [],
  expiringCredentials: { ...none, ended: 0 },
  unprovenFilters: none,
  wrongClocks: none,
  expiringKeys: none,
  disabledEndpoints: endpoints(),
  failingEndpoints: endpoints(),
  givenUpEvents: endpoints(),
  ...more,
});
const facts = (more: Partial<EnvironmentFacts> = {}) => [ofEnvironment('live', more)];
const nameOf = (provider: string) => (provider === 'wodify' ? 'Wodify' : provider);
const ofService = (service: ServiceFacts) => findingsOf(facts(), [], [], service);
const incident = {
  id: '1',
  provider: 'wodify',
  environment: 'live' as const,
  openedAt: new Date(0),
  closedAt: null,
  retryAt: null,
  lastError: null,
  integrations: 7,
  merchants: ['A', 'B', 'C'],
  merchantCount: 5,
  degraded: 0,
  late: 0,
};
const word = {
  provider: 'wodify',
  environment: 'live' as const,
  stream: 'invoices',
  kind: 'word' as const,
  name: 'status:Void',
  since: new Date(0),
  quarantined: 0,
  merchants: [],
  merchantCount: 0,
};
const away = { reason: 'key management refused access', since: new Date(0), waiting: none };

describe('findings', () => {
  it('says that everything is in step when nothing is wrong, and that nothing is active when nothing is', () => {
    expect(findingsOf(facts(), [])).toEqual([]);
    expect(headlineOf([], 100)).toEqual({ level: 'ok', text: 'Everything is in step' });
    expect(headlineOf([], 0).text).toBe('No integration is active yet');
  });

  it('puts the worst first, with since when, for whom and what next', () => {
    const affected = facts({ heldDeletions: some(1), rejected: some(2), late: some(10) });
    const found = findingsOf(affected, [incident], [], {}, nameOf);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ['provider_incident', 'critical'],
      ['late', 'critical'],
      ['credentials_rejected', 'warning'],
      ['deletions_held', 'warning'],
    ]);
    for (const finding of found) {
      expect(finding.since).not.toBeNull();
      expect(finding.next).not.toBe('');
    }
    expect(headlineOf(found, 100)).toEqual({
      level: 'critical',
      text: 'Wodify (live) is failing for several merchants, and 3 more findings',
    });
  });

  it('names the merchants of an incident', () => {
    const [found] = findingsOf(facts(), [incident], [], {}, nameOf);
    expect(found).toMatchObject({ count: 7, merchants: ['A', 'B', 'C'], merchantCount: 5, environment: 'live' });
    expect(found!.title).toBe('Wodify (live) is failing for several merchants');
  });

  it('says of an incident what failed last and when a run tries again, as far as that is known', () => {
    const next = (more: object) => findingsOf(facts(), [{ ...incident, ...more }])[0]!.next;
    const whatNext = FINDING_KINDS.provider_incident.next;
    expect(next({})).toBe(whatNext);
    expect(next({ lastError: 'HTTP 503', retryAt: new Date('2999-01-01') })).toBe(
      `The last error: HTTP 503. The next run tries at 2999-01-01T00:00:00.000Z. ${whatNext}`,
    );
    expect(next({ lastError: 'Away.', retryAt: new Date(0) })).toBe(
      `The last error: Away. The next run tries now. ${whatNext}`,
    );
  });

  const id = 'the-one';
  const one = { ...some(1), only: id };
  it.each<[FindingCode, string, (affected: typeof one) => Finding[]]>([
    ['degraded', 'integrations', (degraded) => findingsOf(facts({ degraded }), [])],
    ['late', 'integrations', (late) => findingsOf(facts({ late }), [])],
    ['credentials_rejected', 'integrations', (rejected) => findingsOf(facts({ rejected }), [])],
    ['breaker_open', 'integrations', (broken) => findingsOf(facts({ broken }), [])],
    [
      'rate_limited',
      'integrations',
      (limited) => findingsOf(facts({ limited: { ...limited, providers: [], until: null } }), []),
    ],
    ['paused_by_operator', 'integrations', (pausedByOperator) => findingsOf(facts({ pausedByOperator }), [])],
    [
      'credentials_expiring',
      'integrations',
      (ending) => findingsOf(facts({ expiringCredentials: { ...ending, ended: 0 } }), []),
    ],
    ['filters_unproven', 'integrations', (unprovenFilters) => findingsOf(facts({ unprovenFilters }), [])],
    ['provider_clock_off', 'integrations', (wrongClocks) => findingsOf(facts({ wrongClocks }), [])],
    ['key_management_away', 'integrations', (waiting) => ofService({ keyManagementAway: { ...away, waiting } })],
    ['queue_stuck', 'runs', (runs) => ofService({ stuck: { runs, unmade: none } })],
    ['queue_stuck', 'integrations', (unmade) => ofService({ stuck: { runs: none, unmade } })],
    ['deletions_held', 'deletion-plans', (heldDeletions) => findingsOf(facts({ heldDeletions }), [])],
    ['keys_expiring', 'merchants', (expiringKeys) => findingsOf(facts({ expiringKeys }), [])],
    [
      'endpoints_disabled',
      'webhook-endpoints',
      (affected) => findingsOf(facts({ disabledEndpoints: { ...endpoints('gone'), ...affected } }), []),
    ],
    [
      'endpoints_failing',
      'webhook-endpoints',
      (affected) => findingsOf(facts({ failingEndpoints: { ...endpoints(null), ...affected } }), []),
    ],
    [
      'events_given_up',
      'webhook-endpoints',
      (affected) => findingsOf(facts({ givenUpEvents: { ...endpoints(null), ...affected } }), []),
    ],
  ])('names the one that %s is about, where it is one, by its page among %s', (code, list, found) => {
    expect(found(one)).toMatchObject([{ code, subject: { list, id } }]);
    expect(found({ ...some(2), only: null as unknown as string })).toMatchObject([{ code, subject: null }]);
  });

  it('takes a few late ones for their own trouble, and many for the service’s', () => {
    expect(findingsOf(facts({ late: some(2) }), [])[0]).toMatchObject({ severity: 'warning' });
    expect(findingsOf(facts({ late: some(5) }), [])[0]).toMatchObject({ severity: 'warning' });
    expect(findingsOf(facts({ late: some(6) }), [])[0]).toMatchObject({ severity: 'critical' });
  });

  it('tells a cause once, with what stands still because of it under it', () => {
    const [outage, ...others] = findingsOf(facts(), [{ ...incident, degraded: 3, late: 1 }], [], {}, nameOf);
    expect(outage).toMatchObject({
      code: 'provider_incident',
      effects: ['the last sync of 3 integrations failed', '1 integration late'],
    });
    expect(others).toEqual([]);
    const stuck = { runs: some(2), unmade: some(1) };
    const [queue, ...afterQueue] = findingsOf(facts({ late: some(1) }), [], [], { stuck });
    expect(queue).toMatchObject({
      code: 'queue_stuck',
      title: 'No worker takes runs: 2 runs due',
      count: 2,
      effects: ['1 sync due, and no run is made of it', '1 healthy integration is late (live)'],
      filter: { list: 'runs', overdue: 'true' },
    });
    expect(afterQueue).toEqual([]);
    const [database, ...afterDatabase] = ofService({ databaseReadOnly: { ...away, reason: 'is read-only' }, stuck });
    expect(database).toMatchObject({ code: 'database_read_only', effects: ['No worker takes runs: 2 runs due'] });
    expect(afterDatabase).toEqual([]);
  });

  it('is not red for one check without an answer, and says what to look at', () => {
    const slow = { reason: 'answers slowly', since: new Date(0) };
    const found = ofService({ slowStores: ['database', 'queue'].map((store) => ({ ...slow, store })) });
    expect(found.map(({ severity, title, stopsRuns }) => [severity, title, stopsRuns])).toEqual([
      ['warning', 'The database answers slowly', false],
      ['warning', 'The queue answers slowly', false],
    ]);
  });

  it('counts integrations of which nobody has made a run where no run is due, and leads to them', () => {
    expect(ofService({ stuck: { runs: none, unmade: some(2) } })).toMatchObject([
      {
        code: 'queue_stuck',
        title: '2 syncs due, and no run is made of them',
        count: 2,
        filter: { finding: 'queue_stuck' },
      },
    ]);
  });

  it('says when a limit ends, and whose it is', () => {
    const limited = { ...some(1), providers: ['wodify'], until: '2026-01-01T00:05:00.000Z' };
    const [found] = findingsOf(facts({ limited }), [], [], {}, nameOf);
    expect(found).toMatchObject({ title: '1 integration waiting for the rate limit of Wodify', merchants: ['A'] });
    expect(found!.next).toContain('2026-01-01T00:05:00.000Z');
  });

  it.each([
    [2, 0, '2 integrations whose credentials are about to end'],
    [1, 1, '1 integration whose credentials have ended'],
    [3, 1, '1 integration whose credentials have ended, 2 integrations whose credentials are about to end'],
  ])('says of %i ends of credentials that %i have passed', (count, ended, title) => {
    const [found] = findingsOf(facts({ expiringCredentials: { ...some(count), ended } }), []);
    expect(found).toMatchObject({ title, count, filter: { finding: 'credentials_expiring', environment: 'live' } });
  });

  it('stops no run where key management is away: data keys in memory still open', () => {
    expect(ofService({ keyManagementAway: away })).toMatchObject([{ stopsRuns: false }]);
  });

  it('names whose last run failed because key management is away, and leads to them', () => {
    expect(ofService({ keyManagementAway: { ...away, waiting: some(2) } })).toMatchObject([
      {
        code: 'key_management_away',
        since: '1970-01-01T00:00:00.000Z',
        count: 2,
        merchants: ['A', 'B'],
        merchantCount: 2,
        filter: { finding: 'key_management_away' },
      },
    ]);
    expect(ofService({ keyManagementAway: away })).toMatchObject([{ count: 1, merchants: [], filter: null }]);
  });

  it('leads from a new word to the rows that it put in quarantine, and nowhere where it put none', () => {
    const found = (more: object) => findingsOf(facts(), [], [{ ...word, ...more }])[0]!;
    expect(found({})).toMatchObject({ filter: null });
    expect(found({ quarantined: 2, merchants: ['A'], merchantCount: 1 })).toMatchObject({
      count: 2,
      merchants: ['A'],
      filter: {
        list: 'quarantine',
        provider: 'wodify',
        environment: 'live',
        path: 'status',
        lastSeenFrom: '1970-01-01T00:00:00.000Z',
      },
    });
  });

  it.each([
    [1, 1, '1 payment held for review, being searched for: £44.00'],
    [2, 1, '2 payments held for review, 1 of them being searched for: £44.00'],
  ])('counts held payments until they are settled, of %d also the %d being searched for', (count, searched, title) => {
    const amounts = [{ currency: 'GBP', amountMinor: 4_400, rows: count }];
    const found = findingsOf(facts({ heldPayments: { ...some(count), amounts, searched } }), []);
    expect(found).toMatchObject([{ code: 'payments_held', severity: 'critical', count, title }]);
  });

  it.each<[Partial<EnvironmentFacts>, string]>([
    [
      { degraded: { ...some(2), providers: ['practicehub', 'wodify'] } },
      '2 integrations at practicehub and Wodify degraded',
    ],
    [{ late: { ...some(1), providers: ['wodify'] } }, '1 healthy integration at Wodify is late'],
    [{ heldDeletions: { ...some(1), providers: ['wodify'] } }, '1 deletion plan at Wodify waiting for a decision'],
    [
      { disabledEndpoints: endpoints('gone', 'failing') },
      '2 webhook endpoints switched off: shop-0 (answered 410) and shop-1 (failed for five days)',
    ],
    [
      { failingEndpoints: endpoints(null, null, null, null) },
      '4 webhook endpoints failing: shop-0, shop-1, shop-2 and 1 more',
    ],
    [
      { givenUpEvents: { ...endpoints('gone'), count: 7 } },
      '7 events given up after the last try: shop-0 (answered 410)',
    ],
    [
      { broken: { ...some(5), providers: ['p1', 'p2', 'p3', 'p4', 'p5'] } },
      '5 integrations at p1, p2, p3 and 2 more paused after failing again and again',
    ],
    [
      {
        failingEndpoints: {
          ...endpoints(null),
          endpoints: [{ name: `a\n\u202eb${'c'.repeat(50)}`, disabledReason: null }],
        },
      },
      `1 webhook endpoint failing: a b${'c'.repeat(36)}…`,
    ],
  ])('names the provider or the endpoint: %j', (more, title) => {
    expect(findingsOf(facts(more), [], [], {}, nameOf).map((one) => one.title)).toEqual([title]);
  });

  it('leaves out incidents that are over', () => {
    expect(findingsOf(facts(), [{ ...incident, closedAt: new Date(1) }])).toEqual([]);
  });

  const backlog = { origin: 'tls://logs:6514', links: 3, since: new Date(0), lastError: 'connect ECONNREFUSED' };
  const waiting: [FindingCode, Finding[]][] = [
    ['payments_held', findingsOf(facts({ heldPayments: { ...some(1), amounts: [], searched: 0 } }), [])],
    [
      'rows_quarantined',
      findingsOf(facts({ quarantined: [{ ...some(1), resourceType: 'customers', amounts: [] }] }), []),
    ],
    ['deletions_held', findingsOf(facts({ heldDeletions: some(1) }), [])],
    ['credentials_expiring', findingsOf(facts({ expiringCredentials: { ...some(1), ended: 0 } }), [])],
    ['keys_expiring', findingsOf(facts({ expiringKeys: some(1) }), [])],
    ['endpoints_disabled', findingsOf(facts({ disabledEndpoints: endpoints('gone') }), [])],
    ['endpoints_failing', findingsOf(facts({ failingEndpoints: endpoints(null) }), [])],
    ['events_given_up', findingsOf(facts({ givenUpEvents: endpoints(null) }), [])],
    ['filters_unproven', findingsOf(facts({ unprovenFilters: some(1) }), [])],
    ['provider_clock_off', findingsOf(facts({ wrongClocks: some(1) }), [])],
    ['rotation_stopped', ofService({ rotationStoppedAt: new Date(0) })],
    ['key_management_away', ofService({ keyManagementAway: away })],
    ['audit_stream_behind', ofService({ auditBacklogs: [backlog] })],
    ['tokens_expiring', ofService({ expiring: { tokens: some(1), nodeKeys: none } })],
    ['node_keys_expiring', ofService({ expiring: { tokens: none, nodeKeys: some(1) } })],
    ['certificates_expiring', ofService({ certificates: [{ variable: 'X_FILE', expiresAt: new Date(0) }] })],
    ['approvals_waiting', ofService({ approvals: { count: 1, since: new Date(0) } })],
    ['manifest_refused', ofService({ refusedManifests: [{ place: 'acme.yaml', reason: '1:1', since: new Date(0) }] })],
    ['new_at_provider', findingsOf(facts(), [], [word])],
    ['provider_incident', findingsOf(facts(), [incident])],
    ['credentials_rejected', findingsOf(facts({ rejected: some(1) }), [])],
    ['breaker_open', findingsOf(facts({ broken: some(1) }), [])],
    ['degraded', findingsOf(facts({ degraded: some(1) }), [])],
    ['database_read_only', ofService({ databaseReadOnly: away })],
    ['database_away', ofService({ databaseAway: away })],
    ['store_slow', ofService({ slowStores: [{ ...away, store: 'queue' }] })],
    ['queue_stuck', ofService({ queueAway: away })],
    ['queue_stuck', ofService({ stuck: { runs: some(2), unmade: none } })],
    ['queue_stuck', ofService({ stuck: { runs: none, unmade: some(1) } })],
    ['key_management_missing', ofService({ keyless: { ...some(2), keptBy: 'the local keyring' } })],
    ['clock_skew', ofService({ clockSkew: away })],
    ['late', findingsOf(facts({ late: some(1) }), [])],
  ];

  it.each(waiting)('is never in step while there is %s', (code, found) => {
    expect(found.map((each) => each.code)).toEqual([code]);
    expect(headlineOf(found, 100).level).toBe(FINDING_KINDS[code].severity);
    expect(headlineOf(found, 100).level).not.toBe('ok');
    expect(found[0]!.since).not.toBeNull();
  });

  it('is in step with what somebody chose, and with nothing else of the list', () => {
    const chosen = findingsOf(
      facts({ pausedByOperator: some(1), limited: { ...some(1), providers: ['wodify'], until: null } }),
      [],
      [{ ...word, kind: 'field' }],
      {
        risks: [{ variable: 'KMS_KEY_ID', risk: 'it is local' }],
      },
      nameOf,
    );
    expect(
      headlineOf(
        chosen.filter(({ code }) => code !== 'rate_limited'),
        100,
      ).level,
    ).toBe('ok');
    expect(headlineOf(chosen, 100)).toEqual({
      level: 'info',
      text: 'Everything is in step, with 1 integration waiting for the rate limit of Wodify',
    });
    const covered = [...waiting.map(([code]) => code), ...chosen.map(({ code }) => code)];
    expect([...new Set(covered)].sort()).toEqual([...FINDING_CODES].sort());
  });

  it('counts in the headline what the list has beside the worst, what somebody chose too', () => {
    const found = findingsOf(facts({ degraded: some(1), late: some(1), pausedByOperator: some(1) }), []);
    expect(headlineOf(found, 100).text).toBe(`${found[0]!.title}, and ${found.length - 1} more findings`);
    expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning', 'info']);
  });

  it('counts the rows of each resource, with the money that they hold back as far as it is known', () => {
    const quarantined = [
      { ...some(1), resourceType: 'customers', amounts: [] },
      { ...some(2), resourceType: 'invoices', amounts: [{ currency: 'GBP', amountMinor: 4_400, rows: 2 }] },
      {
        ...some(4),
        resourceType: 'payments',
        amounts: [
          { currency: 'EUR', amountMinor: 1_050, rows: 1 },
          { currency: 'JPY', amountMinor: 500, rows: 2 },
        ],
      },
    ];
    expect(
      findingsOf(facts({ quarantined }), []).map(({ title, filter }) => [title, filter?.['resourceType']]),
    ).toEqual([
      ['1 row of customers in quarantine', 'customers'],
      ['2 rows of invoices in quarantine: £44.00', 'invoices'],
      ['4 rows of payments in quarantine: at least €10.50 + ¥500', 'payments'],
    ]);
  });

  it('is not red for what stands in the sandbox, and names it there', () => {
    const held = { heldPayments: { ...some(1), amounts: [], searched: 0 } };
    const both = findingsOf(
      [ofEnvironment('live', { degraded: some(1) }), ofEnvironment('sandbox', held)],
      [{ ...incident, environment: 'sandbox' }],
    );
    expect(both.map(({ code, severity, environment }) => [code, severity, environment])).toEqual([
      ['degraded', 'warning', 'live'],
      // money is told before what waits by itself
      ['payments_held', 'warning', 'sandbox'],
      ['provider_incident', 'warning', 'sandbox'],
    ]);
    expect(headlineOf(both.slice(1), 100)).toEqual({
      level: 'warning',
      text: 'Sandbox: 1 payment held for review, and 1 more finding',
    });
    expect(both[1]!.filter).toEqual({ list: 'payment-reviews', environment: 'sandbox' });
  });
});
