import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Result } from '../bench/support/benchmark';
import { lineOf, machine, machineText, tableOf, type Line } from '../bench/support/report';
import { TARGETS } from '../bench/targets';

/**
 * npm run bench [-- name…] [--json] [--strict] [--quick] [--runs N] [a benchmark's own sizes, like --rows N]: runs
 * every benchmark, or those named, one after the other, each in a process and on servers of its own, and prints one
 * table. Ends with 1 when a benchmark fails, with --strict also when a target is missed.
 */
const folder = path.resolve(__dirname, '../bench');

interface Wishes {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly strict: boolean;
  readonly quick: boolean;
  readonly forwarded: readonly string[];
}

function wishes(args: readonly string[]): Wishes {
  const known = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && file !== 'targets.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
  const firstOption = args.findIndex((each) => each.startsWith('--'));
  const names = firstOption === -1 ? args : args.slice(0, firstOption);
  const options = firstOption === -1 ? [] : args.slice(firstOption);
  const stranger = names.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new Error(`There is no benchmark ${stranger}; there are: ${known.join(', ')}`);
  return {
    names: names.length > 0 ? names : known,
    json: options.includes('--json'),
    strict: options.includes('--strict'),
    quick: options.includes('--quick'),
    forwarded: options.filter((each) => each !== '--json' && each !== '--strict'),
  };
}

/** Its results; null when it failed, or kept one of its targets to itself. */
async function run(name: string, { json, quick, forwarded }: Wishes): Promise<Line[] | null> {
  if (!json) console.log(`\n# ${name}`);
  const lines: Line[] = [];
  const child = fork(path.join(folder, `${name}.ts`), forwarded, {
    execArgv: ['-r', path.join(__dirname, 'register.cjs')],
    // raw figures and progress: beside the JSON, never in it
    stdio: ['ignore', json ? process.stderr : 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (result) => lines.push(lineOf(result as Result, quick)));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) return null;
  const missing = Object.entries(TARGETS).filter(
    ([id, { bench }]) => bench === name && !lines.some((each) => each.id === id),
  );
  if (missing.length === 0) return lines;
  console.error(`${name} did not report ${missing.map(([id]) => id).join(', ')}`);
  return null;
}

async function main(): Promise<number> {
  const wished = wishes(process.argv.slice(2));
  const loadBefore = os.loadavg()[0]!;
  const lines: Line[] = [];
  const failed: string[] = [];
  for (const name of wished.names) {
    const reported = await run(name, wished);
    if (reported) lines.push(...reported);
    else failed.push(name);
  }
  const facts = machine(loadBefore);
  if (wished.json)
    console.log(JSON.stringify({ machine: facts, quick: wished.quick, results: lines, failed }, null, 2));
  else {
    console.log(`\n${tableOf(lines)}\n\n${machineText(facts)}`);
    if (wished.quick) console.log('Quick sizes: they show that the benchmarks work, and judge nothing.');
    if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`);
  }
  return failed.length > 0 || (wished.strict && lines.some(({ met }) => met === false)) ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
