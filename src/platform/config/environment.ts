import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUrl, Matches, Max, MaxLength, Min } from 'class-validator';
import { AsFlag, AsUnset, AsWhole } from '../text-values';
import { databaseLeavesInClear } from './database-address';
import { redisLeavesInClear } from './redis-address';
import { isInClear, leavesInClear, Risky } from './risks';
import { SecurityVariables } from './security-variables';

const DATABASE_FORM = /^(embedded|postgres(ql)?:\/\/\S+)$/;
const DATABASE_RULE = { message: 'must be a postgres:// URL, or the word embedded' };

const HTTP = { require_tld: false, require_protocol: true, protocols: ['http', 'https'] };
const HTTP_RULE = { message: 'must be an http(s) URL' };

/**
 * Every environment variable that Interlock reads, with its rule. `.env.example` names the same ones; a check proves
 * it.
 */
export class EnvironmentVariables extends SecurityVariables {
  @IsOptional()
  @IsIn(['development', 'production', 'test'])
  @AsUnset()
  NODE_ENV?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65535)
  @AsWhole()
  PORT?: number;

  @IsOptional()
  @IsString()
  @Matches(/^[A-Za-z0-9.:-]+$/, { message: 'must be an address or a host name' })
  @AsUnset()
  HOST?: string;

  @IsOptional()
  @Matches(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)*(,\.?[a-z0-9-]+(\.[a-z0-9-]+)*)*$/, {
    message: 'must be host names such as interlock.example.com,.internal.example.com: lower case, without ports',
  })
  @AsUnset()
  ALLOWED_HOSTS?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65535)
  @AsWhole()
  METRICS_PORT?: number;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  DATA_DIR?: string;

  @IsOptional()
  @Matches(DATABASE_FORM, DATABASE_RULE)
  @AsUnset()
  @Risky((url) => url === 'embedded', 'the embedded database has no standby and no backup of its own')
  @Risky(databaseLeavesInClear, 'the database is reached without TLS: add sslmode=verify-full to the URL')
  DATABASE_URL?: string;

  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/\S+$/, { message: 'must be a postgres:// URL' })
  @AsUnset()
  @Risky(databaseLeavesInClear, 'the database is reached without TLS: add sslmode=verify-full to the URL')
  DATABASE_DIRECT_URL?: string;

  @IsOptional()
  @IsInt()
  @Min(2)
  @Max(500)
  @AsWhole()
  DATABASE_POOL_SIZE?: number;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3_600)
  @AsWhole()
  DATABASE_STATEMENT_SECONDS?: number;

  @IsOptional()
  @Matches(/^rediss?(\+sentinel|\+cluster)?:\/\/\S+$/, {
    message: 'must be a redis:// or rediss:// URL, or one of redis+sentinel:// or redis+cluster://',
  })
  @AsUnset()
  @Risky(redisLeavesInClear, 'Redis is reached without TLS: use rediss://')
  REDIS_URL?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(64)
  @AsWhole()
  QUEUE_SHARDS?: number;

  @IsOptional()
  @IsString()
  @MaxLength(2048)
  @AsUnset()
  @Risky((id) => id === 'local', 'credentials are sealed under the local keyring: whoever reads it opens them all')
  KMS_KEY_ID?: string;

  @IsOptional()
  @IsString()
  @MaxLength(2048)
  @AsUnset()
  KMS_OTHER_KEY_ID?: string;

  @IsOptional()
  @IsUrl(HTTP, HTTP_RULE)
  @AsUnset()
  @Risky(isInClear, 'data keys travel from the KMS in clear: use https')
  KMS_ENDPOINT?: string;

  @IsOptional()
  @Matches(/^[a-z0-9-]{2,40}$/, { message: 'must be an AWS region name' })
  @AsUnset()
  AWS_REGION?: string;

  @IsOptional()
  @IsString()
  @MaxLength(8192)
  @Matches(/^\s*[1-9]\d{0,5}:[A-Za-z0-9+/]{43}=\s*(,\s*[1-9]\d{0,5}:[A-Za-z0-9+/]{43}=\s*)*$/, {
    message: 'must be versioned keys of 32 bytes in base64, such as 1:<base64>,2:<base64>',
  })
  @AsUnset()
  LOCAL_KEYRING?: string;

  @IsOptional()
  @IsIn(['all', 'api', 'worker'])
  @AsUnset()
  ROLE?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(500)
  @AsWhole()
  WORKER_CONCURRENCY?: number;

  @IsOptional()
  @IsInt()
  @Min(2)
  @Max(600)
  @AsWhole()
  RUN_LEASE_SECONDS?: number;

  @IsOptional()
  @IsInt()
  @Min(5)
  @Max(3_600)
  @AsWhole()
  DISPATCHER_SILENCE_SECONDS?: number;

  @IsOptional()
  @IsInt()
  @Min(4)
  @Max(5_000)
  @AsWhole()
  WEBHOOK_CONCURRENCY?: number;

  @IsOptional()
  @Matches(/^\d{1,6}(,\d{1,6}){0,19}$/, { message: 'must be seconds such as 0,5,300: at most 20' })
  @AsUnset()
  WEBHOOK_RETRY_SCHEDULE?: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(30)
  @AsWhole()
  WEBHOOK_TIMEOUT_SECONDS?: number;

  @IsOptional()
  @IsInt()
  @Min(7)
  @Max(3_650)
  @AsWhole()
  RETENTION_LOG_DAYS?: number;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  @AsFlag()
  @Risky((on) => on === true, 'the provider simulators are served, and sandbox keys may reach them on a local address')
  SANDBOX_PROVIDERS?: boolean;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(65535)
  @AsWhole()
  SANDBOX_PORT?: number;

  @IsOptional()
  @Matches(/^https?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/, {
    message: 'must be an origin such as http://127.0.0.1:3010: lower case, without a path',
  })
  @AsUnset()
  SANDBOX_ORIGIN?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  @AsWhole()
  SANDBOX_RATE_PER_SECOND?: number;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  @AsFlag()
  @Risky((on) => on === true, 'merchants can make the service call addresses of its own network')
  OUTBOUND_ALLOW_PRIVATE?: boolean;

  @IsOptional()
  @Matches(
    /^((\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(:\d{1,5})?)(,((\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])(:\d{1,5})?))*$/,
    {
      message: 'must be addresses of name servers, such as 10.0.0.2,10.0.0.3:5353',
    },
  )
  @AsUnset()
  OUTBOUND_DNS_SERVERS?: string;

  @IsOptional()
  @IsString()
  @MaxLength(1024)
  @AsUnset()
  PROVIDERS_DIR?: string;

  @IsOptional()
  @Matches(/^[a-z0-9_-]+=\.?[a-z0-9.-]+(,\.?[a-z0-9.-]+)*(;[a-z0-9_-]+=\.?[a-z0-9.-]+(,\.?[a-z0-9.-]+)*)*$/, {
    message: 'must be host suffixes by provider, such as acme=.acme.com,.acme.io;other=api.other.com',
  })
  @AsUnset()
  PROVIDER_LIVE_HOSTS?: string;

  @IsOptional()
  @Matches(/^[a-z0-9-]+\.[a-z_]+=\/[\w./-]+(;[a-z0-9-]+\.[a-z_]+=\/[\w./-]+)*$/, {
    message: 'must be paths by provider and list, such as acme.products=/items;acme.packages=/bundles',
  })
  @AsUnset()
  PROVIDER_PATHS?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @AsWhole()
  @Risky((limit) => limit === 0, 'live API keys have no rate limit')
  RATE_LIMIT_LIVE_PER_MINUTE?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @AsWhole()
  @Risky((limit) => limit === 0, 'sandbox API keys have no rate limit')
  RATE_LIMIT_SANDBOX_PER_MINUTE?: number;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @AsWhole()
  @Risky((limit) => limit === 0, 'node secrets can be guessed without a limit for an address')
  EXCHANGE_LIMIT_PER_ADDRESS?: number;

  @IsOptional()
  @Matches(/^(true|false|\d{1,2}|[0-9a-fA-F.:/,\s]+|loopback|linklocal|uniquelocal)$/, {
    message: 'must be true, false, a number of hops, or addresses of trusted proxies',
  })
  @AsUnset()
  @Risky(
    (who) => /^true$|\/0+(\D|$)/.test(String(who)),
    'every caller can choose the address that limits and the audit log see: name the proxies',
  )
  TRUST_PROXY?: string;

  @IsOptional()
  @Matches(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, {
    message: 'must be an origin such as https://interlock.example.com: lower case, without a path',
  })
  @AsUnset()
  @Risky(leavesInClear, 'the console and its session cookie travel in clear: use https')
  PUBLIC_ORIGIN?: string;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  @AsUnset()
  JWT_ISSUER?: string;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  @AsUnset()
  JWT_AUDIENCE?: string;

  @IsOptional()
  @IsUrl(HTTP, HTTP_RULE)
  @AsUnset()
  JWKS_URL?: string;

  @IsOptional()
  @IsBoolean()
  @AsFlag()
  ADMIN_TOKEN_SIGN_IN?: boolean;

  @IsOptional()
  @Matches(/^[\x21-\x7e]{8,512}$/, { message: 'must be an Unkey root key: 8 to 512 characters, no spaces' })
  @AsUnset()
  UNKEY_ROOT_KEY?: string;

  @IsOptional()
  @IsUrl(HTTP, HTTP_RULE)
  @AsUnset()
  UNKEY_BASE_URL?: string;

  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(60_000)
  @AsWhole()
  UNKEY_CACHE_MS?: number;

  @IsOptional()
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  @AsUnset()
  LOG_LEVEL?: string;

  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  @AsFlag()
  @Risky((on) => on === true, 'keys of all kinds and an administrator token are written to dev-credentials.json')
  DEV_CREDENTIALS?: boolean;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(600)
  @AsWhole()
  SHUTDOWN_GRACE_SECONDS?: number;

  @IsOptional()
  @IsUrl(HTTP, HTTP_RULE)
  @AsUnset()
  @Risky(leavesInClear, 'traces leave the machine in clear: use https')
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
}
