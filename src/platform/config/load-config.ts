import 'reflect-metadata';
import { resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { AppConfig, originOf, type ProcessRole } from './app-config';
import { databaseAddressOf, DatabaseUrlError } from './database-address';
import { DEFAULTS, defaultsBeside } from './defaults';
import { EnvironmentVariables } from './environment';
import { incompleteOpenId, openIdOf } from './open-id';
import { pairsOf } from './pairs';
import { redisAddressOf, RedisUrlError } from './redis-address';
import { isGuarded, risksOf } from './risks';
import { securityConfig, securityContradictions } from './security-config';

/** Names every wrong variable and the rule it breaks; never a value. */
export class ConfigurationError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The environment is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigurationError';
  }
}

/** Every variable of the schema, in the order of declaration. */
export function environmentVariableNames(): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(EnvironmentVariables, '', false, false);
  return [...new Set(rules.map((rule) => rule.propertyName))];
}

export function loadConfig(environment: NodeJS.ProcessEnv): AppConfig {
  const known = plainToInstance(EnvironmentVariables, { ...environment }, { exposeDefaultValues: false });
  const problems = validateSync(known, {
    skipMissingProperties: false,
    validationError: { target: false, value: false },
  }).map(
    (error) =>
      `${error.property}: ${Object.values(error.constraints ?? {})
        .map((rule) => rule.replace(`${error.property} `, ''))
        .join('; ')}`,
  );
  const production = known.NODE_ENV === 'production';
  if (problems.length === 0 && production) problems.push(...developmentDefaults(known));
  if (problems.length === 0) problems.push(...contradictions(known));
  if (problems.length > 0) throw new ConfigurationError(problems);

  const defaults = defaultsBeside(known);
  const role = (known.ROLE ?? defaults.ROLE) as ProcessRole;
  const embedded = known.DATABASE_URL === undefined || known.DATABASE_URL === 'embedded';
  const url = embedded ? '' : known.DATABASE_URL!;
  const directUrl = known.DATABASE_DIRECT_URL ?? url;
  const poolSize = known.DATABASE_POOL_SIZE ?? defaults.DATABASE_POOL_SIZE;
  const sandboxProviders = known.SANDBOX_PROVIDERS ?? defaults.SANDBOX_PROVIDERS;
  const host = known.HOST ?? defaults.HOST;
  const statementMs = (known.DATABASE_STATEMENT_SECONDS ?? defaults.DATABASE_STATEMENT_SECONDS) * 1000;
  return new AppConfig({
    production,
    port: known.PORT ?? defaults.PORT,
    host,
    allowedHosts: known.ALLOWED_HOSTS?.split(',') ?? null,
    metricsPort: known.METRICS_PORT ?? null,
    dataDir: resolve(known.DATA_DIR ?? defaults.DATA_DIR),
    role,
    servesApi: role !== 'worker',
    runsWork: role !== 'api',
    database: { embedded, url, directUrl, pooled: directUrl !== url, poolSize, statementMs },
    redisUrl: known.REDIS_URL ?? null,
    queueShards: known.QUEUE_SHARDS ?? defaults.QUEUE_SHARDS,
    kms: {
      keyId: isLocal(known.KMS_KEY_ID) ? null : known.KMS_KEY_ID!,
      otherKeyId: known.KMS_OTHER_KEY_ID ?? null,
      endpoint: known.KMS_ENDPOINT ?? null,
      region: known.AWS_REGION ?? defaults.AWS_REGION,
    },
    localKeyring: known.LOCAL_KEYRING ?? null,
    workerConcurrency: known.WORKER_CONCURRENCY ?? defaults.WORKER_CONCURRENCY,
    runLeaseMs: (known.RUN_LEASE_SECONDS ?? defaults.RUN_LEASE_SECONDS) * 1000,
    dispatcherSilenceMs: (known.DISPATCHER_SILENCE_SECONDS ?? defaults.DISPATCHER_SILENCE_SECONDS) * 1000,
    webhooks: {
      concurrency: known.WEBHOOK_CONCURRENCY ?? defaults.WEBHOOK_CONCURRENCY,
      scheduleMs: (known.WEBHOOK_RETRY_SCHEDULE ?? defaults.WEBHOOK_RETRY_SCHEDULE)
        .split(',')
        .map((each) => Number(each) * 1000),
      timeoutMs: (known.WEBHOOK_TIMEOUT_SECONDS ?? defaults.WEBHOOK_TIMEOUT_SECONDS) * 1000,
    },
    retentionLogDays: known.RETENTION_LOG_DAYS ?? defaults.RETENTION_LOG_DAYS,
    sandboxProviders,
    servesSandbox:
      sandboxProviders && role !== 'worker' && (known.SANDBOX_ORIGIN === undefined || known.SANDBOX_PORT !== undefined),
    sandboxPort: known.SANDBOX_PORT ?? null,
    sandboxOrigin: originIn(known.SANDBOX_ORIGIN) ?? (known.SANDBOX_PORT ? originOf(host, known.SANDBOX_PORT) : null),
    sandboxRatePerSecond: known.SANDBOX_RATE_PER_SECOND ?? defaults.SANDBOX_RATE_PER_SECOND,
    outboundAllowPrivate: known.OUTBOUND_ALLOW_PRIVATE ?? defaults.OUTBOUND_ALLOW_PRIVATE,
    outboundDnsServers: known.OUTBOUND_DNS_SERVERS?.split(',') ?? [],
    providers: {
      folder: known.PROVIDERS_DIR === undefined ? null : resolve(known.PROVIDERS_DIR),
      liveHosts: Object.fromEntries(
        pairsOf(known.PROVIDER_LIVE_HOSTS).map(([provider, hosts]) => [provider, hosts.split(',')]),
      ),
      paths: pathsOf(pairsOf(known.PROVIDER_PATHS)),
    },
    rateLimit: {
      livePerMinute: known.RATE_LIMIT_LIVE_PER_MINUTE ?? defaults.RATE_LIMIT_LIVE_PER_MINUTE,
      sandboxPerMinute: known.RATE_LIMIT_SANDBOX_PER_MINUTE ?? defaults.RATE_LIMIT_SANDBOX_PER_MINUTE,
      exchangePerAddressPerMinute: known.EXCHANGE_LIMIT_PER_ADDRESS ?? defaults.EXCHANGE_LIMIT_PER_ADDRESS,
    },
    trustProxy: trustProxy(known.TRUST_PROXY),
    publicOrigin: originIn(known.PUBLIC_ORIGIN),
    jwt: {
      issuer: known.JWT_ISSUER ?? defaults.JWT_ISSUER,
      audience: known.JWT_AUDIENCE ?? defaults.JWT_AUDIENCE,
      jwksUrl: known.JWKS_URL ?? null,
    },
    openId: openIdOf(known),
    tokenSignIn: known.ADMIN_TOKEN_SIGN_IN ?? defaults.ADMIN_TOKEN_SIGN_IN,
    unkey:
      known.UNKEY_ROOT_KEY === undefined
        ? null
        : {
            rootKey: known.UNKEY_ROOT_KEY,
            baseUrl: known.UNKEY_BASE_URL ?? 'https://api.unkey.com',
            cacheMs: known.UNKEY_CACHE_MS ?? 900,
          },
    logLevel: known.LOG_LEVEL ?? defaults.LOG_LEVEL,
    devCredentials: known.DEV_CREDENTIALS ?? defaults.DEV_CREDENTIALS,
    shutdownGraceMs: (known.SHUTDOWN_GRACE_SECONDS ?? defaults.SHUTDOWN_GRACE_SECONDS) * 1000,
    otlpEndpoint: known.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    ...securityConfig(known),
    risks: production ? risksOf(known) : [],
  });
}

/** As browsers write it: without the port that its scheme has anyway. */
function originIn(url: string | undefined): string | null {
  return url === undefined ? null : new URL(url).origin;
}

function pathsOf(pairs: readonly [name: string, path: string][]): Record<string, Record<string, string>> {
  const paths: Record<string, Record<string, string>> = {};
  for (const [name, path] of pairs) {
    const [provider, list] = name.split('.') as [string, string];
    (paths[provider] ??= {})[list] = path;
  }
  return paths;
}

/** In production a default that is meant for development must be asked for by name. */
function developmentDefaults(known: EnvironmentVariables): string[] {
  const problems: string[] = [];
  if (known.DATABASE_URL === undefined) {
    problems.push(
      'DATABASE_URL: is required in production (a postgres:// URL, or the word embedded to accept the embedded database)',
    );
  }
  if (known.KMS_KEY_ID === undefined) {
    problems.push(
      'KMS_KEY_ID: is required in production (an AWS KMS key, or the word local to accept the local keyring)',
    );
  }
  return problems;
}

/** Variables that are each well formed, but not together. */
function contradictions(known: EnvironmentVariables): string[] {
  const problems: string[] = [];
  if (known.KMS_OTHER_KEY_ID !== undefined && isLocal(known.KMS_OTHER_KEY_ID) === isLocal(known.KMS_KEY_ID)) {
    problems.push(
      'KMS_OTHER_KEY_ID: must be an AWS KMS key beside the local keyring, or the word local beside an AWS KMS key',
    );
  }
  for (const name of ['PUBLIC_ORIGIN', 'SANDBOX_ORIGIN'] as const) {
    if (known[name] !== undefined && !URL.canParse(known[name]))
      problems.push(`${name}: must be an origin that exists`);
  }
  problems.push(
    ...unreadable(known, 'DATABASE_URL', databaseAddressOf),
    ...unreadable(known, 'DATABASE_DIRECT_URL', databaseAddressOf),
    ...unreadable(known, 'REDIS_URL', redisAddressOf),
    ...sharedPorts(known),
    ...securityContradictions(known),
    ...incompleteOpenId(known),
  );
  if (known.NODE_ENV === 'production' && known.JWKS_URL !== undefined && !isGuarded(known.JWKS_URL)) {
    problems.push(
      'JWKS_URL: must be an https URL in production, or one of this machine, because it decides whose tokens are valid',
    );
  }
  if (known.UNKEY_ROOT_KEY === undefined) {
    for (const name of ['UNKEY_BASE_URL', 'UNKEY_CACHE_MS'] as const) {
      if (known[name] !== undefined) problems.push(`${name}: has no effect without UNKEY_ROOT_KEY`);
    }
    return problems;
  }
  if (known.DEV_CREDENTIALS === true) {
    problems.push('DEV_CREDENTIALS: cannot be true with UNKEY_ROOT_KEY, because keys are then made in Unkey');
  }
  if (known.NODE_ENV === 'production' && known.UNKEY_BASE_URL?.startsWith('http:')) {
    problems.push('UNKEY_BASE_URL: must be an https URL in production, because the keys of callers are sent there');
  }
  return problems;
}

/** What is wrong with the URL, in words that hold nothing of it. */
function unreadable(
  known: EnvironmentVariables,
  name: 'DATABASE_URL' | 'DATABASE_DIRECT_URL' | 'REDIS_URL',
  read: (url: string) => unknown,
): string[] {
  const url = known[name];
  if (url === undefined || url === 'embedded') return [];
  try {
    read(url);
    return [];
  } catch (error) {
    if (!(error instanceof RedisUrlError) && !(error instanceof DatabaseUrlError)) throw error;
    return [`${name}: ${error.message}`];
  }
}

/** Each listener has a port of its own, and the simulators are never at the console's origin. */
function sharedPorts(known: EnvironmentVariables): string[] {
  const port = known.PORT ?? DEFAULTS.PORT;
  const problems: string[] = [];
  if (known.SANDBOX_PORT && known.SANDBOX_PORT === port) problems.push('SANDBOX_PORT: must differ from PORT');
  if (known.METRICS_PORT && [port, known.SANDBOX_PORT].includes(known.METRICS_PORT)) {
    problems.push('METRICS_PORT: must differ from PORT and SANDBOX_PORT');
  }
  const consoles = [originOf(known.HOST ?? DEFAULTS.HOST, port), known.PUBLIC_ORIGIN];
  if (known.SANDBOX_ORIGIN !== undefined && consoles.includes(known.SANDBOX_ORIGIN)) {
    problems.push('SANDBOX_ORIGIN: must be where the simulators listen (SANDBOX_PORT), not where the API does');
  }
  return problems;
}

function isLocal(keyId: string | undefined): boolean {
  return keyId === undefined || keyId === 'local';
}

function trustProxy(value: string | undefined): string | number | boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  return /^\d{1,2}$/.test(value) ? Number(value) : value;
}
