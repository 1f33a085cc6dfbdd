import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { BUILT_IN_IDS, type ProviderRegistry } from '../../src/providers';
import { apiContract } from './api-client-contract';

/** Prefixes where everything is documented; elsewhere only what the document names is checked. */
const DOCUMENTED = /^\/(v2|api)(\/|\?|$)/i;
const problems: string[] = [];

/**
 * Holds every answer of the server against openapi.json, whoever asked for it and however. `registry`: who knows the
 * providers; one that has left it stays in answers about what was synced.
 */
export function checkAnswers(server: Server, registry?: Pick<ProviderRegistry, 'ids'>): void {
  const seen = new Set<string>(BUILT_IN_IDS);
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '' } = request;
    if (!apiContract().find(method, url) && (!DOCUMENTED.test(url) || method === 'HEAD')) return;
    const body = recorded(response);
    response.once('finish', () => {
      const headers = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]);
      for (const id of registry?.ids() ?? []) seen.add(id);
      problems.push(
        ...apiContract([...seen]).problems({
          method,
          path: url,
          status: response.statusCode,
          headers: Object.fromEntries(headers),
          body: body(),
        }),
      );
    });
  });
}

/** What did not fit since the last call. */
export function takeProblems(): string[] {
  return problems.splice(0);
}

function recorded(response: ServerResponse): () => string {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const [write, end] = [response.write, response.end];
  response.write = function (this: ServerResponse, ...parts: unknown[]) {
    keep(parts[0]);
    return write.apply(this, parts as never);
  };
  response.end = function (this: ServerResponse, ...parts: unknown[]) {
    keep(parts[0]);
    return end.apply(this, parts as never);
  };
  return () => Buffer.concat(chunks).toString();
}
