import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * npm run profile -- file.cpuprofile…: where the time of a process went, by package, by file of ours and by function, as
 * shares of the time in which it was not idle. `node --cpu-prof` writes such files, and so does BENCH_CPU_PROFILE=folder.
 */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const TOP = 15;
const root = path.resolve(__dirname, '..');
const IDLE = new Set(['(idle)', '(program)']);

function placeOf(url: string, functionName: string): { group: string; file: string } {
  if (url === '') return { group: functionName, file: functionName };
  if (url.startsWith('node:')) return { group: 'node', file: url };
  const file = path.relative(root, url.replace(/^file:\/\//, ''));
  const parts = file.split(path.sep);
  const at = parts.lastIndexOf('node_modules');
  if (at === -1) return { group: 'ours', file };
  const name = parts[at + 1]!.startsWith('@') ? `${parts[at + 1]}/${parts[at + 2]}` : parts[at + 1]!;
  return { group: name, file: name };
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
    const { functionName, url, lineNumber } = byId.get(id)!;
    if (IDLE.has(functionName)) continue;
    const took = timeDeltas[at] ?? 0;
    const place = placeOf(url, functionName);
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
