import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

/**
 * npm run profile -- file.cpuprofile…: where the time of a process went, by package, by file of ours and by function,
 * as shares of the time in which it was not idle. `node --cpu-prof` writes such files, and so does
 * BENCH_CPU_PROFILE=folder.
 */
interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** Both from 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const TOP = 15;
const root = path.resolve(__dirname, '..');
const IDLE = new Set(['(idle)', '(program)']);

function placeOf({ functionName, url, lineNumber, columnNumber }: CallFrame): { group: string; file: string } {
  if (url === '') return { group: functionName, file: functionName };
  if (url.startsWith('node:')) return { group: 'node', file: url };
  const program = url.replace(/^file:\/\//, '');
  const file = path.relative(root, program);
  const parts = file.split(path.sep);
  const at = parts.lastIndexOf('node_modules');
  if (at === -1) return ofOurs(file, mapOf(program)?.findEntry(lineNumber, columnNumber));
  const name = parts[at + 1]!.startsWith('@') ? `${parts[at + 1]}/${parts[at + 2]}` : parts[at + 1]!;
  return { group: name, file: name };
}

/** A source, or what stands in a built program, whose map covers our own sources only. */
function ofOurs(file: string, entry: ReturnType<SourceMap['findEntry']> | undefined): { group: string; file: string } {
  if (entry === undefined) return { group: 'ours', file };
  if (!('originalSource' in entry) || !entry.originalSource) return { group: 'packages', file: 'packages' };
  return { group: 'ours', file: path.join(path.dirname(file), entry.originalSource) };
}

const maps = new Map<string, SourceMap | null>();

function mapOf(program: string): SourceMap | null {
  let map = maps.get(program);
  if (map === undefined) {
    const file = `${program}.map`;
    map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
    maps.set(program, map);
  }
  return map;
}

function summarise(file: string): void {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const sums = {
    group: new Map<string, number>(),
    file: new Map<string, number>(),
    function: new Map<string, number>(),
  };
  let busy = 0;
  for (const [at, id] of samples.entries()) {
    const frame = byId.get(id)!;
    const { functionName, lineNumber } = frame;
    if (IDLE.has(functionName)) continue;
    const took = timeDeltas[at] ?? 0;
    const place = placeOf(frame);
    busy += took;
    add(sums.group, place.group, took);
    if (place.group === 'ours') add(sums.file, place.file, took);
    add(sums.function, `${functionName || '(anonymous)'} ${place.file}:${lineNumber + 1}`, took);
  }
  console.log(`\n${path.basename(file)}: ${(busy / 1e6).toFixed(2)} s not idle`);
  for (const [title, sum] of Object.entries(sums)) {
    console.log(`  by ${title}`);
    for (const [name, took] of [...sum].sort((a, b) => b[1] - a[1]).slice(0, TOP)) {
      console.log(`    ${((took / busy) * 100).toFixed(1).padStart(5)} %  ${name}`);
    }
  }
}

function add(sum: Map<string, number>, name: string, took: number): void {
  sum.set(name, (sum.get(name) ?? 0) + took);
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('Say which files: npm run profile -- folder/*.cpuprofile');
  process.exitCode = 2;
}
for (const file of files) summarise(path.resolve(file));
