import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';

let entered = false;

/**
 * Gives the whole run a temporary folder and a home of its own, gone when jest ends: what a test leaves behind shows
 * itself, and no test reads or writes the home of whoever runs it. Called before the first worker starts, which
 * inherits both.
 */
export function enterRunFolders(): void {
  if (entered) return;
  entered = true;
  // not where TMPDIR says: the names of sockets below may not be long
  const folder = mkdtempSync('/tmp/interlock-run-');
  // the account of an embedded PostgreSQL that is started by root has to pass
  chmodSync(folder, 0o711);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, variable, mode] of [
    ['tmp', 'TMPDIR', 0o711],
    ['home', 'HOME', 0o700],
  ] as const) {
    const made = path.join(folder, name);
    mkdirSync(made, { mode });
    chmodSync(made, mode);
    process.env[variable] = made;
  }
  for (const name of Object.keys(process.env)) if (/^XDG_(.*_HOME|RUNTIME_DIR)$/.test(name)) delete process.env[name];
}
