import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { BUILT_IN_IDS } from '../src/providers';

const SRC = path.resolve(__dirname, '../src');
/** Where a provider may be named: its own folders and the lists that everything else is made from. */
const MAY = [
  ...BUILT_IN_IDS.flatMap((id) => [`providers/${id}/`, `sandbox/${id}/`]),
  ...['providers/catalogue.ts', 'providers/adapters.ts', 'providers/provider-facts.ts', 'sandbox/simulators.ts'],
  // generated
  'admin/console/api-types.ts',
];

/** Lines of the service that name a provider in code: not in a comment, not in an example of the document. */
function linesThatName(id: string): string[] {
  const name = new RegExp(`(['"\`])${id}\\1|\\b${id}:|\\.${id}\\b(?!\\.)`);
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.tsx?$/.test(file) && !/\.spec\.ts$/.test(file) && !MAY.some((place) => file.startsWith(place)))
    .flatMap((file) =>
      readFileSync(path.join(SRC, file), 'utf8')
        .split('\n')
        // `terminal: true` is an option of Node's readline
        .map((line) => line.replace(/example: '[^']*'|terminal: true/, '').replace(/^\s*(\/?\*|\/\/).*/, ''))
        .filter((line) => name.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
}

describe('a provider', () => {
  it.each(BUILT_IN_IDS)('%s is named by its own folders and four lists alone: nothing branches on it', (id) => {
    expect(linesThatName(id)).toEqual([]);
  });

  it('is found by that search where it stands', () => {
    const catalogue = readFileSync(path.join(SRC, 'providers/catalogue.ts'), 'utf8');
    for (const id of BUILT_IN_IDS) expect(catalogue).toMatch(new RegExp(`\\b${id}'?: \\{`));
  });
});
