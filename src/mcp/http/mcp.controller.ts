import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { All, Controller, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request as Incoming, Response as Outgoing } from 'express';
import { Authenticated } from '../../auth';
import { RequestContext } from '../../platform/http';
import { McpEndpoint } from '../mcp-endpoint';

/** What of a request goes with the requests that its tools stand for. */
const PASSED_ON = ['host', 'x-api-key', 'authorization'] as const;

/** `/mcp`: for agents, with an API key or a token. No operation of the API: its messages are those of MCP. */
@ApiExcludeController()
@Controller('mcp')
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  @All()
  @Authenticated({ anyCaller: true })
  async serve(@Req() incoming: Incoming, @Res() outgoing: Outgoing): Promise<void> {
    const { caller, requestId } = RequestContext.current()!;
    const left = new AbortController();
    outgoing.once('close', () => left.abort());
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const passedOn = PASSED_ON.flatMap((name) => {
      const value = incoming.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    });
    const answer = await this.endpoint.serve(
      new Request('http://interlock/mcp', { method: incoming.method, headers, signal: left.signal }),
      incoming.body,
      {
        caller: caller!,
        headers: { ...Object.fromEntries(passedOn), 'x-request-id': requestId },
        address: incoming.ip,
        signal: left.signal,
      },
    );
    outgoing.status(answer.status);
    answer.headers.forEach((value, name) => outgoing.setHeader(name, value));
    if (answer.body === null) outgoing.end();
    else Readable.fromWeb(answer.body as ReadableStream).pipe(outgoing);
  }
}
