import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Programs that more is tested with where they are: the names they go by. */
export const OPTIONAL_PROGRAMS = {
  redis: ['redis-server'],
  pgbouncer: ['pgbouncer'],
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  promtool: ['promtool'],
  rsyslog: ['rsyslogd'],
} as const;
export type OptionalProgram = keyof typeof OPTIONAL_PROGRAMS;

/**
 * Where it is, or null: what needs it is then a visible, skipped test. With REQUIRE_<PROGRAM>=1 that is an error.
 * Beside each bin of the PATH its sbin counts, where Debian puts PgBouncer and only root looks.
 */
export function findProgram(program: OptionalProgram): string | null {
  const bins = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const folders = new Set(
    bins.flatMap((bin) => (path.basename(bin) === 'bin' ? [bin, path.join(bin, '../sbin')] : [bin])),
  );
  for (const name of OPTIONAL_PROGRAMS[program]) {
    for (const folder of folders) if (isProgram(path.join(folder, name))) return path.join(folder, name);
  }
  const variable = `REQUIRE_${program.toUpperCase()}`;
  if (process.env[variable] === '1')
    throw new Error(`${OPTIONAL_PROGRAMS[program][0]} is not on the PATH, and ${variable} is 1.`);
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
