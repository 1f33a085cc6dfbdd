import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FINDING_CODES, FINDING_KINDS, type FindingKind } from '../src/admin/finding-kinds';

const read = (file: string): string => readFileSync(path.join(__dirname, '../docs/operations', file), 'utf8');
const parts = (text: string, start: RegExp): Map<string, string> =>
  new Map(
    text
      .split(start)
      .slice(1)
      .map((part) => [part.split('\n')[0]!.trim(), part]),
  );
const rules = parts(read('alerts.yml'), /- alert: /);
const sections = parts(read('alerts.md'), /^## /m);
const kinds: readonly (readonly [string, FindingKind])[] = FINDING_CODES.map((code) => [code, FINDING_KINDS[code]]);
const folded = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ');

describe.each(kinds)('the finding %s', (code, { alert, metric, severity, next }) => {
  const rule = rules.get(alert);

  it('has an alert that fires on its metric, and on the sandbox only where nobody is woken', () => {
    expect(rule).toBeDefined();
    const own = new RegExp(`interlock_findings\\{code=[^}]*\\b${code}\\b`);
    expect(rule).toMatch(metric === undefined ? own : new RegExp(`\\b${metric}\\b`));
    if (severity === 'critical' && own.test(rule!)) expect(rule).toMatch(/environment!="sandbox"|service/);
  });

  it('has a line of the runbook that says what the overview says', () => {
    expect(folded(sections.get(alert))).toContain(`\`${code}\`: ${folded(next)}`);
  });
});

it('no alert and no runbook knows a finding that is in no list', () => {
  const named = [...rules.values()].flatMap((rule) =>
    [...rule.matchAll(/interlock_findings\{code=~?"([^"]+)"/g)].flatMap(([, codes]) => codes!.split('|')),
  );
  const runbook = new Set(kinds.map(([, { alert }]) => sections.get(alert) ?? ''));
  const told = [...runbook].flatMap((text) => [...text.matchAll(/^- `(\w+)`:/gm)].map(([, code]) => code!));
  expect(named.filter((code) => !(code in FINDING_KINDS))).toEqual([]);
  expect(told.sort()).toEqual([...FINDING_CODES].sort());
});
