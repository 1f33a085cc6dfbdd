import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { namesUsed, readCode, readMigrations, RELEASED } from './contractions/sources';
import { root } from './drift';
import { versionOf } from './release/artefacts';

// npm run released-names [-- tree]: what the release in the tree uses of the database, for the releases after it
const tree = path.resolve(process.argv[2] ?? root);
const migrations = readMigrations(tree);
const version = versionOf(path.relative(root, path.join(tree, 'package.json')));
const names = namesUsed(
  migrations.map(({ text }) => text),
  readCode(tree),
);
const released = { version, lastMigration: migrations.at(-1)!.number, names };
writeFileSync(path.join(root, RELEASED), `${JSON.stringify(released, null, 2)}\n`);
console.log(`${RELEASED}: ${names.length} names of ${version}.`);
