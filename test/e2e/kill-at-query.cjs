// Preloaded into a process under test: once armed by the file in KILL_FILE, it ends itself with SIGKILL just before a
// query of the database: the so-many-th since the arming when the file holds a number, else the first whose text
// matches the file's.
const { existsSync, readFileSync } = require('node:fs');
const pg = require('pg');
const file = process.env.KILL_FILE;
const query = pg.Client.prototype.query;
let seen = 0;
pg.Client.prototype.query = function (config, ...rest) {
  const text = (typeof config === 'string' ? config : config?.text) ?? '';
  // the daemons' own queries do not count: an api process has almost none, and these are them
  if (file && existsSync(file) && !/pg_notify|audit_chain|LISTEN/.test(text)) {
    const point = readFileSync(file, 'utf8');
    seen++;
    if (/^\d+$/.test(point) ? seen >= Number(point) : new RegExp(point).test(text))
      process.kill(process.pid, 'SIGKILL');
  }
  return query.call(this, config, ...rest);
};
