import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { environmentVariableNames } from '../src/platform/config';
import { readEnvExample } from './env-example';
import { readPromises } from './promises';

const root = path.resolve(__dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'src/sandbox/README.md',
  'deploy/helm/interlock/README.md',
  'deploy/systemd/README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.posix.join('docs', file.split(path.sep).join('/'))),
];

describe('README.md', () => {
  it('is read in five minutes', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(130);
  });
});

describe('docs/configuration.md', () => {
  const rows = [...read('docs/configuration.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)` +\| (?:`([^`]*)`)? *\|/gm)];

  it('names every variable of the schema, in its order', () => {
    expect(rows.map(([, name]) => name)).toEqual(environmentVariableNames());
  });

  it('shows the defaults that .env.example shows', () => {
    const example = read('.env.example');
    const defaults = readEnvExample(example);
    for (const [, name, value] of rows) {
      // commented out: an example of a variable that has no fixed default
      const hasDefault = example.includes(`\n${name}=`);
      expect([name, value]).toEqual([name, hasDefault ? defaults[name!] : undefined]);
    }
  });

  it('knows only commands that exist, and so do all documents', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/\bnpm (?:run (?:-s )?([a-z:-]+)|(test|start)\b)/g)].map(
        ([, run, short]) => run ?? short!,
      ),
    );
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('docs/promises.json', () => {
  const named = readPromises().flatMap(({ promises }) =>
    promises.flatMap(({ promise, tests }) =>
      Object.entries(tests).flatMap(([file, titles]) =>
        (titles.length > 0 ? titles : ['']).map((title) => ({ promise, file, title })),
      ),
    ),
  );

  it('names tests that exist', () => {
    const missing = named.filter(
      ({ file, title }) => !existsSync(path.join(root, file)) || !read(file).includes(title),
    );
    expect(missing).toEqual([]);
  });

  it('says each promise once, and no test stands for two', () => {
    const of = new Map<string, Set<string>>();
    for (const { promise, file, title } of named) {
      const test = `${file} ${title}`;
      of.set(test, (of.get(test) ?? new Set()).add(promise));
    }
    expect([...of].filter(([, promises]) => promises.size > 1)).toEqual([]);
    const promises = readPromises().flatMap((section) => section.promises.map(({ promise }) => promise));
    expect(new Set(promises).size).toBe(promises.length);
  });
});

describe.each(documents)('%s', (file) => {
  it('links to files that exist', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#|\/)([^)#\s]+)/g)].map(([, link]) => link!);
    const broken = links.filter((link) => !existsSync(path.resolve(root, path.dirname(file), link)));
    expect(broken).toEqual([]);
  });

  // `test/….spec.ts` “title of a test”
  it('names tests that exist', () => {
    const named = [...read(file).matchAll(/`((?:src|test|scripts)\/\S+spec\.ts)` “([^”]+)”/g)];
    // the lines of a document wrap, and so may the title
    const missing = named.filter(
      ([, where, title]) => !existsSync(path.join(root, where!)) || !read(where!).includes(title!.replace(/\s+/g, ' ')),
    );
    expect(missing.map(([text]) => text)).toEqual([]);
  });
});
