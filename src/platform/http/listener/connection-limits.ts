import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of one connection. Clients that pipeline send two or three; no browser and no common library pipelines at all. */
export const MAX_UNANSWERED = 4;

/** How long the rest of an unwanted body may still arrive: long enough for the client to read the answer first. */
export const LINGER_MS = 2_000;

const LIMITS = {
  /**
   * Node keeps 2,000 headers and hides the others, which may hold a key or what a proxy adds. 16 KiB bound them all.
   */
  maxHeadersCount: 0,
  /** From the first byte of a request to its last. */
  requestTimeout: 30_000,
  headersTimeout: 15_000,
  /** Node's 30 seconds would let both times double. */
  connectionsCheckingInterval: 5_000,
};

/**
 * Bounds what one connection holds: how long a request may take to arrive, also once it is answered, and how many wait
 * for their answer. Precondition: the server does not listen yet.
 */
export function limitConnections(server: Server): void {
  Object.assign(server, LIMITS);
  const connections = new WeakMap<Socket, Set<ServerResponse>>();
  // Node dispatches all requests of a chunk in one tick, and one listener cannot keep a request from the others
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean;
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== 'request') return emit(event, ...values);
    const [request, response] = values as [IncomingMessage, ServerResponse];
    const { socket } = request;
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
    response.once('finish', () => endUnlessWhole(request));
    response.once('close', () => unanswered.delete(response));
    return emit(event, ...values);
  };
}

/** Node reads on and throws away, at any speed and for as long as a request may take. */
function endUnlessWhole(request: IncomingMessage): void {
  if (request.complete) return;
  const end = setTimeout(() => request.socket.destroy(), LINGER_MS);
  request.once('close', () => clearTimeout(end));
}

/**
 * Node tells the end of a connection only to the response whose turn it is; what counts requests waits for the others.
 */
function endWaiting(unanswered: ReadonlySet<ServerResponse>): void {
  for (const response of unanswered) {
    if (response.socket !== null) continue;
    response.destroyed = true;
    response.emit('close');
  }
}
