import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { TokenVerifier } from '../../auth';
import { AppConfig } from '../../platform/config';
import { serveOpenApi } from '../../platform/http/server';
import { serveConsole } from './console-files';
import { serveQueueBoard } from './queue-board';
import { sessionCookie } from './session-cookie';
import { teamOnly } from './team-only';

/** Everything under /admin that is no controller. Precondition: bodies are parsed before, controllers come after. */
export function mountAdmin(app: NestExpressApplication, version: string): void {
  const express = app.getHttpAdapter().getInstance() as Express;
  const { publicOrigin } = app.get(AppConfig);
  express.use('/admin', sessionCookie(publicOrigin));
  serveConsole(express);
  serveQueueBoard(app);
  express.use(['/admin/openapi.json', '/admin/docs'], teamOnly(app.get(TokenVerifier, { strict: false })));
  serveOpenApi(app, { surface: 'admin', version, publicOrigin, under: '/admin' });
}
