import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FINDING_CODES, FINDING_KINDS } from '../src/admin/finding-kinds';

const read = (file: string): string => readFileSync(path.join(__dirname, '../docs/operations', file), 'utf8');
const rules = new Map(
  read('alerts.yml')
    .split('- alert: ')
    .slice(1)
    .map((rule) => [rule.split('\n')[0]!.trim(), rule]),
);
const runbook = read('alerts.md');
const sections = runbook.split('\n').flatMap((line) => /^## (\w+)$/.exec(line)?.[1] ?? []);

/** Those that fire on a metric of their own, which says more than how many findings there are. */
const BY_ANOTHER_METRIC = new Set(['InterlockKmsFailing', 'InterlockProviderIncident', 'InterlockDataStale']);

describe.each(FINDING_CODES)('the finding %s', (code) => {
  const { alert } = FINDING_KINDS[code];

  it('has an alert that fires on it', () => {
    expect(rules.has(alert)).toBe(true);
    if (!BY_ANOTHER_METRIC.has(alert))
      expect(rules.get(alert)).toMatch(new RegExp(`interlock_findings\\{code=.*\\b${code}\\b`));
  });

  it('has a section of the runbook', () => expect(sections).toContain(alert));
});
