/**
 * Codes of the operating system and messages of node-postgres for a server that is not reached, or does not answer in
 * time.
 */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const BROKEN =
  /^(timeout (exceeded when trying|expired)|Connection terminated|Client has encountered a connection error|Query read timeout|read ECONNRESET|Client was closed)/;

/**
 * Classes of SQLSTATE that speak of the server's state and not of the statement: another time, the same statement may
 * do.
 */
const PASSING_CLASSES = new Set([
  '08', // connection
  '40', // rolled back; what could be repeated was
  '53', // disk, memory or connections are used up
  '57', // cancelled, shutting down, starting
  '58', // the system under the server
]);
/** It was failed over, or its disk is filling up. */
const READ_ONLY = '25006';
const PASSING = new Set([
  READ_ONLY,
  '55P03', // a lock was not to be had in time
  '72000', // the snapshot is too old
]);
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** It answers, and refuses this write. */
export function isDatabaseReadOnly(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === READ_ONLY;
}

/** Whether the database is away or takes no writes; false: the statement itself is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNREACHED.has(code) || BROKEN.test(error.message)) return true;
  // the embedded database's socket is gone with its server
  if (code === 'ENOENT' && 'syscall' in error && error.syscall === 'connect') return true;
  return SQLSTATE.test(code) && (PASSING.has(code) || PASSING_CLASSES.has(code.slice(0, 2)));
}
