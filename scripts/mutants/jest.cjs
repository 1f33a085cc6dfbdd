'use strict';
const path = require('node:path');
const { projects } = require('../../jest.config.cjs');

// The suites of one mutated file, in the project that they belong to, with no reporter: a mutant leaves things behind.
const root = path.resolve(__dirname, '../..');
const suites = process.env.MUTANT_SUITES.split(',');
const mutating = path.join(__dirname, 'transform.cjs');
const FOLDERS = { unit: 'src/', e2e: 'test/e2e/', integration: 'test/integration/', contract: 'test/contract/' };
const chosen = projects
  .map(({ testMatch: _all, transform, ...project }) => ({
    ...project,
    rootDir: root,
    testMatch: suites
      .filter((suite) => suite.startsWith(FOLDERS[project.displayName] ?? 'none'))
      .map((suite) => path.join(root, suite)),
    transform: Object.fromEntries(
      Object.entries(transform).map(([pattern, [, options]]) => [pattern, [mutating, options]]),
    ),
  }))
  .filter(({ testMatch }) => testMatch.length > 0);

// Stryker knows which test covers what only where there is one project
module.exports = chosen.length === 1 ? chosen[0] : { projects: chosen };
