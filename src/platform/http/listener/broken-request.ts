import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { InterlockError } from '../../errors';
import { toErrorBody } from '../error-body';
import { SECURITY_HEADERS } from './security-headers';

interface UnreadableRequest extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

type Headers = Readonly<Record<string, string>>;

/**
 * What Node answers by itself, without a body or our headers, gets the one error shape all the same. `headersOf` adds
 * to them: it is given the bytes that could not be read, which begin with the request line if the request came in one
 * piece.
 */
export function answerBrokenRequests(server: Server, headersOf: (bytes: string) => Headers = () => ({})): void {
  // checked by the host rule, with everything else about the Host
  Object.assign(server, { requireHostHeader: false });
  // an expectation that nobody knows may be ignored
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (cause: UnreadableRequest, socket: Socket) => {
    if (cause.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const requestId = randomUUID();
    const error = new InterlockError('invalid_request', { message: messageOf(cause.code), cause });
    const body = JSON.stringify(toErrorBody(error, requestId));
    socket.end(
      [
        `HTTP/1.1 ${error.status} Bad Request`,
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        `x-request-id: ${requestId}`,
        ...Object.entries({ ...SECURITY_HEADERS, ...headersOf(cause.rawPacket?.toString('latin1') ?? '') }).map(
          ([name, value]) => `${name}: ${value}`,
        ),
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  });
}

function messageOf(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'The request headers are too large.';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'The request did not arrive in time.';
  return 'The request is not valid HTTP.';
}
