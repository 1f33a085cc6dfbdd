import { createServer, type AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createApp } from './app.setup';
import { migrate } from './database/data-source';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './database/embedded-postgres';
import { ensureDevCredentials, lastSandbox, type DevCredentials } from './dev-credentials';
import { originOf, type AppConfig } from './platform/config';
import { UnitOfWork } from './platform/database';
import { Drain, Readiness, shutDownGracefully } from './platform/health';
import type { Listener } from './platform/http/listener';
import type { AppLogger } from './platform/logging';
import { Metrics, openMetricsListener } from './platform/metrics';
import { createSandbox, newControlToken, startSandboxServer, type SandboxServer } from './sandbox';
import { KeyManagement, KeyManagementHealth } from './vault';

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
  private sandbox: SandboxServer | null = null;
  private metrics: Listener | null = null;
  /** Of this start, where they are asked for. */
  credentials: DevCredentials | null = null;

  constructor(
    private config: AppConfig,
    private readonly logger: AppLogger,
  ) {}

  async start(): Promise<void> {
    for (const { variable, risk } of this.config.risks) this.logger.warn(`${variable}: ${risk}.`, 'risk');
    if (this.config.servesSandbox) await this.startSandbox();
    const held = this.config.port === 0 ? await holdPort(this.config.host) : null;
    if (held) this.config = this.config.withPort(held.port);
    if (this.config.database.embedded) await this.startDatabase();
    this.app = await createApp(this.config, { logger: this.logger });
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
    if (this.config.kms.keyId !== null) this.askKeyManagement(this.app, this.config.kms.keyId);
    if (this.config.devCredentials && this.config.servesApi) {
      // before the first answer: who waits for readiness finds the file complete
      await this.app.init();
      this.credentials = await ensureDevCredentials(this.app, this.config, this.url, this.knownSandbox());
    }
    const { host, metricsPort } = this.config;
    if (metricsPort !== null) {
      this.metrics = await openMetricsListener(this.app.get(Metrics), { host, port: metricsPort });
      this.logger.log(`Metrics: ${this.metrics.url}/metrics`, 'process');
    }
    await held?.release();
    await this.app.listen(this.config.port, this.config.host);
    this.app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /** Not waited for: a start without KMS goes on, and KMS may take its time to answer. */
  private askKeyManagement(app: NestExpressApplication, keyId: string): void {
    const keys = app.get(KeyManagement);
    app
      .get(KeyManagementHealth)
      .ask(() => keys.currentKey(keyId))
      .catch((error: unknown) =>
        this.logger.error({ msg: 'AWS KMS could not be asked', err: error }, 'key-management'),
      );
  }

  /** Before the application, which may call their origin and has to know it. */
  private async startSandbox(): Promise<void> {
    const { host, port, metricsPort, sandboxPort, sandboxOrigin, allowedHosts, dataDir, devCredentials } = this.config;
    const last = devCredentials ? await lastSandbox(dataDir) : null;
    const start = (at: number): Promise<SandboxServer> =>
      startSandboxServer({
        host,
        port: at,
        controlToken: last?.controlToken ?? newControlToken(),
        hosts: { allowedHosts, ownOrigins: [sandboxOrigin ?? originOf(host, at)] },
      });
    // what was connected at the last start is still there at the same address, unless somebody else has taken it
    const again = last && ![port, metricsPort].includes(last.port) ? last.port : 0;
    this.sandbox = await start(sandboxPort ?? again).catch((error: unknown) => {
      if (sandboxPort === null && isTaken(error)) return start(0);
      throw error;
    });
    this.config = this.config.withSandboxPort(this.sandbox.port);
  }

  private knownSandbox(): Parameters<typeof ensureDevCredentials>[3] {
    const { sandbox, config } = this;
    if (!config.sandboxProviders || config.sandboxOrigin === null) return null;
    const { credentials: providers } = sandbox?.sandbox ?? createSandbox();
    return { origin: config.sandboxOrigin, controlToken: sandbox?.controlToken ?? null, providers };
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
    return originOf(this.config.host, this.config.port);
  }

  /** Where the simulators listen; null: this process serves none. */
  get sandboxUrl(): string | null {
    return this.sandbox?.url ?? null;
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
    if (!clean) this.logger.warn('The grace period is over: work that is still running is aborted.', 'shutdown');
    // after the work in hand, which calls the simulators to its end
    await this.closeListeners();
    await this.database?.stop();
    return clean;
  }

  private async closeListeners(): Promise<void> {
    await Promise.all([this.sandbox?.close(), this.metrics?.close()]);
  }

  /** After a start that failed half-way. */
  async abandon(): Promise<void> {
    await this.app?.close().catch(() => undefined);
    await this.closeListeners();
    await this.database?.stop().catch(() => undefined);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/**
 * A port that `dev-credentials.json` can name before the application is ready, and that nobody else is given meanwhile.
 */
async function holdPort(host: string): Promise<{ port: number; release(): Promise<void> }> {
  const holder = createServer();
  await new Promise<void>((listening, refused) => {
    holder.once('error', refused);
    holder.listen(0, host, listening);
  });
  const { port } = holder.address() as AddressInfo;
  return { port, release: () => new Promise((released) => holder.close(() => released())) };
}
