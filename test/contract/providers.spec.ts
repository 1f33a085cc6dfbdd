import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_IDS } from '../../src/providers';
import { startSandboxServer, type SandboxServer } from '../../src/sandbox';
import { Bench, CHECKS, type ConformanceSubject } from './provider-conformance';
import { MUTANTS } from './provider-conformance/mutants';

const SUBJECTS_DIR = join(__dirname, 'provider-subjects');
/** Every subject in the folder: a new provider's file is found without touching this one. */
const subjects = readdirSync(SUBJECTS_DIR)
  .filter((file) => file.endsWith('.subject.ts'))
  .map((file) => (require(join(SUBJECTS_DIR, file)) as { subject: ConformanceSubject }).subject);

const START = Date.UTC(2026, 6, 15, 9, 30, 0);
const clock = { nowMs: START };
let server: SandboxServer;

beforeAll(async () => {
  const unlimited = Object.fromEntries(BUILT_IN_IDS.map((id) => [id, { settings: { ratePerSecond: 0 } }]));
  server = await startSandboxServer({ ...unlimited, reference: START, now: () => clock.nowMs });
});

afterAll(() => server.close());

/** A subject that is not filled in yet fails in its own tests, not before all others. */
function applies(what: { applies?: (subject: ConformanceSubject) => boolean }, subject: ConformanceSubject): boolean {
  try {
    return what.applies?.(subject) ?? true;
  } catch {
    return true;
  }
}

async function withBench(
  subject: ConformanceSubject,
  mutate: ConstructorParameters<typeof Bench>[3],
  work: (bench: Bench) => Promise<void>,
) {
  clock.nowMs = START;
  const bench = new Bench(subject, server, clock, mutate);
  try {
    await work(bench).catch((error: unknown) => {
      // the adapter only saw a 500
      throw bench.simulator.crash ?? error;
    });
  } finally {
    await bench.close();
  }
}

it('every provider of the catalogue has a subject here', () => {
  expect(subjects.map(({ provider }) => provider).sort()).toEqual([...BUILT_IN_IDS].sort());
});

it('has at least 40 checks, each with a name of its own', () => {
  expect(CHECKS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
});

describe.each(subjects.map((subject) => [subject.provider, subject] as const))('%s', (_provider, subject) => {
  it.each(CHECKS.filter((check) => applies(check, subject)).map((check) => [check.name, check] as const))(
    '%s',
    (_name, check) => withBench(subject, undefined, (bench) => check.run(bench)),
  );
});

describe('planted bugs', () => {
  it('are at least ten', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(10);
  });

  describe.each(MUTANTS.map((mutant) => [mutant.bug, mutant] as const))('%s', (_bug, mutant) => {
    const carriers = subjects.filter((subject) => applies(mutant, subject));
    it.each(carriers.map((subject) => [subject.provider, subject] as const))(
      `in %s is caught by "${mutant.caughtBy}"`,
      async (_provider, subject) => {
        const check = CHECKS.find(({ name }) => name === mutant.caughtBy)!;
        await withBench(subject, undefined, (bench) => check.run(bench));
        await expect(withBench(subject, mutant.plant, (bench) => check.run(bench))).rejects.toThrow();
      },
    );
  });
});
