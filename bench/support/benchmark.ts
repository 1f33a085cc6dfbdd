import { commandLine, runCommand, wholeNumber } from '../../scripts/command-line';
import type { TargetId } from '../targets';

/** One run's figures, both measured side by side. */
export interface Sample {
  readonly ours: number;
  readonly reference?: number;
}

/** What a benchmark tells its runner. */
export interface Result {
  readonly id: TargetId;
  readonly samples: readonly Sample[];
  /** Sizes and circumstances that belong to the figure. */
  readonly note?: string;
}

export interface Size {
  readonly full: number;
  /** For a smoke test: it shows that the benchmark works, not how fast anything is. */
  readonly quick: number;
}

export interface Bench<Name extends string> {
  /** How many times everything is measured. */
  readonly runs: number;
  readonly quick: boolean;
  readonly sizes: Readonly<Record<Name, number>>;
  /** One line of raw figures or progress. */
  log(line: string): void;
  report(id: TargetId, samples: readonly Sample[], note?: string): void;
}

/**
 * The body of a file in bench/: `--runs N`, `--quick` and each declared size (`--rows N`) are its options. Its results
 * go to the runner when there is one, and to standard output as JSON lines when the file is run alone.
 */
export function benchmark<Name extends string>(
  options: { readonly sizes?: Readonly<Record<Name, Size>>; readonly runs?: Size },
  work: (bench: Bench<Name>) => Promise<void>,
): void {
  const runs = options.runs ?? { full: 5, quick: 2 };
  const declared: Readonly<Record<string, Size>> = { ...options.sizes, runs };
  const pending: Promise<void>[] = [];
  const usage = ['--quick', ...Object.keys(declared).map((name) => `--${name} N`)].join('\n');
  const main = async (): Promise<number> => {
    const { values: given } = commandLine(usage, {
      options: {
        quick: { type: 'boolean', default: false },
        ...Object.fromEntries(Object.keys(declared).map((name) => [name, { type: 'string' as const }])),
      },
    });
    const values: Readonly<Record<string, string | boolean | undefined>> = given;
    const quick = values['quick'] === true;
    const sizes = Object.fromEntries(
      Object.entries(declared).map(([name, size]) => [
        name,
        wholeNumber(name, String(values[name] ?? size[quick ? 'quick' : 'full']), 1),
      ]),
    ) as Record<Name | 'runs', number>;
    await work({
      runs: sizes.runs,
      quick,
      sizes,
      log: (line) => console.log(line),
      report: (id, samples, note) => void pending.push(send({ id, samples, ...(note === undefined ? {} : { note }) })),
    });
    await Promise.all(pending);
    return 0;
  };
  runCommand(main);
}

/** Seconds that the work took. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function send(result: Result): Promise<void> {
  if (!process.send) {
    console.log(JSON.stringify(result));
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    process.send?.(result, undefined, undefined, (error) => (error ? reject(error) : resolve()));
  });
}
