import { Logger } from '@nestjs/common';
import type { Request, RequestHandler } from 'express';
import { RequestContext } from '../request-context';

/** Logs the route's template of a request, never its path, query, headers or body. */
export interface AnsweredRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

const NO_ROUTE = '(none)';
/** Client closed the connection before the answer; the status that proxies log for it. */
const STATUS_CLIENT_GONE = 499;

/** One line per request once it is answered, or cut; the listener is for metrics. */
export function requestLogMiddleware(listener: (answered: AnsweredRequest) => void): RequestHandler {
  const logger = new Logger('http');
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const state = RequestContext.current();
    response.once('close', () => {
      const answered: AnsweredRequest = {
        method: request.method,
        route: routeOf(request),
        status: response.writableFinished ? response.statusCode : STATUS_CLIENT_GONE,
        durationMs: Math.round(Number(process.hrtime.bigint() - startedAt) / 1e4) / 100,
      };
      listener(answered);
      const line = { msg: 'request', ...answered };
      const write = (): void => (isProbe(request) ? logger.debug(line) : logger.log(line));
      // events of a socket do not keep the request's context
      if (state) RequestContext.run(state, write);
      else write();
    });
    next();
  };
}

function routeOf(request: Request): string {
  const path = (request.route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? `${request.baseUrl.toLowerCase()}${path}` : NO_ROUTE;
}

/** Orchestrators ask every few seconds; their lines would bury the others. */
function isProbe(request: Request): boolean {
  return request.originalUrl.startsWith('/health/') || request.originalUrl === '/metrics';
}
