import { context, defaultTextMapGetter, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Request, RequestHandler } from 'express';

/** What nobody asks about, or what stands for somebody else's service. */
const UNTRACED = /^\/(health|metrics|sandbox)(\/|$)/;

/** One span per request, named by the route's template: a path, a query or a header may hold what must not leave. */
export const traceRequest: RequestHandler = (request, response, next) => {
  if (UNTRACED.test(request.path)) return next();
  const parent = propagation.extract(context.active(), request.headers, defaultTextMapGetter);
  const span = trace.getTracer('interlock').startSpan(request.method, { kind: SpanKind.SERVER }, parent);
  response.once('close', () => {
    const route = routeOf(request);
    span.updateName(`${request.method} ${route}`);
    span.setAttributes({
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': response.statusCode,
      'interlock.request_id': String(response.getHeader('x-request-id') ?? ''),
    });
    if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
};

function routeOf(request: Request): string {
  const path = (request.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : '(none)';
}
