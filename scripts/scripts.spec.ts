import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { root, writeOrCheck } from './drift';
import { compareEnvironment, readEnvExample } from './env-example';
import { findMissingPackages } from './lock-file';
import { findRegistryHosts } from './registry-hosts';

interface Lock {
  [where: string]: { version?: string; integrity?: string; optional?: boolean; devOptional?: boolean };
}
const { isInstalled } = jest.requireActual<{ isInstalled(wanted: Lock | null, installed: Lock | null): boolean }>(
  './ensure-deps.cjs',
);

describe('ensure-deps', () => {
  const wanted: Lock = {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'x' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'y', optional: true },
  };
  const a = { version: '1.0.0', integrity: 'x' };

  it.each<[string, Lock | null, boolean]>([
    ['nothing installed', null, false],
    ['all installed', { ...wanted }, true],
    ['an optional package of another platform missing', { 'node_modules/a': a }, true],
    ['a package missing', {}, false],
    ['another version', { 'node_modules/a': { ...a, version: '1.0.1' } }, false],
    ['the same version with other contents', { 'node_modules/a': { ...a, integrity: 'z' } }, false],
    ['one package too many', { 'node_modules/a': a, 'node_modules/b': a }, true],
  ])('decides about %s', (_what, installed, verdict) => {
    expect(isInstalled(wanted, installed)).toBe(verdict);
  });

  it('finds this very installation complete', () => {
    const packages = (file: string): Lock =>
      (JSON.parse(readFileSync(path.resolve(__dirname, '..', file), 'utf8')) as { packages: Lock }).packages;
    expect(isInstalled(packages('package-lock.json'), packages('node_modules/.package-lock.json'))).toBe(true);
  });
});

describe('.env.example', () => {
  it('is read with its commented lines', () => {
    expect(readEnvExample('# A text with A=1 in it.\nA=1\n# B=two words\n#C=\n\nnot one')).toEqual({
      A: '1',
      B: 'two words',
      C: '',
    });
  });

  it.each([
    ['A=\nB=', ['A', 'B'], []],
    ['A=', ['A', 'B'], ['B is in the schema but not in .env.example.']],
    ['A=\nB=', ['A'], ['B is in .env.example but not in the schema.']],
    ['B=\nA=', ['A', 'B'], ['.env.example and the schema name the variables in a different order.']],
  ])('is compared with the schema: %j and %j', (example, schema, problems) => {
    expect(compareEnvironment(example, schema)).toEqual(problems);
  });
});

describe('registry hosts', () => {
  const host = ['registry', 'npmjs', 'org'].join('.');

  it.each([
    ['README.md', 'npm install', 0],
    ['README.md', `npm install --registry https://${host}`, 1],
    ['package-lock.json', '{"version": "1.0.0"}', 0],
    ['package-lock.json', '{"resolved": "https://mirror.example.com/a.tgz"}', 1],
    ['package-lock.json', `{"resolved": "https://${host}/a.tgz"}`, 2],
  ])('are found in %s: %s', (file, text, count) => {
    expect(findRegistryHosts(file, text)).toHaveLength(count);
  });
});

describe('the lock file', () => {
  it('lacks what is neither beside a package nor above it', () => {
    const packages = {
      '': { dependencies: { a: '1' }, optionalDependencies: { gone: '1' } },
      'node_modules/a': { dependencies: { inner: '1', above: '1' }, optionalDependencies: { 'a-darwin': '1' } },
      'node_modules/a/node_modules/inner': { dependencies: { above: '1', sibling: '1' } },
      'node_modules/a/node_modules/sibling': {},
      'node_modules/above': { dependencies: { inner: '1' } },
    };
    expect(findMissingPackages(packages)).toEqual([
      'package-lock.json lacks gone, which package.json may need on another platform.',
      'package-lock.json lacks a-darwin, which node_modules/a may need on another platform.',
      'package-lock.json lacks inner, which node_modules/above may need on another platform.',
    ]);
  });
});

describe('drift', () => {
  let folder: string;
  const argv = process.argv;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-drift-'))));
  afterEach(() => {
    process.argv = argv;
    process.exitCode = undefined;
    rmSync(folder, { recursive: true, force: true });
    jest.restoreAllMocks();
  });

  it.each([
    ['the same', 'text\n', undefined, 'up to date'],
    ['another', 'text\nmore\n', 1, 'line 2\n  - more'],
    ['a missing', null, 1, 'missing'],
  ])('tells %s file', (_what, present, exitCode, message) => {
    if (present !== null) writeFileSync(path.join(folder, 'file'), present);
    const lines: string[] = [];
    for (const method of ['log', 'error'] as const) {
      jest.spyOn(console, method).mockImplementation((...words: unknown[]) => void lines.push(words.join(' ')));
    }
    process.argv = ['node', 'drift', '--check'];
    writeOrCheck(path.relative(root, path.join(folder, 'file')), 'text\n', 'npm run it');
    expect(process.exitCode).toBe(exitCode);
    expect(lines.join('\n')).toContain(message);
  });
});

describe('npm start', () => {
  it('hands a signal on to the service: no shell stands between', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-npm-start-'));
    try {
      const { scripts } = JSON.parse(readFileSync(path.resolve(root, 'package.json'), 'utf8')) as {
        scripts: { start: string };
      };
      const start = scripts.start.replace('scripts/launch.cjs main.js', 'service.cjs');
      writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ scripts: { start } }));
      writeFileSync(
        path.join(folder, 'service.cjs'),
        `process.on('SIGTERM', () => { console.log('draining'); process.exit(0); });
         setTimeout(() => process.exit(1), 20_000);
         console.log('up');`,
      );
      const npm = spawn('npm', ['start', '--silent'], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
      let output = '';
      npm.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (text.includes('up')) npm.kill('SIGTERM');
      });
      await new Promise((resolve) => npm.once('close', resolve));
      expect(output).toContain('draining');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 30_000);
});

describe('the image', () => {
  const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');

  it('has a Dockerfile that a linter finds nothing in', () => {
    expect(validate(text).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
    expect(validate(text.replace('EXPOSE 3000', 'EXPOSE http'))).toHaveLength(1);
  });

  it('runs the Node that lasts longest, as a user that Kubernetes can tell from root, and says how it is', () => {
    const [build, run] = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect([build, run]).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim']);
    expect(text).toMatch(/^USER 1000:1000$/m);
    expect(text).toMatch(/^HEALTHCHECK .*\n.*health\/live/m);
  });

  it('is built from files that its context holds', () => {
    const lines = (file: string): string[] => readFileSync(path.join(root, file), 'utf8').split('\n');
    const held = new Set(lines('.dockerignore').flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : [])));
    const copied = lines('Dockerfile').flatMap((line) =>
      /^COPY (?!--from)/.test(line) ? line.split(' ').slice(1, -1) : [],
    );
    expect(copied).toContain('scripts/build.cjs');
    expect(copied.filter((file) => !held.has(file))).toEqual([]);
    // what build.cjs needs of its neighbours is copied beside it
    const needed = ['build.cjs', 'bundle.cjs', 'console.cjs', 'ensure-deps.cjs'].flatMap((name) =>
      [...readFileSync(path.join(root, 'scripts', name), 'utf8').matchAll(/require\('\.\/([^']+)'\)/g)].map(
        ([, neighbour]) => `scripts/${neighbour}`,
      ),
    );
    expect(needed.filter((file) => !copied.includes(file))).toEqual([]);
  });
});
