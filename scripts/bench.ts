import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../bench/support/benchmark';
import { lineOf, machine, machineText, tableOf, type Line } from '../bench/support/report';
import { TARGETS } from '../bench/targets';
import { commandLine, CommandLineError, runCommand, wholeNumber } from './command-line';

const folder = path.resolve(__dirname, '../bench');
const BENCHMARKS = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'targets.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();
const OPTIONS = {
  json: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  runs: { type: 'string' },
} as const;
const USAGE = `npm run bench -- [names]   each in a process and on servers of its own, one after the other; one table
  names: ${BENCHMARKS.join(', ')}
  --runs N     how often each is measured
  --quick      small sizes: they show that the benchmarks work, and judge nothing
  --strict     ends with 1 when a target is missed too
  --json       for scripts
  --rows N     a size of a benchmark that is named`;

interface Wishes {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly strict: boolean;
  readonly quick: boolean;
  readonly forwarded: readonly string[];
}

function wishes(): Wishes {
  // what is no option of all benchmarks is a size, which the named ones take or refuse
  const { tokens } = parseArgs({ args: process.argv.slice(2), options: OPTIONS, strict: false, tokens: true });
  const sizes = tokens.flatMap((each) => (each.kind === 'option' && !(each.name in OPTIONS) ? each.name : []));
  const { values, positionals } = commandLine(USAGE, {
    allowPositionals: true,
    options: { ...OPTIONS, ...Object.fromEntries(sizes.map((name) => [name, { type: 'string' }] as const)) },
  });
  const stranger = positionals.find((name) => !BENCHMARKS.includes(name));
  if (stranger !== undefined) throw new CommandLineError(`There is no benchmark ${stranger}.\n\n${USAGE}`);
  if (positionals.length === 0 && sizes.length > 0) {
    throw new CommandLineError(`--${sizes[0]} is no option of all benchmarks.\n\n${USAGE}`);
  }
  const { json, strict, quick, ...numbers } = values;
  return {
    names: positionals.length > 0 ? positionals : BENCHMARKS,
    json,
    strict,
    quick,
    forwarded: [
      ...(quick ? ['--quick'] : []),
      ...Object.entries(numbers).map(([name, value]) => `--${name}=${wholeNumber(name, String(value), 1)}`),
    ],
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
  const wished = wishes();
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
    if (wished.quick) console.log('Quick sizes: they show that the benchmarks work, and rate nothing.');
    if (failed.length > 0) console.log(`Failed: ${failed.join(', ')}`);
  }
  return failed.length > 0 || (wished.strict && lines.some(({ met }) => met === false)) ? 1 : 0;
}

runCommand(main);
