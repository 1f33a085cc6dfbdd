import type { SimulatedRow } from '../simulator/simulated-rows';
import { unread } from './blame';
import { taken, type ConformanceBench, type TestedStream } from './conformance-bench';
import { failed, memberOf, notApplicable, passed, type CheckOutcome, type StreamCheck } from './conformance-check';

/** What an incremental scan reads. */
export const CHANGE_CHECKS: readonly StreamCheck[] = [
  {
    id: 'changed-since',
    words: 'the filter gives what changed, and loses no row with the cursor’s own time',
    ofStream: changedSince,
  },
  { id: 'newest-first', words: 'a list that comes newest first is read down to the cutoff', ofStream: newestFirst },
];

async function changedSince(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const { told, list } = tested;
  if (!told.changedSince && !list.changedSince) return notApplicable('the manifest names no filter');
  const rows = bench.simulator.rowsOf(told.key);
  const sinceMs = rows[Math.floor(rows.length * 0.7)]!.updatedMs;
  const scan = await bench.scan(tested.stream, new Date(sinceMs));
  if (scan.failure) return unread(bench, tested, scan, 'changedSince');
  const found = new Set(scan.rows.map(({ externalId }) => externalId));
  const lost = taken(rows).filter((row) => row.updatedMs >= sinceMs && !found.has(row.externalId));
  if (lost.length > 0) {
    const alike = lost.every(({ updatedMs }) => updatedMs === sinceMs)
      ? ', all with the very time that was asked for'
      : '';
    return failed(`${lost.length} rows that changed are lost${alike}.`, ...memberOf(tested, 'changedSince'));
  }
  if (scan.filterIgnored || found.size >= taken(rows).length) {
    return failed(
      'The list came whole: nothing was filtered.',
      ...memberOf(tested, ...(list.changedSince ? ['changedSince'] : [])),
    );
  }
  return passed(`${found.size} of ${rows.length} rows`);
}

async function newestFirst(bench: ConformanceBench, tested: TestedStream): Promise<CheckOutcome> {
  const { told, list } = tested;
  if (!told.newestFirst && !list.newestFirst) return notApplicable('the manifest says no order');
  const rows = bench.simulator.rowsOf(told.key);
  const sinceMs = rows[Math.floor(rows.length * 0.3)]!.createdMs;
  const scan = await bench.scan(tested.stream, new Date(sinceMs));
  const member = memberOf(tested, ...(list.newestFirst ? ['newestFirst'] : []));
  if (scan.failure) return unread(bench, tested, scan, 'newestFirst');
  const found = new Set(scan.rows.map(({ externalId }) => externalId));
  const isLost = ({ createdMs, externalId }: SimulatedRow): boolean => createdMs >= sinceMs && !found.has(externalId);
  const lost = taken(rows).filter(isLost).length;
  if (lost > 0) return failed(`${lost} rows above the cutoff are lost.`, ...member);
  if (scan.orderIgnored) return failed('The rows do not come newest first.', ...member);
  if (found.size >= taken(rows).length) return failed('The list was read to its end.', ...member);
  return passed(`${found.size} of ${rows.length} rows`);
}
