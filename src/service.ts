import { createServer, type AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from './app.setup';
import { migrate } from './database/data-source';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './database/embedded-postgres';
import { type DevCredentials, ensureDevCredentials } from './dev-credentials';
import type { AppConfig } from './platform/config';
import { UnitOfWork } from './platform/database';
import { Drain, Readiness, shutDownGracefully } from './platform/health';
import type { AppLogger } from './platform/logging';
import { createSandbox } from './sandbox';

/** Balancers need a moment to see that readiness fails; nobody at a terminal does. */
const NOTICE_MS = { production: 3_000, development: 300 };
/** Longer than the idle time of common balancers, or they would send on a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
/** Of the grace time, kept for stopping the embedded database. */
const DATABASE_STOP_MS = 2_000;

/** A reason not to start that is the operator's to mend: printed without a stack. */
export class CannotStartError extends Error {}

/** The application with everything it stands on, from start to stop. */
export class Service {
  private app: NestExpressApplication | null = null;
  private database: EmbeddedPostgres | null = null;
  /** Of this start, where they are asked for. */
  credentials: DevCredentials | null = null;

  constructor(
    private config: AppConfig,
    private readonly logger: AppLogger,
  ) {}

  async start(): Promise<void> {
    // chosen before it is bound: the service recognises its own simulators by its own address
    if (this.config.port === 0) this.config = this.config.withPort(await freePort(this.config.host));
    if (this.config.database.embedded) await this.startDatabase();
    const sandbox = createSandbox();
    this.app = await createApp(this.config, { logger: this.logger, sandbox });
    const pending = await this.app.get(Readiness).pendingMigrations();
    if (pending.length > 0) {
      throw new CannotStartError(
        `The database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run \`npm run migrate\` first.`,
      );
    }
    const isolation = await this.app.get(UnitOfWork).defaultIsolation();
    if (isolation !== 'read committed') {
      throw new CannotStartError(
        `DATABASE_URL: its sessions begin transactions as ${isolation}. Set default_transaction_isolation to 'read committed' for this user.`,
      );
    }
    if (this.config.devCredentials && this.config.servesApi) {
      // before the first answer: who waits for readiness finds the file complete
      await this.app.init();
      this.credentials = await ensureDevCredentials(this.app, this.config, this.url, sandbox.credentials);
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
    const { host, port } = this.config;
    const anyAddress = host === '0.0.0.0' || host === '::';
    return `http://${anyAddress ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
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

async function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
