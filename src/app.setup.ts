import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { version } from '../package.json';
import { mountAdmin } from './admin';
import { AppModule } from './app.module';
import { describeTools } from './mcp';
import type { AppConfig } from './platform/config';
import { Drain } from './platform/health';
import { serveFrontPage, serveOpenApi, setUpHttp } from './platform/http/server';
import { AppLogger, prettyOutput } from './platform/logging';
import { Metrics } from './platform/metrics';
import { traceRequest } from './platform/tracing';
import { BUILT_IN_IDS, ProviderNames, ProviderRegistry } from './providers';
import { webhooksDocument } from './webhooks';

const FRONT_PAGE = { 'API documentation': '/docs', Console: '/admin', 'OpenAPI document': '/openapi.json' };

export interface CreateAppOptions {
  /** Left out: JSON lines on standard output, pretty on a terminal in development. */
  readonly logger?: LoggerService;
}

/** The whole application, not yet listening: the same for the process, the end-to-end tests and the scripts. */
export async function createApp(config: AppConfig, options: CreateAppOptions = {}): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), {
    logger: options.logger ?? (await loggerFor(config)),
    // body parsing is ours, and a failure is the caller's to report
    bodyParser: false,
    abortOnError: false,
  });
  const drain = app.get(Drain);
  const metrics = app.get(Metrics);
  setUpHttp(app, {
    trustProxy: config.trustProxy,
    track: config.otlpEndpoint === null ? [drain.track] : [drain.track, traceRequest],
    onAnswered: (answered) => metrics.observeRequest(answered),
    hosts: { allowedHosts: config.allowedHosts, ownOrigins: [config.publicOrigin] },
    pipes: [app.get(ProviderNames, { strict: false })],
    servesApi: config.servesApi,
  });
  if (config.servesApi) {
    const providers = app.get(ProviderRegistry, { strict: false });
    const live = { documented: BUILT_IN_IDS, served: () => providers.ids() };
    mountAdmin(app, version, live);
    describeTools(app, version, live);
    serveOpenApi(app, {
      surface: 'public',
      version,
      sent: webhooksDocument(),
      publicOrigin: config.publicOrigin,
      live,
      under: '',
    });
    if (!config.production) serveFrontPage(app, FRONT_PAGE);
  }
  return app;
}

export async function loggerFor(config: AppConfig): Promise<AppLogger> {
  const pretty = !config.production && process.stdout.isTTY;
  return new AppLogger({ level: config.logLevel, ...(pretty && { destination: await prettyOutput() }) });
}
