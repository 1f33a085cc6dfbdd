import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { serveConsole } from './console-files';
import { serveQueueBoard } from './queue-board';
import { AppConfig } from '../../platform/config';
import { sessionCookie } from './session-cookie';

/** Everything under /admin that is no controller. Precondition: bodies are parsed before, controllers come after. */
export function mountAdmin(app: NestExpressApplication): void {
  const express = app.getHttpAdapter().getInstance() as Express;
  express.use('/admin', sessionCookie(app.get(AppConfig).publicOrigin));
  serveConsole(express);
  serveQueueBoard(app);
}
