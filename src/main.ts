import 'reflect-metadata';
import path from 'node:path';
import { loggerFor } from './app.setup';
import { EmbeddedPostgresError } from './database/embedded-postgres';
import type { DevCredentials } from './dev-credentials';
import { ConfigurationError, loadConfig, type AppConfig } from './platform/config';
import { NoServerError } from './platform/database';
import type { AppLogger } from './platform/logging';
import { CannotStartError, Service } from './service';
import { KeyringError } from './vault';

/** Errors whose message tells the operator what to do. */
const IN_WORDS = [CannotStartError, EmbeddedPostgresError, KeyringError];
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);

async function main(): Promise<void> {
  const config = readConfig();
  const logger = await loggerFor(config);
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
  if (service.sandboxUrl !== null) logger.log(`Provider simulators: ${service.sandboxUrl}/sandbox`, 'process');
  if (service.credentials) process.stderr.write(firstCall(service.credentials, config.dataDir));
}

/** Works when pasted. It reads the key from its file, so that no key stands in whatever keeps this output. */
function firstCall(credentials: DevCredentials, dataDir: string): string {
  const file = path.join(dataDir, 'dev-credentials.json');
  const [simulated] = Object.entries(credentials.sandboxProviders);
  if (!simulated) return `\nDevelopment keys and tokens: ${file}.\n\n`;
  const [provider, account] = simulated;
  return [
    `\nDevelopment keys and tokens: ${file}. A first call, to the simulator of ${provider}:\n`,
    `  curl -s ${credentials.baseUrl}/v2/integrations/${provider}/test \\`,
    `    -H "x-api-key: $(node -p "require('${file}').sandboxApiKey")" \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '${JSON.stringify({ credentials: account })}'\n\n`,
  ].join('\n');
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

/** A terminal signals the whole group, and npm hands the signal on: one Ctrl-C comes twice. */
const ONE_SIGNAL_MS = 500;

/**
 * The first signal drains, the second ends at once. A signal during the start is obeyed once there is something to
 * stop.
 */
function stopOnSignals(service: Service, logger: AppLogger, started: Promise<void>): void {
  let askedAt: number | null = null;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (askedAt !== null) {
      if (performance.now() - askedAt < ONE_SIGNAL_MS) return;
      logger.warn(`${signal} again: ending at once.`, 'shutdown');
      process.exit(1);
    }
    askedAt = performance.now();
    logger.log(`${signal}: draining.`, 'shutdown');
    const running = await started.then(
      () => true,
      () => false,
    );
    // a start that failed ends the process by itself
    if (running) process.exit((await service.stop()) ? 0 : 1);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
}

function reportFailedStart(error: unknown, config: AppConfig, logger: AppLogger): void {
  const inWords = wordsFor(error, config);
  if (inWords === null) logger.fatal({ msg: 'cannot start', err: error }, 'process');
  else process.stderr.write(`Interlock cannot start. ${inWords}\n`);
}

/**
 * What the operator can mend is said in words; anything else is logged with its stack. Never an address with its
 * password.
 */
function wordsFor(error: unknown, config: AppConfig): string | null {
  if (IN_WORDS.some((kind) => error instanceof kind)) return (error as Error).message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const { port, variable } = listenerOf(error, config);
  if (code === 'EADDRINUSE') return `Port ${port} of ${config.host} is taken: set ${variable} to another, or to 0.`;
  if (code === 'EADDRNOTAVAIL') return `HOST: ${config.host} is not an address of this machine.`;
  if (code === 'EACCES' && isListening(error)) return `Port ${port} of ${config.host} may not be opened by this user.`;
  const file = fileOf(error);
  if (file !== null)
    return `DATA_DIR: ${file} cannot be used (${String(code)}). The process must be able to write there.`;
  if (typeof code === 'string' && UNREACHABLE.has(code)) return `DATABASE_URL: the server cannot be reached (${code}).`;
  if (error instanceof NoServerError) return `DATABASE_URL: ${error.message}`;
  if (code === '28P01' || code === '28000') return 'DATABASE_URL: the server refuses this user or password.';
  if (error instanceof Error && error.message.startsWith('unsupported startup parameter')) {
    return 'DATABASE_URL: this is a pooler. Name the server itself in DATABASE_DIRECT_URL too; docs/operations.md says how.';
  }
  if (code === '3D000') return 'DATABASE_URL: the server has no such database.';
  return null;
}

function isListening(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'bind');
}

/** The file that the file system refused; null: it was something else. */
function fileOf(error: unknown): string | null {
  const named = error instanceof Error && 'syscall' in error && 'path' in error;
  return named && typeof error.path === 'string' ? error.path : null;
}

function listenerOf(error: unknown, config: AppConfig): { port: number; variable: string } {
  const port = error instanceof Error && 'port' in error ? Number(error.port) : config.port;
  const variable = port === config.sandboxPort ? 'SANDBOX_PORT' : port === config.metricsPort ? 'METRICS_PORT' : 'PORT';
  return { port, variable };
}

void main();
