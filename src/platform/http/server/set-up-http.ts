import type { Server } from 'node:http';
import type { PipeTransform } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express, RequestHandler } from 'express';
import helmet from 'helmet';
import { InterlockError } from '../../errors';
import { ErrorFilter } from '../error.filter';
import {
  answerBrokenRequests,
  hostRule,
  limitConnections,
  setSecurityHeaders,
  unknownHost,
  type KnownHosts,
} from '../listener';
import { requestIdMiddleware } from '../request-id';
import { apiVersionOf, checkApiVersion, echoApiVersion } from './api-version.middleware';
import { JsonBodyGuard } from './json-body.guard';
import { requestLogMiddleware, type AnsweredRequest } from './request-log.middleware';
import { RequestValidationPipe } from './validation.pipe';

export interface HttpOptions {
  readonly trustProxy: string | number | boolean;
  /** Run first, before anything that answers: count the requests in flight, trace them. */
  readonly track: readonly RequestHandler[];
  readonly onAnswered: (answered: AnsweredRequest) => void;
  /** By which names callers may call it; orchestrators call by address. */
  readonly hosts: KnownHosts;
  /** Of modules: behind the validation. */
  readonly pipes: readonly PipeTransform[];
  /** A worker serves only what its orchestrator asks. */
  readonly servesApi: boolean;
}

const OPEN_TO_ORCHESTRATORS = /^\/(health\/(live|ready)|metrics)\/?$/;

/** Everything between the socket and the controllers, in the order in which a request passes it. */
export function setUpHttp(app: NestExpressApplication, options: HttpOptions): void {
  const express = app.getHttpAdapter().getInstance() as Express;
  app.set('trust proxy', options.trustProxy);
  // an answer of 304 has no place in a contract where every answer has a body
  app.set('etag', false);
  answerBrokenRequests(app.getHttpServer(), apiVersionOf);
  limitConnections(app.getHttpServer());

  for (const handler of options.track) express.use(handler);
  express.use(requestIdMiddleware);
  express.use(requestLogMiddleware(options.onAnswered));
  express.use(securityHeaders());
  express.use('/v2', echoApiVersion);
  express.use(onlyByKnownHosts(app.getHttpServer(), options.hosts));
  express.use(unconditional);
  if (!options.servesApi) express.use(onlyForOrchestrators);
  express.use(['/v2', '/api', '/admin'], noStore);
  express.use('/v2', checkApiVersion);

  // runs after the module's own guards, which say who is calling
  app.useGlobalGuards(new JsonBodyGuard(app.get(Reflector)));
  app.useGlobalPipes(new RequestValidationPipe(), ...options.pipes);
  app.useGlobalFilters(new ErrorFilter());
}

/** For data; what is a page brings a policy of its own. */
function securityHeaders(): RequestHandler {
  // whether https is forced is the proxy's decision
  const others = helmet({ contentSecurityPolicy: false, strictTransportSecurity: false });
  return (request, response, next) => {
    others(request, response, (error?: unknown) => {
      if (error) return next(error);
      setSecurityHeaders(response);
      next();
    });
  };
}

function onlyByKnownHosts(server: Server, known: KnownHosts): RequestHandler {
  const isKnown = hostRule(server, known);
  return (request, _response, next) => {
    next(isKnown(request) || OPEN_TO_ORCHESTRATORS.test(request.path) ? undefined : unknownHost());
  };
}

/** Preconditions and ranges (RFC 9110, 13.1 and 14.2): every answer is whole, of files too. */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range'];

/** Express and its file server obey them by themselves, even where there is no ETag: with 206, 304, 412 and 416. */
const unconditional: RequestHandler = (request, _response, next) => {
  for (const name of CONDITIONS) delete request.headers[name];
  next();
};

const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

const onlyForOrchestrators: RequestHandler = (request, _response, next) => {
  next(OPEN_TO_ORCHESTRATORS.test(request.path) ? undefined : new InterlockError('not_found'));
};
