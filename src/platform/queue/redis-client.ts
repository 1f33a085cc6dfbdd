import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { redisAddressOf, type RedisAddress } from '../config';
import { isReadOnly } from './redis-refusal';

/** A server that was away is asked again soon, and by a fleet of clients not too often. */
const RETRY_STEP_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/** What a client is told beside its address. */
type ClientSettings = Omit<RedisOptions, 'host' | 'port' | 'sentinels'> & Pick<ClusterOptions, 'maxRedirections'>;

/** A client of what REDIS_URL names, whichever form it has. Throws where a file of the URL cannot be read. */
export function connectToRedis(url: string, settings: ClientSettings): Redis | Cluster {
  const address = redisAddressOf(url);
  if (address.kind === 'cluster') return clusterOf(address, settings);
  const options = { ...redisOptions(address), ...settings };
  return address.url === null ? new Redis(options) : new Redis(address.url, options);
}

/** Of one server, beside its URL, or of the one behind Sentinels. */
export function redisOptions({ nodes, primaryName, user, sentinelUser, db, tls, kind }: RedisAddress): RedisOptions {
  const secured = tls === null ? {} : { tls: tlsOptions(tls) };
  const common = {
    ...secured,
    retryStrategy: retryDelayMs,
    // a primary that became a replica keeps its connections where nobody cuts them; another one may be the primary now
    reconnectOnError: (error: Error) => isReadOnly(error),
  };
  if (kind !== 'sentinel') return common;
  return {
    ...common,
    sentinels: nodes.map(({ host, port }) => ({ host, port })),
    name: primaryName!,
    username: user.username,
    password: user.password,
    db,
    sentinelUsername: sentinelUser.username,
    sentinelPassword: sentinelUser.password,
    sentinelRetryStrategy: retryDelayMs,
    ...(tls === null ? {} : { sentinelTLS: secured.tls, enableTLSForSentinelMode: true }),
  };
}

function clusterOf({ nodes, user, tls }: RedisAddress, settings: ClientSettings): Cluster {
  const { enableReadyCheck, lazyConnect, maxRedirections } = settings;
  return new Cluster(
    nodes.map(({ host, port }) => ({ host, port })),
    {
      redisOptions: {
        username: user.username,
        password: user.password,
        ...(tls === null ? {} : { tls: tlsOptions(tls) }),
        ...settings,
      },
      clusterRetryStrategy: retryDelayMs,
      // a certificate is for the name that the URL has, not for the address behind it
      dnsLookup: (host, answer) => answer(null, host),
      enableReadyCheck,
      lazyConnect,
      maxRedirections,
    },
  );
}

function tlsOptions({ caFile, certFile, keyFile }: NonNullable<RedisAddress['tls']>): ConnectionOptions {
  return {
    ...(caFile === null ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === null ? {} : { cert: readFileSync(certFile), key: readFileSync(keyFile!) }),
  };
}

export function retryDelayMs(times: number): number {
  return Math.min(times * RETRY_STEP_MS, LONGEST_RETRY_MS);
}
