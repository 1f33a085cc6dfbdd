// `npm run bench [-- name [options]]`: runs one benchmark, or each of them after the other. Every benchmark stands alone in
// bench/, starts servers of its own and prints its ratio beside the raw figures of the same run.
'use strict';
const { readdirSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const folder = path.resolve(__dirname, '../bench');
const all = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();
const [chosen, ...options] = process.argv.slice(2);
if (chosen !== undefined && !all.includes(chosen)) {
  console.error(`There is no benchmark ${chosen}; there are: ${all.join(', ')}`);
  process.exit(1);
}
let failed = false;
for (const name of chosen === undefined ? all : [chosen]) {
  console.log(`\n# ${name}`);
  const { status } = spawnSync(
    process.execPath,
    ['-r', path.join(__dirname, 'register.cjs'), path.join(folder, `${name}.ts`), ...options],
    { stdio: 'inherit' },
  );
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
