import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { TARGETS } from '../../bench/targets';

const root = path.resolve(__dirname, '../..');

async function bench(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['-r', './scripts/register.cjs', 'scripts/bench.ts', ...args], { cwd: root });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

describe('npm run bench', () => {
  it('measures every target of a benchmark, and rates none by quick sizes', async () => {
    const { code, stdout, stderr } = await bench('sync', 'vault', '--quick', '--runs', '1', '--json', '--strict');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { results, failed, machine } = JSON.parse(stdout) as {
      results: { id: string; ratio: number | null; runs: number; met: boolean | null }[];
      failed: string[];
      machine: { cores: number };
    };
    const measured = Object.entries(TARGETS).filter(([, { bench }]) => bench === 'sync' || bench === 'vault');
    expect(results.map(({ id }) => id).sort()).toEqual(measured.map(([id]) => id).sort());
    for (const { ratio, runs, met } of results) {
      expect(ratio ?? 1).toBeGreaterThan(0);
      expect({ runs, met }).toEqual({ runs: 1, met: null });
    }
    expect(failed).toEqual([]);
    expect(machine.cores).toBeGreaterThan(0);
  }, 120_000);

  it('names what there is to one who asks for what there is not', async () => {
    const { code, stderr } = await bench('speed');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^There is no benchmark speed\.[^]* names: edge, http, /);
  });

  it('fails when a benchmark does', async () => {
    // it has no such size
    const { code, stdout } = await bench('vault', '--rows', '5', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ results: [], failed: ['vault'] });
  });

  it('has a target for every benchmark', () => {
    const files = readdirSync(path.join(root, 'bench')).filter((file) => file.endsWith('.ts') && file !== 'targets.ts');
    const named = new Set<string>(Object.values(TARGETS).map(({ bench }) => bench));
    expect(files.filter((file) => !named.has(path.basename(file, '.ts')))).toEqual([]);
  });
});
