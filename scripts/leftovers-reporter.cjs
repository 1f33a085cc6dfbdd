// Tests write nowhere but in temporary folders of their own, and remove those: whatever else has appeared fails the
// run.
'use strict';
const { readdirSync, statSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const checkout = path.resolve(__dirname, '..');
/** Built by the tests of what is shipped, or not ours. */
const EXPECTED = new Set(['node_modules', '.git', 'dist', 'coverage', '.data']);

class LeftoversReporter {
  #before = new Map();
  #found = [];
  #told = [];

  /** The temporary folder is the run's own (test/support/run-folders.ts); the home is the user's. */
  constructor({ watch, watchAll }, places) {
    // somebody works in the checkout meanwhile
    this.watching = watch || watchAll;
    this.places = () => ({ root: '/', home: os.userInfo().homedir, temporary: os.tmpdir(), checkout, ...places });
  }

  isShared(place) {
    const { root, home } = this.places();
    return !process.env.CI && (place === root || place === home);
  }

  onRunStart() {
    this.#before = contents(this.places());
  }

  onRunComplete() {
    if (this.watching) return;
    for (const [place, names] of contents(this.places())) {
      const before = this.#before.get(place);
      const appeared = [...names].filter((name) => !before?.has(name)).map((name) => path.join(place, name));
      // a person's machine goes on meanwhile: what appears in its shared places may be nobody's fault
      (this.isShared(place) ? this.#told : this.#found).push(...appeared);
    }
    for (const found of this.#found) console.log(`LEFT BEHIND ${found}`);
    for (const told of this.#told) console.log(`APPEARED ${told}: by a test, or by something else on this machine`);
  }

  getLastError() {
    if (this.#found.length === 0) return undefined;
    return new Error(`The tests left behind: ${this.#found.join(', ')}. Each must remove what it makes.`);
  }
}

/** Names by place: direct members, and of the checkout everything below. */
function contents({ checkout, ...places }) {
  return new Map([
    ...Object.values(places).map((place) => [place, new Set(namesIn(place))]),
    [checkout, new Set(filesBelow(checkout, ''))],
  ]);
}

function filesBelow(folder, prefix) {
  return namesIn(path.join(folder, prefix)).flatMap((name) => {
    if (prefix === '' && (EXPECTED.has(name) || name.startsWith('.build-'))) return [];
    const file = path.join(prefix, name);
    const isFolder = statSync(path.join(folder, file), { throwIfNoEntry: false })?.isDirectory() ?? false;
    return isFolder ? [file, ...filesBelow(folder, file)] : [file];
  });
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

module.exports = LeftoversReporter;
