import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root, writeOrCheck } from './drift';

export interface PromiseSection {
  readonly title: string;
  readonly promises: readonly {
    readonly promise: string;
    /** Titles of tests by the file that has them; none: the whole file. */
    readonly tests: Readonly<Record<string, readonly string[]>>;
  }[];
}

export const PROMISES = 'docs/promises.json';

export function readPromises(): PromiseSection[] {
  return JSON.parse(readFileSync(path.join(root, PROMISES), 'utf8')) as PromiseSection[];
}

function pageOf(sections: readonly PromiseSection[]): string {
  const parts = sections.map(({ title, promises }) => {
    const lines = promises.flatMap(({ promise, tests }) => [
      `- ${promise}`,
      ...Object.entries(tests).map(([file, titles]) => `  - ${testText(file, titles)}`),
    ]);
    return [`## ${title}`, '', ...lines, ''].join('\n');
  });
  return `${HEADER}\n${parts.join('\n')}`;
}

function testText(file: string, titles: readonly string[]): string {
  return [`\`${file}\``, ...titles.map((title) => `“${title}”`)].join(' ');
}

const HEADER = `<!-- generated from ${PROMISES} by \`npm run promises\`; edit the JSON, not this page -->

# Promises, and the tests that hold them

Each promise names the test that fails when it is broken. A file without a title stands for all its tests.
`;

if (require.main === module) writeOrCheck('docs/promises.md', pageOf(readPromises()), 'npm run promises');
