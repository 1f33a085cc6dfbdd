import type { Risk } from './risks';

export type ProcessRole = 'all' | 'api' | 'worker';

export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  readonly scope: string;
  /** Of the ID token or of userinfo: the names of the operator's groups. */
  readonly groupsClaim: string;
  /** The groups that grant a role. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** How long a session of the console lasts. */
  readonly sessionSeconds: number;
  readonly stepUp: {
    /** How old the sign-in may be at a dangerous act. */
    readonly maxAgeSeconds: number;
    /** Empty: any. */
    readonly acrValues: readonly string[];
  };
}

/** The whole configuration, validated once and frozen. It is its own DI token. */
export class AppConfig {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  /** Names that the process is known by beside those of its own machine and of `publicOrigin`; null: unset. */
  readonly allowedHosts: readonly string[] | null;
  /** The listener that `/metrics` has of its own, 0 for any free port; null: it is on the main one. */
  readonly metricsPort: number | null;
  /** Absolute path. */
  readonly dataDir: string;
  readonly role: ProcessRole;
  readonly servesApi: boolean;
  readonly runsWork: boolean;
  readonly database: {
    /** Start the embedded PostgreSQL in `dataDir` and put its URL here before the application is created. */
    readonly embedded: boolean;
    readonly url: string;
    /** For what cannot pass a pooler: LISTEN, migrations, the queue on PostgreSQL. */
    readonly directUrl: string;
    /** `url` leads through a pooler: connections change between transactions, so nothing may be kept in a session. */
    readonly pooled: boolean;
    readonly poolSize: number;
    /** What one statement may take. */
    readonly statementMs: number;
  };
  /** null: BullMQ runs on PostgreSQL. */
  readonly redisUrl: string | null;
  /** Over so many queues the runs are spread. */
  readonly queueShards: number;
  readonly kms: {
    /** What seals. null: the local keyring. */
    readonly keyId: string | null;
    /** What opens beside it while secrets are moved: a KMS key beside the local keyring, `local` beside a KMS key. */
    readonly otherKeyId: string | null;
    readonly endpoint: string | null;
    readonly region: string;
  };
  /** Versioned keys as text (`1:<base64>,2:<base64>`), or null: the file `keyring.json` in `dataDir`. */
  readonly localKeyring: string | null;
  readonly workerConcurrency: number;
  /** How long a run whose worker fell silent stays its own before another worker may take it over. */
  readonly runLeaseMs: number;
  /** A worker whose dispatcher has not come round for so long is to be restarted. */
  readonly dispatcherSilenceMs: number;
  readonly webhooks: {
    /** Endpoints that one process delivers to at the same time. */
    readonly concurrency: number;
    /** When the tries of an event come, each after the one before. */
    readonly scheduleMs: readonly number[];
    readonly timeoutMs: number;
  };
  /** How long finished runs, their log entries and what else happened are kept. */
  readonly retentionLogDays: number;
  readonly sandboxProviders: boolean;
  /** Whether this process serves them: not where SANDBOX_ORIGIN alone says that another one does. */
  readonly servesSandbox: boolean;
  /** Of the simulators' listener; null or 0: any free one. */
  readonly sandboxPort: number | null;
  /**
   * Where this installation's own simulators answer, the one origin that sandbox keys may reach although it is local;
   * null in a process that serves none and was told of none.
   */
  readonly sandboxOrigin: string | null;
  /** The call budget that is kept towards the simulators; 0: none. */
  readonly sandboxRatePerSecond: number;
  readonly outboundAllowPrivate: boolean;
  /** The name servers for providers' names; empty: the machine's own. */
  readonly outboundDnsServers: readonly string[];
  readonly providers: {
    /** Of manifests, absolute; null: none. */
    readonly folder: string | null;
    /** Host suffixes that they may be called on with a live key, instead of those in the catalogue, by provider. */
    readonly liveHosts: Readonly<Record<string, readonly string[]>>;
    /** Paths of their lists. */
    readonly paths: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  readonly rateLimit: {
    readonly livePerMinute: number;
    readonly sandboxPerMinute: number;
    readonly exchangePerAddressPerMinute: number;
  };
  readonly trustProxy: string | number | boolean;
  /** Where browsers find this service; null: where the request says it arrived. */
  readonly publicOrigin: string | null;
  readonly jwt: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string | null };
  /** Operators sign in to the console through this OpenID provider; null: with a pasted token alone. */
  readonly openId: OpenIdSettings | null;
  /** Whether the console takes a pasted token. */
  readonly tokenSignIn: boolean;
  /** API keys are verified by Unkey; null: they are our own. A verdict is believed for `cacheMs`. */
  readonly unkey: { readonly rootKey: string; readonly baseUrl: string; readonly cacheMs: number } | null;
  readonly logLevel: string;
  /** Write dev-credentials.json and print a curl at start. */
  readonly devCredentials: boolean;
  readonly shutdownGraceMs: number;
  /** Settings that production should not need; empty outside of production. */
  readonly risks: readonly Risk[];
  /** Where `/admin` may be used from; null: anywhere. */
  readonly adminAllowedCidrs: readonly string[] | null;
  /** Acts of operators that another one must approve, and how long a request for one stands. */
  readonly secondApprover: {
    readonly acts: readonly string[];
    /** Of bulk retries: those of more log entries, of one operator in an hour. */
    readonly bulkRetryAbove: number;
    readonly expiresMs: number;
  };
  /** Where the audit chain is copied to; null: nowhere. */
  readonly auditStream: {
    readonly syslog: {
      readonly host: string;
      readonly port: number;
      readonly caFile: string | null;
      readonly certFile: string | null;
      readonly keyFile: string | null;
    } | null;
    readonly http: { readonly url: string; readonly tokenFile: string | null } | null;
  };
  /** Where traces go; null: nowhere. */
  readonly otlpEndpoint: string | null;

  constructor(values: ConfigValues) {
    Object.assign(this, values);
    deepFreeze(this);
  }

  /** The same configuration with a database that came up after it was read. */
  withDatabase(url: string): AppConfig {
    return new AppConfig({ ...this, database: { ...this.database, url, directUrl: url, pooled: false } });
  }

  withPort(port: number): AppConfig {
    return new AppConfig({ ...this, port });
  }

  /** With the simulators listening there; an origin that was given stands. */
  withSandboxPort(sandboxPort: number): AppConfig {
    const sandboxOrigin = this.sandboxOrigin ?? originOf(this.host, sandboxPort);
    return new AppConfig({ ...this, sandboxPort, sandboxOrigin });
  }
}

export type ConfigValues = Omit<AppConfig, 'withDatabase' | 'withPort' | 'withSandboxPort'>;

/** Where a listener of this machine is reached from this machine. */
export function originOf(host: string, port: number): string {
  const anyAddress = host === '0.0.0.0' || host === '::';
  return `http://${anyAddress ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}

function deepFreeze(value: object): void {
  for (const member of Object.values(value)) {
    if (member !== null && typeof member === 'object') deepFreeze(member);
  }
  Object.freeze(value);
}
