import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Express } from 'express';
import { AddressRefusals, TokenVerifier, TryLimits } from '../../auth';
import { SignIns } from '../../operators';
import { AppConfig } from '../../platform/config';
import { serveOpenApi, type LiveEnum } from '../../platform/http/server';
import { adminAddresses } from './admin-addresses';
import { takeBackchannelLogout } from './backchannel-logout';
import { serveConsole } from './console-files';
import { serveQueueBoard } from './queue-board';
import { sessionCookie } from './session-cookie';
import { teamOnly } from './team-only';

/** Everything under /admin that is no controller. Precondition: bodies are parsed before, controllers come after. */
export function mountAdmin(app: NestExpressApplication, version: string, live: LiveEnum): void {
  const express = app.getHttpAdapter().getInstance() as Express;
  const { publicOrigin, adminAllowedCidrs } = app.get(AppConfig);
  // the provider is no operator, and signs what it says
  takeBackchannelLogout(express, app.get(SignIns, { strict: false }), app.get(TryLimits, { strict: false }));
  if (adminAllowedCidrs !== null) {
    express.use(['/admin', '/console'], adminAddresses(adminAllowedCidrs, app.get(AddressRefusals, { strict: false })));
  }
  express.use('/admin', sessionCookie(publicOrigin));
  serveConsole(express);
  serveQueueBoard(app);
  express.use(['/admin/openapi.json', '/admin/docs'], teamOnly(app.get(TokenVerifier, { strict: false })));
  serveOpenApi(app, { surface: 'admin', version, publicOrigin, live, under: '/admin' });
}
