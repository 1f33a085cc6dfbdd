import type { Environment } from '../platform/http';
import type { Affected, Amount } from './finding-facts';
import { FINDING_KINDS, type FindingCode, type FindingKind, type Severity } from './finding-kinds';

/** One thing that is wrong: since when, for whom, and what to do next. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** null: it concerns the service itself. */
  readonly environment: Environment | null;
  readonly title: string;
  readonly since: string | null;
  readonly count: number;
  readonly merchants: readonly string[];
  readonly merchantCount: number;
  /** Money that it holds back, as far as that is known. */
  readonly amounts: readonly Amount[];
  readonly next: string;
  /** What stands still because of it, and is told nowhere else. */
  readonly effects: readonly string[];
  /** No run that it concerns starts while it stands. */
  readonly stopsRuns: boolean;
  /** Query of the integrations list that shows them, or of the list that `list` names. */
  readonly filter: Readonly<Record<string, string>> | null;
  /** The one that it is about, which has a page in the console; null: it is about several, or has no page. */
  readonly subject: Subject | null;
}

/** Lists of the console whose entries have pages. */
export const SUBJECT_LISTS = ['integrations', 'runs', 'merchants', 'webhook-endpoints', 'deletion-plans'] as const;
type SubjectList = (typeof SUBJECT_LISTS)[number];

export interface Subject {
  readonly list: SubjectList;
  readonly id: string;
}

export function subjectIn(list: string, { only }: Affected): Subject | null {
  const known = SUBJECT_LISTS.find((each) => each === list);
  return known && only ? { list: known, id: only } : null;
}

export type Details = Partial<Omit<Finding, 'code' | 'title'>>;

export function finding(code: FindingCode, title: string, details: Details = {}): Finding {
  const { severity, next, stopsRuns = false }: FindingKind = FINDING_KINDS[code];
  const none = { environment: null, since: null, count: 1, filter: null, subject: null };
  const lists = { merchants: [], merchantCount: 0, amounts: [], effects: [] };
  return { code, severity, title, next, stopsRuns, ...none, ...lists, ...details };
}

/** No customer of a merchant is behind a sandbox: nothing of it is critical. */
export function placed(found: Finding, environment: Environment): Finding {
  const severity = environment === 'sandbox' && found.severity === 'critical' ? 'warning' : found.severity;
  return { ...found, severity, environment, filter: found.filter && { ...found.filter, environment } };
}

/** None where nobody is affected. */
export function affecting(
  code: FindingCode,
  affected: Affected,
  title: string,
  filter: Finding['filter'] = { finding: code },
  details: Details = {},
): Finding[] {
  const { since, count, merchants, merchantCount } = affected;
  const subject = filter && subjectIn(filter['list'] ?? 'integrations', affected);
  const whom = { since, count, merchants, merchantCount, filter, subject };
  return count === 0 ? [] : [finding(code, title, { ...whom, ...details })];
}

export function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
