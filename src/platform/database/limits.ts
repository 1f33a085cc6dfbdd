/** What one statement may take at the server, unless the operator says otherwise. */
export const DEFAULT_STATEMENT_MS = 60_000;
/**
 * How much longer a client waits for the answer: then the server has not ended the statement, but is not heard any
 * more.
 */
export const CLIENT_PATIENCE_MS = 5_000;

/**
 * For the server's `options` at connecting. Transactions begin as read committed, whatever the server's default. And
 * the server notices within 25 seconds that a client is gone without a word, and lets go of its locks.
 */
export const SESSION_OPTIONS = [
  'default_transaction_isolation=read\\ committed',
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Of every session that runs transactions: a client that has fallen silent within one holds its locks no longer. */
export function sessionSettings(statementMs: number) {
  return {
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    options: SESSION_OPTIONS,
  };
}
