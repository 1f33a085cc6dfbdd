import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root as ownRoot } from '../drift';

/** A wish that cannot be granted; the message is for the person at the keyboard. */
export class NewProviderError extends Error {}

export interface NewProvider {
  /** Kebab-case: the provider's id everywhere. */
  readonly id: string;
  /** As people write it; made from the id unless told. */
  readonly name?: string | undefined;
}

/** Members of a sandbox and names that the generated classes would share with others. */
const RESERVED = ['router', 'credentials', 'reference', 'now', 'control', 'constructor', 'provider', 'interlock'];

const TEMPLATES = path.join(__dirname, 'templates');

/** What becomes of each template; `{}` stands for the id. */
const NEW_FILES: Readonly<Record<string, string>> = {
  'src/providers/{}/{}.adapter.ts': 'adapter.ts.txt',
  'src/providers/{}/{}-client.ts': 'client.ts.txt',
  'src/providers/{}/{}-customers.ts': 'customers.ts.txt',
  'src/sandbox/{}/{}-behaviour.ts': 'behaviour.ts.txt',
  'src/sandbox/{}/{}-customer-rows.ts': 'customer-rows.ts.txt',
  'test/contract/provider-subjects/{}.subject.ts': 'subject.ts.txt',
};

/**
 * Writes a provider that type-checks, starts, and fails where its author must fill in. All or nothing: what stands in
 * the way is found before the first file is written. Answers with the files written, relative to `root`.
 */
export function writeProvider(root: string, { id, name }: NewProvider): string[] {
  const words = wordsOf(root, id, name);
  const fill = (text: string): string =>
    Object.entries(words).reduce((filled, [mark, word]) => filled.replaceAll(mark, word), text);
  const template = (file: string): string => fill(readFileSync(path.join(TEMPLATES, file), 'utf8'));
  const files = new Map<string, string>();
  for (const [place, source] of Object.entries(NEW_FILES)) files.set(place.replaceAll('{}', id), template(source));
  const edit = (file: string, change: (text: string) => string): void =>
    void files.set(file, change(readFileSync(path.join(root, file), 'utf8')));
  edit('src/providers/catalogue.ts', (text) =>
    inserted(text, '} satisfies Record<string, ProviderFacts>;', template('catalogue-entry.ts.txt')),
  );
  edit('src/providers/adapters.ts', (text) =>
    inserted(
      imported(text, fill(`import { __Pascal__Adapter } from './__id__/__id__.adapter';`)),
      '};',
      fill(`'__id__': __Pascal__Adapter,\n`),
    ),
  );
  edit('src/sandbox/simulators.ts', (text) =>
    inserted(
      imported(text, fill(`import { __camel__Behaviour, __camel__Definition } from './__id__/__id__-behaviour';`)),
      '} satisfies Record<string, SimulatorParts>;',
      fill(`'__id__': { definition: __camel__Definition, behaviour: __camel__Behaviour },\n`),
    ),
  );
  for (const [file, text] of files) {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  formatFiles(root, [...files.keys()]);
  return [...files.keys()];
}

/** Names of all lengths break lines in other places. */
function formatFiles(root: string, files: readonly string[]): void {
  const prettier = path.join(ownRoot, 'node_modules/prettier/bin/prettier.cjs');
  const config = path.join(ownRoot, '.prettierrc');
  const { status, stderr } = spawnSync(process.execPath, [prettier, '--config', config, '--write', ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`prettier could not format what was written:\n${stderr}`);
}

function wordsOf(root: string, id: string, name: string | undefined): Record<string, string> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length < 2 || id.length > 32) {
    throw new NewProviderError(
      `${JSON.stringify(id)} is no id: 2 to 32 small letters, digits and single hyphens, such as acme-fit.`,
    );
  }
  if (RESERVED.includes(id)) throw new NewProviderError(`${id} is reserved; take another id.`);
  const taken = [`src/providers/${id}`, `src/sandbox/${id}`, `test/contract/provider-subjects/${id}.subject.ts`];
  const there = taken.find((place) => existsSync(path.join(root, place)));
  if (there !== undefined) throw new NewProviderError(`${there} is there already; nothing was written.`);
  const pascal = id.replace(/(?:^|-)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
  const shown =
    name?.trim() ??
    id.replace(/(^|-)([a-z0-9])/g, (_match, gap: string, letter: string) => (gap ? ' ' : '') + letter.toUpperCase());
  if (!/^[\p{L}\p{N}][\p{L}\p{N} .&+-]{0,63}$/u.test(shown)) {
    throw new NewProviderError('--name takes 1 to 64 letters, digits, blanks and . & + -');
  }
  return {
    __id__: id,
    __Name__: shown,
    __Pascal__: pascal,
    __camel__: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    __key__: `sandbox-${id}-key-${createHash('sha256').update(id).digest('hex').slice(0, 10)}`,
  };
}

/** Before the first line that ends the list. */
function inserted(text: string, end: string, entry: string): string {
  const at = text.indexOf(`\n${end}\n`);
  if (at < 0) throw new NewProviderError(`There is no line ${end} to put the entry before; nothing was written.`);
  return `${text.slice(0, at + 1)}${entry}${text.slice(at + 1)}`;
}

function imported(text: string, line: string): string {
  const at = text.lastIndexOf('\nimport ') + 1;
  return `${text.slice(0, at)}${line}\n${text.slice(at)}`;
}
