import { request, type Server } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

export interface OwnRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Who calls: what lists of allowed addresses, limits and the log go by, with no proxy in between. */
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

export interface OwnAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The service's own HTTP API, called inside the process: through the front door, and over no network. So whatever is
 * true of a request is true of a tool: its limits, its scopes, its validation, its errors.
 */
@Injectable()
export class OwnApi {
  constructor(private readonly host: HttpAdapterHost) {}

  async call({ method, target, headers, body, address, signal }: OwnRequest): Promise<OwnAnswer> {
    const [near, far] = duplexPair();
    Object.assign(far, { remoteAddress: address });
    (this.host.httpAdapter.getHttpServer() as Server).emit('connection', far);
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const outgoing = request({
      createConnection: () => near as never,
      method,
      path: target,
      signal,
      headers: {
        ...headers,
        connection: 'close',
        ...(sent ? { 'content-type': 'application/json', 'content-length': String(sent.length) } : {}),
      },
    });
    try {
      const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
        outgoing.once('error', reject);
        outgoing.once('response', (incoming) => {
          text(incoming).then((read) => resolve({ status: incoming.statusCode!, text: read }), reject);
        });
        outgoing.end(sent);
      });
      return { status: answer.status, body: answer.text === '' ? {} : JSON.parse(answer.text) };
    } finally {
      near.destroy();
    }
  }
}
