import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { root } from './drift';
import { NewProviderError, writeProvider } from './new-provider/write-provider';

const USAGE = `npm run new:provider <id> -- [--name <name>]

Writes the adapter, the simulator, the catalogue entry and the conformance subject of a further provider. They type-check and
start; they fail only where FILL IN stands. docs/adding-a-provider.md tells what to do then.

  <id>      2 to 32 small letters, digits and single hyphens, such as acme-fit
  --name    as people write it (made from the id)
  --help    this text`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(USAGE);
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new NewProviderError(`One id is needed.\n\n${USAGE}`);
  const files = writeProvider(root, { id, name: values.name });
  // the ids stand in the document and in the types made from it
  const { status } = spawnSync('npm', ['run', '--silent', 'openapi'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  console.log(`Written:\n${files.map((file) => `  ${file}`).join('\n')}\n
To fill in:  grep -rn "FILL IN" src test
To prove it: npx jest test/contract/providers.spec.ts -t ${id}
The way in:  docs/adding-a-provider.md`);
  if (status !== 0) throw new NewProviderError('openapi.json could not be written: run npm run openapi.');
}

try {
  main();
} catch (error) {
  const expected = error instanceof NewProviderError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
}
