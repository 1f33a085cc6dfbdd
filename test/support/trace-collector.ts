import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SpanRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: { key: string; value: Record<string, unknown> }[];
}

/** What a collector gets over OTLP/HTTP, as JSON: each span, and each body as it came. */
export interface TraceCollector {
  readonly url: string;
  readonly spans: readonly SpanRow[];
  readonly raw: readonly string[];
  stop(): Promise<void>;
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: SpanRow[] = [];
  const raw: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      raw.push(text);
      for (const resource of JSON.parse(text).resourceSpans) {
        for (const scope of resource.scopeSpans) spans.push(...(scope.spans as SpanRow[]));
      }
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    raw,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
