import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findProgram } from '../test/support/optional-programs';

interface Reporter {
  onRunStart(): void;
  onRunComplete(): void;
  getLastError(): Error | undefined;
}
const LeftoversReporter =
  jest.requireActual<new (config: { watch: boolean; watchAll: boolean }, places: Record<string, string>) => Reporter>(
    './leftovers-reporter.cjs',
  );
const root = path.resolve(__dirname, '..');
const sources = ['src', 'test', 'bench', 'scripts'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join(folder, file)),
);

it('a start that fails ends no process: each NestFactory call says abortOnError: false', () => {
  const calls = sources.flatMap((file) =>
    readFileSync(path.join(root, file), 'utf8')
      .split(/NestFactory\.create\w*(?:<\w+>)?\(/)
      .slice(1)
      .map((rest) => [file, rest.slice(0, rest.indexOf(';'))] as const),
  );
  expect(calls.length).toBeGreaterThanOrEqual(6);
  expect(calls.filter(([, call]) => !call.includes('abortOnError: false')).map(([file]) => file)).toEqual([]);
});

it('no test file has more than 500 lines', () => {
  const linesOf = (file: string): number => readFileSync(path.join(root, file), 'utf8').trimEnd().split('\n').length;
  const tests = sources.filter((file) => file.endsWith('spec.ts'));
  expect(tests.length).toBeGreaterThan(200);
  expect(tests.map((file) => [file, linesOf(file)] as const).filter(([, lines]) => lines > 500)).toEqual([]);
});

describe('what tests leave behind', () => {
  let folder: string;
  let places: Record<string, string>;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-left-'));
    const names = ['root', 'home', 'temporary', 'checkout'];
    places = Object.fromEntries(names.map((name) => [name, path.join(folder, name)]));
    for (const place of Object.values(places)) mkdirSync(path.join(place, 'docs'), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const ci = process.env['CI'];
  afterEach(() => {
    if (ci === undefined) delete process.env['CI'];
    else process.env['CI'] = ci;
  });

  function runThat(makes: string, isCi = true): Error | undefined {
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
    process.env['CI'] = isCi ? 'true' : '';
    const reporter = new LeftoversReporter({ watch: false, watchAll: false }, places);
    reporter.onRunStart();
    mkdirSync(path.join(folder, makes), { recursive: true });
    reporter.onRunComplete();
    return reporter.getLastError();
  }

  it.each(['root/new', 'home/.new', 'temporary/new', 'checkout/new', 'checkout/docs/new'])(
    'fails the run when it is at %s',
    (makes) => {
      expect(runThat(makes)?.message).toContain(path.join(folder, makes));
    },
  );

  it('is told and fails nothing where others write too, on the machine of a person', () => {
    expect(['root/new', 'home/.new'].map((makes) => runThat(makes, false))).toEqual([undefined, undefined]);
    expect(['temporary/new', 'checkout/new'].map((makes) => runThat(makes, false) === undefined)).toEqual([
      false,
      false,
    ]);
  });

  it.each(['home/docs', 'checkout/dist/main.js', 'elsewhere'])('is nothing at %s', (makes) => {
    expect(runThat(makes)).toBeUndefined();
  });

  it('is not in the home or the temporary folder of who runs the tests: the run has its own', () => {
    expect(os.homedir()).not.toBe(os.userInfo().homedir);
    expect(path.dirname(os.homedir())).toBe(path.dirname(os.tmpdir()));
  });
});

describe('an optional program', () => {
  const before = { ...process.env };
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-programs-'))));
  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });
  const place = (file: string): string => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), '');
    chmodSync(path.join(folder, file), 0o755);
    return path.join(folder, file);
  };

  it.each(['bin/pgbouncer', 'sbin/pgbouncer'])('is found as %s', (file) => {
    const program = place(file);
    process.env['PATH'] = path.join(folder, 'bin');
    expect(findProgram('pgbouncer')).toBe(program);
  });

  it('is not there when the PATH has none, and is an error when it is required', () => {
    process.env = { PATH: folder };
    expect(findProgram('redis')).toBeNull();
    process.env['REQUIRE_REDIS'] = '1';
    expect(() => findProgram('redis')).toThrow(/redis-server is not on the PATH/);
  });
});
