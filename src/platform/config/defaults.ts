import type { EnvironmentVariables } from './environment';

/** What a variable is while it is unset, in development; the others are then nothing. */
export const DEFAULTS = {
  NODE_ENV: 'development',
  PORT: 3000,
  HOST: '127.0.0.1',
  DATA_DIR: '.data',
  DATABASE_URL: 'embedded',
  DATABASE_POOL_SIZE: 20,
  DATABASE_STATEMENT_SECONDS: 60,
  QUEUE_SHARDS: 1,
  KMS_KEY_ID: 'local',
  AWS_REGION: 'us-east-1',
  ROLE: 'all',
  WORKER_CONCURRENCY: 10,
  RUN_LEASE_SECONDS: 30,
  DISPATCHER_SILENCE_SECONDS: 180,
  WEBHOOK_CONCURRENCY: 256,
  /** As Standard Webhooks recommends: at once, then over three days. */
  WEBHOOK_RETRY_SCHEDULE: '0,5,300,1800,7200,18000,36000,50400,72000,86400',
  WEBHOOK_TIMEOUT_SECONDS: 20,
  RETENTION_LOG_DAYS: 366,
  SANDBOX_PROVIDERS: true,
  SANDBOX_RATE_PER_SECOND: 50,
  OUTBOUND_ALLOW_PRIVATE: false,
  RATE_LIMIT_LIVE_PER_MINUTE: 1000,
  RATE_LIMIT_SANDBOX_PER_MINUTE: 100,
  EXCHANGE_LIMIT_PER_ADDRESS: 300,
  TRUST_PROXY: 'false',
  JWT_ISSUER: 'interlock',
  JWT_AUDIENCE: 'interlock',
  ADMIN_TOKEN_SIGN_IN: true,
  LOG_LEVEL: 'info',
  DEV_CREDENTIALS: true,
  SHUTDOWN_GRACE_SECONDS: 25,
  SECOND_APPROVER_BULK_RETRY_ABOVE: 100,
  SECOND_APPROVER_EXPIRES_HOURS: 24,
} as const satisfies EnvironmentVariables;

/** The same where some are set: what is meant for development stays off in production. */
export function defaultsBeside(known: EnvironmentVariables): EnvironmentVariables & typeof DEFAULTS {
  const production = known.NODE_ENV === 'production';
  return {
    ...DEFAULTS,
    SANDBOX_PROVIDERS: !production,
    DEV_CREDENTIALS: !production && known.UNKEY_ROOT_KEY === undefined,
  } as EnvironmentVariables & typeof DEFAULTS;
}
