import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import type { Mutant } from './mutant';
import { shown } from './mutations';

/** Texts are for people; a code in the wrong words is caught by the compiler. */
const EXCLUDED = ['StringLiteral'];
const silent = { isDebugEnabled: () => false, debug: () => undefined, info: () => undefined };

/** The mutants that StrykerJS makes of files, with the unit tests that import them, and the files with its switches. */
export async function strykerMutants(
  root: string,
  suites: ReadonlyMap<string, readonly string[]>,
): Promise<{ mutants: Mutant[]; switched: Map<string, string> }> {
  const sources = new Map([...suites.keys()].map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
  const instrumenter = new Instrumenter(silent as unknown as ConstructorParameters<typeof Instrumenter>[0]);
  const instrumented = await instrumenter.instrument(
    [...sources].map(([name, content]) => ({ name, mutate: true, content })),
    { plugins: null, excludedMutations: EXCLUDED, ignorers: [], noHeader: true },
  );
  const mutants = instrumented.mutants
    .filter(({ status }) => status !== 'Ignored')
    .map(({ id, fileName: file, location, replacement }): Mutant => {
      const source = sources.get(file)!;
      const [start, end] = [offsetOf(source, location.start), offsetOf(source, location.end)];
      const [from, to] = [shown(source.slice(start, end)), shown(replacement)];
      const line = location.start.line + 1;
      return {
        id: `stryker ${id}`,
        file,
        kind: 'unit',
        suites: suites.get(file)!,
        line,
        from,
        to,
        start,
        end,
        text: replacement,
      };
    });
  return { mutants, switched: new Map(instrumented.files.map(({ name, content }) => [name, content])) };
}

function offsetOf(source: string, { line, column }: { line: number; column: number }): number {
  let at = 0;
  for (let passed = 0; passed < line; passed++) at = source.indexOf('\n', at) + 1;
  return at + column;
}
