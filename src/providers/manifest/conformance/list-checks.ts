import type { InsteadAnswer } from '../simulator/manifest-simulator';
import { USUAL_BEHAVIOUR, type ListBehaviour } from '../simulator/simulated-list';
import type { SimulatedRow } from '../simulator/simulated-rows';
import { misread, unread } from './blame';
import { taken, type ConformanceBench, type TestedStream } from './conformance-bench';
import { failed, memberOf, notApplicable, passed, type CheckOutcome, type StreamCheck } from './conformance-check';
import type { ConformanceScan } from './conformance-scan';

/** How lists are read: to their end, and no further than the provider says. */
export const LIST_CHECKS: readonly StreamCheck[] = [
  { id: 'read-once', words: 'every row is read once, over several pages', ofStream: readOnce },
  {
    id: 'word-end',
    words: 'short, full and empty pages end nothing that the provider does not end',
    ofStream: wordEnd,
  },
  { id: 'repeated-page', words: 'a page that comes again fails as contract', ofStream: repeatedPage },
  { id: 'endless-next', words: 'more that never comes fails as contract', ofStream: endlessNext },
  { id: 'web-page', words: 'a web page in place of a list fails as contract', ofStream: webPage },
  { id: 'no-list', words: 'an answer without the list fails as contract', ofStream: noList },
];

async function readOnce(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const rows = bench.simulator.rowsOf(tested.told.key);
  const scan = await bench.scan(tested.stream);
  const difference = differenceOf(bench, tested, scan, rows);
  if (difference) return difference;
  if (tested.told.paging.by !== 'none' && scan.pages < 2) {
    return failed('The list has several pages and was read in one.', ...memberOf(tested, 'paging'));
  }
  return passed(`${rows.length} rows, ${scan.pages} pages`);
}

/** null: the scan read the rows as they are. */
function differenceOf(
  bench: ConformanceBench,
  tested: TestedStream,
  scan: ConformanceScan,
  rows: readonly SimulatedRow[],
): CheckOutcome | null {
  if (scan.failure) return unread(bench, tested, scan, 'rows');
  if (scan.bad.length > 0) return misread(tested, scan.bad);
  const expected = new Set(taken(rows).map(({ externalId }) => externalId));
  const found = new Set(scan.rows.map(({ externalId }) => externalId));
  const missing = [...expected].filter((id) => !found.has(id)).length;
  const strange = [...found].filter((id) => !expected.has(id)).length;
  const twice = scan.rows.length - found.size;
  if (missing + strange + twice === 0) return null;
  const note = `Of ${expected.size} rows ${missing} are missing, ${twice} come twice, and ${strange} are none of them.`;
  if (strange > 0 && missing === strange)
    return failed(note, ...memberOf(tested, found.size === strange ? 'id' : 'where'));
  return failed(note, ...memberOf(tested, strange > 0 ? 'where' : 'paging'));
}

function saysEnd({ told: { paging } }: TestedStream): boolean {
  return paging.by !== 'none' && [paging.more, paging.next, paging.total].some((path) => path !== undefined);
}

const NO_WORD = 'no member of the answer says the end: a page that is shorter than asked for is the last';

async function wordEnd(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const { key, paging } = tested.told;
  if (paging.by === 'none') return notApplicable('one page is the list');
  if (!saysEnd(tested)) return notApplicable(NO_WORD);
  const rows = bench.simulator.rowsOf(key);
  const size = paging.size ?? 100;
  try {
    for (const [held, pageCap] of [
      [rows, Math.max(1, Math.floor(size / 2) - 1)],
      [rows.slice(0, size), null],
      [[], null],
    ] as const) {
      bench.simulator.hold(key, held);
      bench.simulator.behaviour = { ...USUAL_BEHAVIOUR, pageCap };
      const difference = differenceOf(bench, tested, await bench.scan(tested.stream), held);
      if (difference?.result !== 'failed') continue;
      const what = pageCap === null ? `with ${held.length} rows in pages of ${size}` : `with pages of ${pageCap} rows`;
      return failed(`${difference.note} (${what})`, ...memberOf(tested, 'paging'));
    }
    return passed();
  } finally {
    bench.simulator.hold(key, rows);
  }
}

async function repeatedPage(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  if (tested.told.paging.by === 'none') return notApplicable('one page is the list');
  return endsAsContract(bench, tested, { repeats: true });
}

async function endlessNext(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  if (tested.told.paging.by === 'none') return notApplicable('one page is the list');
  if (!saysEnd(tested)) return notApplicable(NO_WORD);
  return endsAsContract(bench, tested, { endless: true });
}

async function endsAsContract(
  bench: ConformanceBench,
  tested: TestedStream,
  behaviour: Partial<ListBehaviour>,
): Promise<CheckOutcome> {
  bench.simulator.behaviour = { ...USUAL_BEHAVIOUR, ...behaviour };
  return asContract(await bench.scan(tested.stream), 1, memberOf(tested, 'paging'));
}

/** `sound`: pages before the one that is none. */
function asContract(
  { failure, pages }: ConformanceScan,
  sound: number,
  path: readonly (string | number)[],
): CheckOutcome {
  if (pages < sound) return notApplicable('no page was read');
  if (failure?.verdict === 'contract') return passed();
  const ended = failure
    ? `It failed as ${failure.verdict}.`
    : 'The list was taken for complete: its rows may be deleted.';
  return failed(ended, ...path);
}

async function webPage(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  return insteadOfLastPage(bench, tested, { status: 200, body: '<!doctype html><title>Sign in</title>' }, 'errors');
}

async function noList(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const body = tested.told.rowsOptional === true ? { unexpected: 'nothing here' } : {};
  return insteadOfLastPage(bench, tested, { status: 200, body }, 'rows');
}

/** The answer comes in place of the second page, where there are several: rows were read, and none may be missed. */
async function insteadOfLastPage(
  bench: ConformanceBench,
  tested: TestedStream,
  answer: InsteadAnswer,
  member: 'errors' | 'rows',
): Promise<CheckOutcome> {
  const sound = tested.told.paging.by === 'none' ? 0 : 1;
  let left = sound;
  bench.simulator.instead = ({ path }) => (path === tested.told.path && left-- <= 0 ? answer : null);
  return asContract(
    await bench.scan(tested.stream),
    sound,
    member === 'errors' ? ['errors'] : memberOf(tested, member),
  );
}
