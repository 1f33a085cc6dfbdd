import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { originOf } from '../../config';
import type { InterlockError } from '../../errors';
import { toErrorBody } from '../error-body';
import { answerBrokenRequests } from './broken-request';
import { limitConnections } from './connection-limits';
import { hostRule, unknownHost, type KnownHosts } from './host-rule';
import { setSecurityHeaders } from './security-headers';

export interface ListenerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** null: it answers whatever the `Host`, because probes come by address. */
  readonly hosts: KnownHosts | null;
}

export interface Listener {
  readonly port: number;
  /** Origin, where this machine reaches it. */
  readonly url: string;
  /** Ends it at once, calls that are still running included. */
  close(): Promise<void>;
}

/**
 * A listener beside the main one, under the same rules about hosts, headers and broken requests. Its answers are data,
 * never pages.
 */
export async function openListener(handler: RequestListener, options: ListenerOptions): Promise<Listener> {
  const server = createServer();
  answerBrokenRequests(server);
  limitConnections(server);
  const isKnown = options.hosts === null ? () => true : hostRule(server, options.hosts);
  server.on('request', (request, response) => {
    setSecurityHeaders(response);
    if (isKnown(request)) return handler(request, response);
    // what follows on this connection was meant for somebody else too
    response.setHeader('Connection', 'close');
    refuse(response, unknownHost());
  });
  await new Promise<void>((listening, refused) => {
    server.once('error', refused);
    server.listen(options.port, options.host, listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: originOf(options.host, port),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** In the one shape of errors. */
export function refuse(response: ServerResponse, error: InterlockError): void {
  const requestId = randomUUID();
  response.writeHead(error.status, { 'Content-Type': 'application/json; charset=utf-8', 'x-request-id': requestId });
  response.end(JSON.stringify(toErrorBody(error, requestId)));
}
