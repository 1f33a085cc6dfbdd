'use strict';
const { readFileSync } = require('node:fs');
const pg = require('pg');

// One describe for each round; environment.cjs decides which of them run.
const plan = JSON.parse(readFileSync(process.env.MUTANTS_PLAN, 'utf8'));
const { _handleErrorMessage: handle } = pg.Client.prototype;
pg.Client.prototype._handleErrorMessage = function noticed(error) {
  globalThis.STATEMENT_FAILED(error.code);
  return handle.call(this, error);
};
for (const { suite, mutants } of plan.suites) {
  // rounds-transform.cjs has made a function of it
  const { register } = require(suite);
  for (const id of ['', ...mutants, '']) describe(`${suite}\0${id}`, register);
}
// the last call counts, for all suites
jest.setTimeout(process.env.MUTANTS_PROJECT === 'unit' ? 20_000 : 40_000);
