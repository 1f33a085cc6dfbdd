import { type Affected, type FindingFacts, findingsOf, headlineOf } from './findings';

const none: Affected = { count: 0, since: null, merchants: [] };
const some = (count: number): Affected => ({
  count,
  since: '2026-01-01T00:00:00.000Z',
  merchants: ['A', 'B', 'C'].slice(0, count),
});
const facts = (more: Partial<FindingFacts> = {}): FindingFacts => ({
  active: 100,
  rejected: none,
  broken: none,
  failing: none,
  late: none,
  pausedByOperator: none,
  held: none,
  ...more,
});
const incident = {
  id: '1',
  provider: 'wodify',
  environment: 'live',
  openedAt: new Date(0),
  closedAt: null,
  retryAt: null,
  integrations: 7,
};

describe('findings', () => {
  it('says that everything is in step when nothing is wrong, and that nothing is active when nothing is', () => {
    expect(findingsOf(facts(), [])).toEqual([]);
    expect(headlineOf([], 100)).toEqual({ level: 'ok', headline: 'Everything is in step' });
    expect(headlineOf([], 0).headline).toBe('No integration is active yet');
  });

  it('puts the worst first, with since when, for whom and what next', () => {
    const found = findingsOf(facts({ held: some(1), rejected: some(2), late: some(10) }), [incident]);
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([
      ['provider_incident', 'critical'],
      ['late', 'critical'],
      ['credentials_rejected', 'warning'],
      ['deletions_held', 'info'],
    ]);
    for (const finding of found) {
      expect(finding.since).not.toBeNull();
      expect(finding.next).not.toBe('');
    }
    expect(headlineOf(found, 100)).toEqual({
      level: 'critical',
      headline: 'wodify (live) is failing for several merchants, and 2 more',
    });
  });

  it('takes a few late ones for their own trouble, and many for the service’s', () => {
    expect(findingsOf(facts({ late: some(2) }), [])[0]).toMatchObject({ severity: 'warning' });
    expect(findingsOf(facts({ late: some(5) }), [])[0]).toMatchObject({ severity: 'warning' });
    expect(findingsOf(facts({ late: some(6) }), [])[0]).toMatchObject({ severity: 'critical' });
  });

  it('leaves out incidents that are over, and calls what only waits for somebody no alarm', () => {
    expect(findingsOf(facts(), [{ ...incident, closedAt: new Date(1) }])).toEqual([]);
    expect(headlineOf(findingsOf(facts({ held: some(1) }), []), 100).level).toBe('ok');
  });
});
