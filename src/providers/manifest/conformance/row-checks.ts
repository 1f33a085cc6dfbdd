import { isDeepStrictEqual } from 'node:util';
import type { GoodRow } from '../../provider';
import { isRow } from '../../row-value';
import type { ManifestFields, ManifestRule, ManifestSource } from '../manifest';
import { RECORD_TARGETS, type Target } from '../record-targets';
import { readByExpression } from '../simulator/expression-shape';
import { valueAt } from '../simulator/row-meaning';
import { RowShape } from '../simulator/row-shape';
import type { SimulatedRow } from '../simulator/simulated-rows';
import { pathsOfRule, ruleOf } from '../simulator/simulated-shape';
import { taken, type ConformanceBench, type TestedStream } from './conformance-bench';
import { failed, memberOf, notApplicable, passed, type CheckOutcome, type StreamCheck } from './conformance-check';

/** What becomes of rows. */
export const ROW_CHECKS: readonly StreamCheck[] = [
  { id: 'times', words: 'times are read in their form and zone', ofStream: (...of) => asMeant(...of, ['time'], true) },
  {
    id: 'fields',
    words: 'every field holds what its place in the row means',
    ofStream: (...of) => asMeant(...of, OTHERS),
  },
  { id: 'row-lists', words: 'lists within a row are read whole', ofStream: (...of) => asMeant(...of, ['list']) },
  {
    id: 'unknown-words',
    words: 'a word that nobody has told of is quarantined, and no other row',
    ofStream: unknownWords,
  },
  { id: 'row-by-id', words: 'a row is found by its id, and one that is gone is gone', ofStream: rowById },
];

type Kind = Target['kind'];
const OTHERS: readonly Kind[] = [
  ...(['text', 'id', 'whole', 'quantity', 'currency', 'phone', 'flag', 'money', 'word', 'part'] as const),
];
/** Filled in from other fields where the row says nothing. */
const FILLED_IN = new Set(['name', 'balanceMinor', 'refundedMinor']);

async function asMeant(
  bench: ConformanceBench,
  tested: TestedStream,
  kinds: readonly Kind[],
  stamps = false,
): Promise<CheckOutcome> {
  const { told } = tested;
  const targets = RECORD_TARGETS[told.resource];
  const names = Object.keys(told.fields).filter((name) => kinds.includes(targets[name]!.kind));
  const isStamped = stamps && told.updatedAt !== undefined;
  if (names.length === 0 && !isStamped) return notApplicable('the manifest names none');
  const meant = new Map(taken(bench.simulator.rowsOf(told.key)).map((row) => [row.externalId, row]));
  const { rows } = await bench.scan(tested.stream);
  let compared = 0;
  for (const row of rows) {
    const expected = meant.get(row.externalId);
    if (!expected) continue;
    compared++;
    const name = names.find((each) => !isAsMeant(row, expected, each));
    if (name !== undefined) {
      const note = `${name} is ${shown(row, name)}, and the row means ${JSON.stringify(expected.fields![name])}.`;
      return failed(note, ...memberOf(tested, 'fields', ...(name in tested.list.fields ? [name] : [])));
    }
    if (isStamped && row.sourceUpdatedAt?.getTime() !== expected.updatedMs) {
      const note = `The row changed at ${new Date(expected.updatedMs).toISOString()}, and was read as ${String(row.sourceUpdatedAt?.toISOString())}.`;
      return failed(note, ...memberOf(tested, 'updatedAt'));
    }
  }
  return compared === 0 ? notApplicable('no row was read') : passed(`${names.length} fields of ${compared} rows`);
}

function isAsMeant({ record }: GoodRow, { fields }: SimulatedRow, name: string): boolean {
  const [found, meant] = [(record as unknown as Record<string, unknown>)[name], fields![name]];
  if (meant === null && FILLED_IN.has(name)) return true;
  return agrees(found, meant);
}

/** Members that the manifest does not name are ours. */
function agrees(found: unknown, meant: unknown): boolean {
  if (Array.isArray(meant)) {
    return Array.isArray(found) && found.length === meant.length && meant.every((each, at) => agrees(found[at], each));
  }
  if (isRow(meant)) return isRow(found) && Object.entries(meant).every(([name, each]) => agrees(found[name], each));
  return isDeepStrictEqual(found, meant);
}

function shown({ record }: GoodRow, name: string): string {
  return JSON.stringify((record as unknown as Record<string, unknown>)[name]) ?? 'not there';
}

const UNHEARD = 'Unheard-of';

async function unknownWords(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const { key, fields, resource } = tested.told;
  const rows = bench.simulator.rowsOf(key);
  const sample = taken(rows).slice(0, 40);
  const names = Object.entries(fields).filter(([name, source]) => isOfWords(source, RECORD_TARGETS[resource][name]!));
  let tried = 0;
  try {
    for (const [name, source] of names) {
      const changed = unheard(bench, key, sample, name, ruleOf(source as ManifestSource));
      if (changed === null) continue;
      tried++;
      const others = sample.filter(({ id }) => id !== changed.id).slice(0, 3);
      bench.simulator.hold(key, [changed, ...others]);
      const scan = await bench.scan(tested.stream);
      if (scan.failure) return notApplicable('no row was read');
      const isSetAside = scan.bad.length === 1 && scan.bad[0]!.externalId === changed.externalId;
      if (isSetAside && scan.rows.length === others.length) continue;
      const became = scan.rows.find(({ externalId }) => externalId === changed.externalId);
      const note = became ? `An unknown word became ${shown(became, name)}.` : 'Another row is in quarantine, or none.';
      return failed(note, ...memberOf(tested, 'fields', name));
    }
  } finally {
    bench.simulator.hold(key, rows);
  }
  return tried === 0 ? notApplicable('no field is filled by words, or any word will do') : passed(`${tried} fields`);
}

function isOfWords(source: ManifestFields[string], target: Target): boolean {
  if (target.kind === 'part' || target.kind === 'list') return false;
  const rule = ruleOf(source as ManifestSource);
  return rule.value === undefined && (target.kind === 'word' || rule.words !== undefined);
}

/** A row whose word nobody knows; null: every word is taken, or makes the row another stream’s. */
function unheard(
  bench: ConformanceBench,
  key: string,
  sample: readonly SimulatedRow[],
  name: string,
  rule: ManifestRule,
): SimulatedRow | null {
  const paths = rule.cel === undefined ? pathsOfRule(rule, name) : pathsIn(rule);
  for (const row of sample) {
    for (const path of paths) {
      if (typeof (valueAt(row.row, path) ?? {}) === 'object') continue;
      const changed = bench.simulator.makerOf(key).changed(row, path, UNHEARD);
      if (changed.belongs && changed.fields === null) return changed;
    }
  }
  return null;
}

/** Places that an expression compares with words. */
function pathsIn({ cel, words = {} }: ManifestRule): string[] {
  const shape = new RowShape();
  readByExpression(shape, cel!, { kind: 'word', literals: Object.keys(words) });
  const below = (part: RowShape, path: string): string[] =>
    [...part.members].flatMap(([name, inner]) => {
      const own = path === '' ? name : `${path}.${name}`;
      return [...(inner.literals.some((each) => typeof each === 'string') ? [own] : []), ...below(inner, own)];
    });
  return below(shape, '');
}

async function rowById(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const { key, one, idPrefix = '' } = tested.told;
  const { fetchOne } = tested.stream;
  if (one === undefined) return notApplicable('the manifest names no address of a row');
  if (!fetchOne) return failed('Rows have an address, and the manifest names none.', ...memberOf(tested));
  for (const expected of taken(bench.simulator.rowsOf(key)).slice(0, 4)) {
    let found: Awaited<ReturnType<typeof fetchOne>> | null = null;
    const failure = await bench.failureOf(async () => (found = await fetchOne(bench.call(), expected.externalId)));
    const row = found as Exclude<typeof found, null> | null;
    if (row === null || row === 'gone' || !('record' in row)) {
      const what = failure?.message ?? (row === 'gone' ? 'It is told gone.' : 'It is in quarantine.');
      return failed(`A row was not found by its id: ${what}`, ...memberOf(tested, 'one'));
    }
    const name = Object.keys(tested.told.fields).find((each) => !isAsMeant(row, expected, each));
    if (name !== undefined) return failed(`${name} is another by its id.`, ...memberOf(tested, 'one'));
  }
  const gone = await fetchOne(bench.call(), `${idPrefix}i999999`);
  return gone === 'gone' ? passed() : failed('A row that is not there was found.', ...memberOf(tested, 'one'));
}
