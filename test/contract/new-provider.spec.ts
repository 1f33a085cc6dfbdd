import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { NewProviderError, writeProvider } from '../../scripts/new-provider/write-provider';
import { BUILT_IN_IDS as KNOWN } from '../../src/providers';
import type { Bench, Check, ConformanceSubject } from './provider-conformance';

const ROOT = path.resolve(__dirname, '../..');
const ID = 'acme-fit';
const START = Date.UTC(2026, 6, 15, 9, 30, 0);

let copy: string;
let written: string[];

/** A module of the copy. */
const load = <T>(file: string): T => require(path.join(copy, file)) as T;

beforeAll(() => {
  copy = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'new-provider-'));
  for (const folder of ['src', 'test', 'bench', 'scripts', 'sdk'])
    cpSync(path.join(ROOT, folder), path.join(copy, folder), { recursive: true });
  for (const file of ['package.json', 'tsconfig.json', 'ormconfig.ts', 'openapi.json', 'openapi-admin.json'])
    cpSync(path.join(ROOT, file), path.join(copy, file));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  written = writeProvider(copy, { id: ID });
}, 60_000);

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The words after FILL IN, wherever they stand in what was written. */
function marks(): string[] {
  return written.flatMap((file) => {
    const text = readFileSync(path.join(copy, file), 'utf8');
    const thrown = [...text.matchAll(/'FILL IN ([^']+)'/g)].map(([, words]) => words!);
    const helped = [...text.matchAll(/fillIn\('([^']+)'\)/g)].map(([, words]) => `${path.basename(file)}: ${words}`);
    return [...thrown, ...helped];
  });
}

describe('a provider that was just generated', () => {
  it('stands in its own two folders, its subject, and three lists', () => {
    expect(written).toEqual([
      ...['.adapter', '-client', '-customers'].map((part) => `src/providers/${ID}/${ID}${part}.ts`),
      ...['-behaviour', '-customer-rows'].map((part) => `src/sandbox/${ID}/${ID}${part}.ts`),
      `test/contract/provider-subjects/${ID}.subject.ts`,
      ...['src/providers/catalogue.ts', 'src/providers/adapters.ts', 'src/sandbox/simulators.ts'],
    ]);
  });

  it('type-checks and passes the linter', () => {
    const tsc = spawnSync('npx', ['tsc', '--noEmit'], { cwd: copy, encoding: 'utf8' });
    expect(tsc.stdout).toBe('');
    expect(tsc.status).toBe(0);
    const files = written.map((file) => path.join(copy, file));
    const lint = spawnSync('npx', ['oxlint', '--deny-warnings', ...files], { cwd: ROOT, encoding: 'utf8' });
    expect({ status: lint.status, text: lint.status === 0 ? '' : lint.stdout }).toEqual({ status: 0, text: '' });
    const prettier = spawnSync('npx', ['prettier', '--config', '.prettierrc', '--check', ...files], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(prettier.status).toBe(0);
  }, 240_000);

  it('is one that the service starts with: catalogue and adapters agree', () => {
    const { ProviderRegistry, BUILT_IN_IDS } = load<typeof import('../../src/providers')>('src/providers/index.ts');
    const { createAdapters } = load<typeof import('../../src/providers/adapters')>('src/providers/adapters.ts');
    const registry = new ProviderRegistry(createAdapters({ liveHosts: {}, paths: {} }));
    expect(BUILT_IN_IDS).toEqual([...KNOWN, ID]);
    expect(registry.get(ID).adapter.id).toBe(ID);
    expect(registry.get(ID).entry).toMatchObject({ id: ID, name: 'Acme Fit', resources: ['customers'] });
  });

  it('fails in conformance, and only where something is to be filled in', async () => {
    const suite = load<{ Bench: typeof Bench; CHECKS: readonly Check[] }>('test/contract/provider-conformance.ts');
    const { subject } = load<{ subject: ConformanceSubject }>(`test/contract/provider-subjects/${ID}.subject.ts`);
    const { startSandboxServer } = load<typeof import('../../src/sandbox')>('src/sandbox/index.ts');
    const clock = { nowMs: START };
    const server = await startSandboxServer({ reference: START, now: () => clock.nowMs });
    // Express reports what breaks behind its own error handler
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const passed: string[] = [];
    const failed: string[] = [];
    try {
      for (const check of suite.CHECKS.filter(({ applies }) => applies?.(subject) ?? true)) {
        const bench = new suite.Bench(subject, server, clock);
        try {
          await check.run(bench);
          passed.push(check.name);
        } catch (error) {
          failed.push((bench.simulator.crash ?? (error as Error)).message);
        } finally {
          await bench.close();
        }
      }
    } finally {
      jest.restoreAllMocks();
      await server.close();
    }
    const known = marks();
    expect(known.length).toBeGreaterThan(15);
    const strangers = failed.filter(
      (message) => !known.some((words) => message.includes(words)) && !message.includes('FILL IN catalogue.ts'),
    );
    expect(strangers).toEqual([]);
    expect(failed.length).toBeGreaterThan(40);
    // what needs nothing but the shape of the adapter, or has no such stream to look at
    expect(passed.length).toBeLessThan(20);
  }, 120_000);
});

describe('npm run new:provider', () => {
  it.each<[string, RegExp]>([
    ['Acme', /"Acme" is no id: 2 to 32 small letters/],
    ['acme_fit', /is no id/],
    ['-acme', /is no id/],
    ['acme--fit', /is no id/],
    ['a', /is no id/],
    ['a'.repeat(33), /is no id/],
    ['../acme', /is no id/],
    ['router', /router is reserved/],
    ['wodify', /src\/providers\/wodify is there already; nothing was written/],
    ['http', /src\/providers\/http is there already/],
    [ID, /is there already/],
  ])('refuses %s and writes nothing', (id, words) => {
    const folders = ['src/providers', 'src/sandbox', 'test/contract/provider-subjects'];
    const before = folders.map((folder) => readdirSync(path.join(copy, folder)));
    expect(() => writeProvider(copy, { id })).toThrow(words);
    expect(() => writeProvider(copy, { id })).toThrow(NewProviderError);
    expect(folders.map((folder) => readdirSync(path.join(copy, folder)))).toEqual(before);
  });

  it('refuses a name that would break the code, and writes nothing where a list has lost its end', () => {
    expect(() => writeProvider(copy, { id: 'other', name: "A'; drop" })).toThrow('--name takes');
    const list = path.join(copy, 'src/sandbox/simulators.ts');
    const text = readFileSync(list, 'utf8');
    writeFileSync(list, text.replace('} satisfies', '} as'));
    expect(() => writeProvider(copy, { id: 'other' })).toThrow('nothing was written');
    writeFileSync(list, text);
    expect(readdirSync(path.join(copy, 'src/providers'))).not.toContain('other');
  });
});
