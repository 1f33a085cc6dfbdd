import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of one connection. Clients that pipeline send two or three; no browser and no common library pipelines at all. */
export const MAX_UNANSWERED = 4;

const TIMES = {
  /** From the first byte of a request to its last. */
  requestTimeout: 30_000,
  headersTimeout: 15_000,
  /** Node's 30 seconds would let both times double. */
  connectionsCheckingInterval: 5_000,
};

/**
 * Bounds what one connection holds: how long a request may take to arrive, and how many wait for their answer.
 * Precondition: the server does not listen yet.
 */
export function limitConnections(server: Server): void {
  Object.assign(server, TIMES);
  const connections = new WeakMap<Socket, Set<ServerResponse>>();
  // Node dispatches all requests of a chunk in one tick, and one listener cannot keep a request from the others
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean;
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'request') return emit(event, ...values);
    const [{ socket }, response] = values as [IncomingMessage, ServerResponse];
    // the rest of a chunk whose connection has just been ended
    if (socket.destroyed) return true;
    const unanswered = connections.get(socket) ?? new Set();
    if (!connections.has(socket)) {
      connections.set(socket, unanswered);
      socket.once('close', () => endWaiting(unanswered));
    }
    if (unanswered.size >= MAX_UNANSWERED) {
      socket.destroy();
      return true;
    }
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    return emit(event, ...values);
  };
}

/** Node tells the end of a connection only to the response whose turn it is; what counts requests waits for the others. */
function endWaiting(unanswered: ReadonlySet<ServerResponse>): void {
  for (const response of unanswered) {
    if (response.socket !== null) continue;
    response.destroyed = true;
    response.emit('close');
  }
}
