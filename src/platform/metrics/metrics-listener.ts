import { InterlockError } from '../errors';
import { openListener, refuse, type Listener } from '../http/listener';
import type { Metrics } from './metrics';

const PATH = /^\/metrics\/?(\?|$)/;

/** `/metrics` on a listener of its own, and nothing else there. It answers whatever the `Host`. */
export function openMetricsListener(metrics: Metrics, at: { port: number; host: string }): Promise<Listener> {
  return openListener(
    (request, response) => {
      const reads = request.method === 'GET' || request.method === 'HEAD';
      if (!reads || !PATH.test(request.url ?? '')) return refuse(response, new InterlockError('not_found'));
      metrics.text().then(
        (text) => response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text),
        (cause: unknown) => refuse(response, new InterlockError('internal_error', { cause })),
      );
    },
    { ...at, hosts: null },
  );
}
