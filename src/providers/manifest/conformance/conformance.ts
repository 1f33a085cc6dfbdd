import type { Manifest } from '../manifest';
import { NoSuchRows } from '../simulator/simulated-rows';
import { CALL_CHECKS } from './call-checks';
import { CHANGE_CHECKS } from './change-checks';
import { ConformanceBench, type TestedStream } from './conformance-bench';
import { failed, memberOf, type CheckOutcome, type ConformanceCheck } from './conformance-check';
import { LIST_CHECKS } from './list-checks';
import { ROW_CHECKS } from './row-checks';

export interface ConformanceResult {
  readonly check: string;
  readonly words: string;
  /** null: of every call. */
  readonly stream: string | null;
  readonly outcome: CheckOutcome;
}

const STREAM_CHECKS = [...LIST_CHECKS, ...CHANGE_CHECKS, ...ROW_CHECKS];

/** The checks, in their order. */
export const CONFORMANCE_CHECKS: readonly ConformanceCheck[] = [...CALL_CHECKS, ...STREAM_CHECKS];

/** Runs every check over a manifest. `told`: what the simulated provider is made of. */
export async function conformanceOf(manifest: Manifest, told: Manifest = manifest): Promise<ConformanceResult[]> {
  const bench = await ConformanceBench.start(manifest, told);
  try {
    const results: ConformanceResult[] = [];
    for (const { id, words, run } of CALL_CHECKS) {
      results.push({ check: id, words, stream: null, outcome: await outcomeOf(bench, () => run(bench)) });
    }
    for (const tested of bench.streams()) {
      for (const { id, words, ofStream } of STREAM_CHECKS) {
        const outcome = await outcomeOf(bench, () => ofStream(bench, tested), tested);
        results.push({ check: id, words, stream: tested.list.key, outcome });
      }
    }
    return [...results, ...unreadStreams(bench)];
  } finally {
    await bench.close();
  }
}

async function outcomeOf(
  bench: ConformanceBench,
  run: () => Promise<CheckOutcome>,
  tested?: TestedStream,
): Promise<CheckOutcome> {
  await bench.begin();
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof NoSuchRows)) throw error;
    const note = 'The simulator finds no row that these fields and `where` take: try the manifest with a recording.';
    return failed(note, ...(tested ? memberOf(tested, 'fields') : ['streams']));
  }
}

function unreadStreams({ manifest, told }: ConformanceBench): ConformanceResult[] {
  const missing = told.streams.filter(({ key }) => !manifest.streams.some((stream) => stream.key === key));
  const { id: check, words } = LIST_CHECKS[0]!;
  return missing.map(({ key }) => ({
    check,
    words,
    stream: key,
    outcome: failed('The manifest has no such stream.', 'streams'),
  }));
}
