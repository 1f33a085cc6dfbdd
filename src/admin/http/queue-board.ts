import { getQueueToken } from '@nestjs/bullmq';
import { HttpException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Queue } from 'bullmq';
import type { Express, RequestHandler, Response } from 'express';
import { TokenVerifier } from '../../auth';
import { AppConfig } from '../../platform/config';
import { InterlockError } from '../../platform/errors';
import { SyncModule } from '../../sync';
import { teamOnly } from './team-only';

const PATH = '/admin/queues';
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);
/** Redis that is away keeps commands until it is back. */
const ANSWER_MS = 5_000;

/** The board brings inline styles of its own; its scripts are its own files. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";

/** The queues, read-only: the board's buttons would bypass the audit log. */
export function serveQueueBoard(app: NestExpressApplication): void {
  const names = SyncModule.queueNames(app.get(AppConfig, { strict: false }));
  const queues = names.map((name) => app.get<Queue>(getQueueToken(name), { strict: false }));
  const express = app.getHttpAdapter().getInstance() as Express;
  express.use(PATH, teamOnly(app.get(TokenVerifier, { strict: false }), ['admin']), readOnly, boardOf(queues));
}

/** Made at the first request: hardly any process shows it, and it is slow to load. */
function boardOf(queues: readonly Queue[]): RequestHandler {
  let board: Promise<RequestHandler> | undefined;
  return async (request, response, next) => {
    board ??= makeBoard(queues).catch((error: unknown) => {
      board = undefined;
      throw error;
    });
    const handle = await board;
    refuseInOurShape(response, next);
    handle(request, response, next);
  };
}

/**
 * The board has errors of its own shape, with a stack in development, and waits for Redis for as long as it is away.
 */
function refuseInOurShape(response: Response, next: (error: unknown) => void): void {
  const json = response.json.bind(response);
  let refusing = false;
  const refuse = (error: unknown): void => {
    clearTimeout(late);
    refusing = true;
    next(error);
  };
  const late = setTimeout(() => refuse(new InterlockError('unavailable')), ANSWER_MS);
  response.once('close', () => clearTimeout(late));
  response.json = (body: unknown): Response => {
    // the board comes back when it was refused long ago
    if (response.headersSent) return response;
    if (refusing || response.statusCode < 400) return json(body);
    refuse(body instanceof Error ? body : new HttpException('', response.statusCode));
    return response;
  };
}

async function makeBoard(queues: readonly Queue[]): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ]);
  const adapter = new ExpressAdapter();
  adapter.setBasePath(PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    // the two packages bring copies of one interface
    serverAdapter: adapter as never,
    options: { uiConfig: { boardTitle: 'Interlock queues' } },
  });
  // as it was thrown, for the log and for what it says of Redis
  adapter.setErrorHandler((error: Error) => ({ status: 500, body: error as never }));
  const app = adapter.getRouter() as Express;
  app.disable('x-powered-by');
  app.set('etag', false);
  return app;
}

const readOnly: RequestHandler = (request, response, next) => {
  if (!READS.has(request.method)) {
    return next(new InterlockError('permission_denied', { message: 'The queue board is read-only.' }));
  }
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  next();
};
