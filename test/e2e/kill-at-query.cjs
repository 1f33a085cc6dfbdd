// Preloaded into a process under test: once armed (the file in KILL_FILE holds a number), it ends itself with SIGKILL just
// before that query of the database, counted from the arming.
const { existsSync, readFileSync } = require('node:fs');
const pg = require('pg');
const file = process.env.KILL_FILE;
const query = pg.Client.prototype.query;
let seen = 0;
pg.Client.prototype.query = function (config, ...rest) {
  const text = typeof config === 'string' ? config : config?.text;
  // the daemons' own queries do not count: an api process has almost none, and these are them
  if (file && existsSync(file) && !/pg_notify|audit_chain|LISTEN/.test(text ?? '')) {
    seen++;
    if (seen >= Number(readFileSync(file, 'utf8'))) process.kill(process.pid, 'SIGKILL');
  }
  return query.call(this, config, ...rest);
};
