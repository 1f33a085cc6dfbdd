import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runProgram } from './process';
import type { FileScore } from './report';

interface StrykerReport {
  readonly files: Record<
    string,
    {
      readonly source: string;
      readonly mutants: readonly {
        readonly status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'CompileError' | 'RuntimeError' | 'Ignored';
        readonly replacement?: string;
        readonly location: { readonly start: Place; readonly end: Place };
      }[];
    }
  >;
}
interface Place {
  readonly line: number;
  readonly column: number;
}

/** The mutants of StrykerJS and the unit tests that import the file. null: not within the time. */
export async function scoreByUnitTests(
  root: string,
  file: string,
  suites: readonly string[],
  withinMs: number,
): Promise<FileScore | null> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-mutants-'));
  const configuration = path.join(folder, 'stryker.json');
  const report = path.join(folder, 'report.json');
  try {
    await writeFile(
      configuration,
      JSON.stringify({
        testRunner: 'jest',
        plugins: ['@stryker-mutator/jest-runner'],
        jest: { configFile: 'scripts/mutants/jest.cjs', projectType: 'custom', enableFindRelatedTests: false },
        coverageAnalysis: 'perTest',
        concurrency: 1,
        mutate: [file],
        // texts for people; a code in the wrong words is caught by the compiler
        mutator: { excludedMutations: ['StringLiteral'] },
        reporters: ['json'],
        jsonReporter: { fileName: report },
        tempDirName: path.join(folder, 'sandbox'),
        allowEmpty: true,
      }),
    );
    const stryker = path.join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js');
    const env = { MUTANT_SUITES: suites.join(',') };
    const { code, output } = await runProgram([stryker, 'run', configuration], { cwd: root, env, withinMs });
    if (code === null) return null;
    if (code !== 0) throw new Error(`Stryker failed on ${file}:\n${output}`);
    return scoreOf(file, JSON.parse(await readFile(report, 'utf8')) as StrykerReport);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function scoreOf(file: string, report: StrykerReport): FileScore {
  const { mutants = [], source = '' } = report.files[file] ?? {};
  const judged = mutants.filter(({ status }) => !/Error|Ignored/.test(status));
  const survived = judged.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const text = ({ start, end }: { start: Place; end: Place }): string => {
    const lines = source.split('\n').slice(start.line - 1, end.line);
    lines[lines.length - 1] = lines.at(-1)!.slice(0, end.column - 1);
    lines[0] = lines[0]!.slice(start.column - 1);
    return lines.join(' ');
  };
  return {
    file,
    kind: 'unit',
    mutants: judged.length,
    caught: judged.length - survived.length,
    survivors: survived.map(({ location, replacement = '' }) => ({
      line: location.start.line,
      from: shown(text(location)),
      to: shown(replacement),
    })),
  };
}

function shown(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 100);
}
