/** What one statement may take at the server, unless the operator says otherwise. */
export const DEFAULT_STATEMENT_MS = 60_000;
/**
 * How much longer a client waits for the answer: then the server has not ended the statement, but is not heard any
 * more.
 */
export const CLIENT_PATIENCE_MS = 5_000;
/** For the server's `options` at connecting: what a session's transactions begin as, whatever the server's default. */
export const READ_COMMITTED_SESSION = '-c default_transaction_isolation=read\\ committed';
