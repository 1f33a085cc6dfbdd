import 'reflect-metadata';
import { type AddressInfo, createServer } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp, loggerFor } from './app.setup';
import { migrate } from './database/data-source';
import { type EmbeddedPostgres, EmbeddedPostgresError, startEmbeddedPostgres } from './database/embedded-postgres';
import { type AppConfig, ConfigurationError, loadConfig } from './platform/config';
import { Drain, Readiness, shutDownGracefully } from './platform/health';
import type { AppLogger } from './platform/logging';

/** Balancers need a moment to see that readiness fails; nobody at a terminal does. */
const NOTICE_MS = { production: 3_000, development: 300 };
/** Longer than the idle time of common balancers, or they would send on a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);
/** Of the grace time, kept for stopping the embedded database. */
const DATABASE_STOP_MS = 2_000;

/** A reason not to start that is the operator's to mend: printed without a stack. */
class CannotStartError extends Error {}

/** The application with everything it stands on, from start to stop. */
class Service {
  private app: NestExpressApplication | null = null;
  private database: EmbeddedPostgres | null = null;

  constructor(
    private config: AppConfig,
    private readonly logger: AppLogger,
  ) {}

  async start(): Promise<void> {
    // chosen before it is bound: the service recognises its own simulators by its own address
    if (this.config.port === 0) this.config = this.config.withPort(await freePort(this.config.host));
    if (this.config.database.embedded) await this.startDatabase();
    this.app = await createApp(this.config, { logger: this.logger });
    const pending = await this.app.get(Readiness).pendingMigrations();
    if (pending.length > 0) {
      throw new CannotStartError(
        `The database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run \`npm run migrate\` first.`,
      );
    }
    await this.app.listen(this.config.port, this.config.host);
    const server = this.app.getHttpServer();
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.headersTimeout = KEEP_ALIVE_MS + 1_000;
  }

  private async startDatabase(): Promise<void> {
    const log = (line: string): void => this.logger.log(line, 'database');
    this.database = await startEmbeddedPostgres({ dataDir: this.config.dataDir, log });
    this.config = this.config.withDatabase(this.database.url);
    // nobody else will; an outside database is migrated by its operator
    const applied = await migrate(this.database.url);
    if (applied.length > 0) log(`Applied ${applied.length} migration(s).`);
  }

  get url(): string {
    const { address, port, family } = this.app!.getHttpServer().address() as AddressInfo;
    const anyAddress = address === '0.0.0.0' || address === '::';
    return `http://${anyAddress ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** False when the grace time ran out first. */
  async stop(): Promise<boolean> {
    const { production, shutdownGraceMs } = this.config;
    const app = this.app;
    const clean =
      app === null ||
      (await shutDownGracefully({
        drain: app.get(Drain),
        server: app.getHttpServer(),
        closeApplication: () => app.close(),
        noticeMs: production ? NOTICE_MS.production : NOTICE_MS.development,
        graceMs: Math.max(shutdownGraceMs - (this.database ? DATABASE_STOP_MS : 0), shutdownGraceMs / 2),
      }));
    if (!clean) this.logger.warn('The grace time is over: what is still running is cut off.', 'shutdown');
    await this.database?.stop();
    return clean;
  }

  /** After a start that failed half-way. */
  async abandon(): Promise<void> {
    await this.app?.close().catch(() => undefined);
    await this.database?.stop().catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const config = readConfig();
  const logger = loggerFor(config);
  const service = new Service(config, logger);
  endOnUnexpectedErrors(logger);
  const started = service.start();
  stopOnSignals(service, logger, started);
  try {
    await started;
  } catch (error) {
    reportFailedStart(error, config, logger);
    await service.abandon();
    process.exit(1);
  }
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

/** A promise nobody awaited, or a throw nobody caught: the state of the process is unknown. */
function endOnUnexpectedErrors(logger: AppLogger): void {
  const crash = (error: unknown): void => {
    logger.fatal({ msg: 'unexpected error; the process ends', err: error }, 'process');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

/** The first signal drains, the second ends at once. A signal during the start is obeyed once there is something to stop. */
function stopOnSignals(service: Service, logger: AppLogger, started: Promise<void>): void {
  let asked = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (asked) {
      logger.warn(`${signal} again: ending at once.`, 'shutdown');
      process.exit(1);
    }
    asked = true;
    logger.log(`${signal}: draining.`, 'shutdown');
    const running = await started.then(
      () => true,
      () => false,
    );
    // a start that failed ends the process by itself
    if (running) process.exit((await service.stop()) ? 0 : 1);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function reportFailedStart(error: unknown, config: AppConfig, logger: AppLogger): void {
  const inWords = wordsFor(error, config);
  if (inWords === null) logger.fatal({ msg: 'cannot start', err: error }, 'process');
  else process.stderr.write(`Interlock cannot start. ${inWords}\n`);
}

/** What the operator can mend is said in words; anything else is logged with its stack. Never an address with its password. */
function wordsFor(error: unknown, config: AppConfig): string | null {
  if (error instanceof CannotStartError || error instanceof EmbeddedPostgresError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `Port ${config.port} of ${config.host} is taken: set PORT to another, or to 0.`;
  if (code === 'EACCES') return `Port ${config.port} of ${config.host} may not be opened by this user.`;
  if (typeof code === 'string' && UNREACHABLE.has(code)) return `DATABASE_URL: the server cannot be reached (${code}).`;
  if (code === '28P01' || code === '28000') return 'DATABASE_URL: the server refuses this user or password.';
  if (code === '3D000') return 'DATABASE_URL: there is no such database on the server.';
  return null;
}

async function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

void main();
