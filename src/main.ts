import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp, loggerFor } from './app.setup';
import { migrate } from './database/data-source';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './database/embedded-postgres';
import { type AppConfig, ConfigurationError, loadConfig } from './platform/config';
import { Drain, Readiness, shutDownGracefully } from './platform/health';
import type { AppLogger } from './platform/logging';

/** Balancers need a moment to see that readiness fails; nobody at a terminal does. */
const NOTICE_MS = { production: 3_000, development: 300 };
/** Longer than the idle time of common balancers, or they would send on a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
/** Of the grace time, kept for stopping the embedded database. */
const DATABASE_STOP_MS = 2_000;

/** A reason not to start that is the operator's to mend: printed without a stack. */
class CannotStartError extends Error {}

class Service {
  private constructor(
    private readonly config: AppConfig,
    private readonly logger: AppLogger,
    private readonly app: NestExpressApplication,
    private readonly database: EmbeddedPostgres | null,
  ) {}

  static async start(given: AppConfig, logger: AppLogger): Promise<Service> {
    let database: EmbeddedPostgres | null = null;
    let app: NestExpressApplication | null = null;
    try {
      let config = given;
      if (config.database.embedded) {
        const log = (line: string): void => logger.log(line, 'database');
        database = await startEmbeddedPostgres({ dataDir: config.dataDir, log });
        config = config.withDatabase(database.url);
        // nobody else will: an outside database is migrated by its operator
        const applied = await migrate(database.url);
        if (applied.length > 0) logger.log({ msg: 'migrated', migrations: applied }, 'database');
      }
      app = await createApp(config, { logger });
      const pending = await app.get(Readiness).pendingMigrations();
      if (pending.length > 0) {
        throw new CannotStartError(
          `The database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run \`npm run migrate\` first.`,
        );
      }
      await app.listen(config.port, config.host);
      const server = app.getHttpServer();
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.headersTimeout = KEEP_ALIVE_MS + 1_000;
      return new Service(config, logger, app, database);
    } catch (error) {
      await app?.close().catch(() => undefined);
      await database?.stop().catch(() => undefined);
      throw error;
    }
  }

  get url(): string {
    const { address, port, family } = this.app.getHttpServer().address() as AddressInfo;
    const anyAddress = address === '0.0.0.0' || address === '::';
    return `http://${anyAddress ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** False when the grace time ran out first. */
  async stop(): Promise<boolean> {
    const { production, shutdownGraceMs } = this.config;
    const clean = await shutDownGracefully({
      drain: this.app.get(Drain),
      server: this.app.getHttpServer(),
      closeApplication: () => this.app.close(),
      noticeMs: production ? NOTICE_MS.production : NOTICE_MS.development,
      graceMs: Math.max(shutdownGraceMs - (this.database ? DATABASE_STOP_MS : 0), shutdownGraceMs / 2),
    });
    if (!clean) this.logger.warn('The grace time is over: what is still running is cut off.', 'shutdown');
    await this.database?.stop();
    return clean;
  }
}

async function main(): Promise<void> {
  const config = readConfig();
  const logger = loggerFor(config);
  // a promise nobody awaited, or a throw nobody caught: the state of the process is unknown
  const crash = (error: unknown): void => {
    logger.fatal({ msg: 'unexpected error; the process ends', err: error }, 'process');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  let asked: NodeJS.Signals | null = null;
  let service: Service | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (asked) {
      logger.warn(`${signal} again: ending at once.`, 'shutdown');
      process.exit(1);
    }
    asked = signal;
    logger.log(`${signal}: draining.`, 'shutdown');
    // before the start is over there is nothing to drain yet; it is stopped as soon as it is
    if (service) end(service);
  };
  const end = (running: Service): void => {
    running.stop().then((clean) => process.exit(clean ? 0 : 1), crash);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);

  try {
    service = await Service.start(config, logger);
  } catch (error) {
    if (error instanceof CannotStartError) process.stderr.write(`${error.message}\n`);
    else logger.fatal({ msg: 'cannot start', err: error }, 'process');
    process.exit(1);
  }
  if (asked) return end(service);
  logger.log(`Interlock (${config.role}) listens on ${service.url}`, 'process');
  if (config.servesApi) logger.log(`Swagger UI: ${service.url}/docs`, 'process');
}

function readConfig(): AppConfig {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

void main();
