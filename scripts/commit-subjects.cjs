// npm run commits -- [base]: the subjects of the commits since then, `area: what it does`, at most 72 characters.
'use strict';
const { execFileSync } = require('node:child_process');
const path = require('node:path');

const MOST_CHARACTERS = 72;
const FORM = /^[a-z0-9][a-z0-9./-]*(, [a-z0-9./-]+)*: [a-z0-9`].*[^.]$/;
const base = process.argv[2] ?? 'HEAD~10';
const log = execFileSync('git', ['log', '--no-merges', '--format=%h %s', `${base}..HEAD`], {
  cwd: path.resolve(__dirname, '..'),
  encoding: 'utf8',
});
const wrong = log.split('\n').filter((line) => {
  const subject = line.slice(line.indexOf(' ') + 1);
  return line !== '' && (subject.length > MOST_CHARACTERS || !FORM.test(subject));
});
for (const line of wrong) console.log(`Not "area: what it does" in at most ${MOST_CHARACTERS} characters: ${line}`);
if (wrong.length > 0) process.exit(1);
