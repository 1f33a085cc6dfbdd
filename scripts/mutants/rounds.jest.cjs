'use strict';
const path = require('node:path');
const { projects } = require('../../jest.config.cjs');

// The rounds of suites of one project, with no reporter: a mutant leaves things behind.
const transform = path.join(__dirname, 'rounds-transform.cjs');
const project = projects.find(({ displayName }) => displayName === process.env.MUTANTS_PROJECT);
module.exports = {
  ...project,
  rootDir: path.resolve(__dirname, '../..'),
  testMatch: [path.join(__dirname, 'rounds.cjs')],
  testEnvironment: path.join(__dirname, 'environment.cjs'),
  // the default one is in the temporary folder, which is the mutants' own
  cacheDirectory: process.env.MUTANTS_CACHE,
  transform: Object.fromEntries(
    Object.entries(project.transform).map(([pattern, [, options]]) => [pattern, [transform, options]]),
  ),
};
