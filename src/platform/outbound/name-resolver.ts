import { AsyncLocalStorage } from 'node:async_hooks';
import { Resolver as DnsResolver } from 'node:dns/promises';
import type { ResolvedAddress, Resolver } from './guarded-connector';
import { HostsFile } from './hosts-file';
import { OwnerLimit } from './owner-limit';

/**
 * Name servers are asked twice at most; the whole look-up, its wait included, ends before the connection's own limit of
 * 5 s.
 */
const TRY_MS = 1_500;
const TRIES = 2;
const LOOKUP_TIMEOUT_MS = 4_000;
/** Look-ups of one merchant under way; its others wait. */
const PER_OWNER = 4;
/** Once one family has addresses, the other is waited for this long. */
const OTHER_FAMILY_MS = 250;
/** A name's own time to live counts up to this: it may move to another address at any time. */
const MAX_KEPT_MS = 60_000;
const MAX_KEPT = 1_000;

export interface NameResolverOptions {
  /** `address:port` each; empty: those of the machine. */
  readonly servers?: readonly string[];
  readonly hosts?: HostsFile;
}

interface Found {
  readonly addresses: readonly ResolvedAddress[];
  readonly ttlSeconds: number;
}

/** On whose behalf the call under way is made. */
const caller = new AsyncLocalStorage<string>();

/** Names are looked up under this owner's limit while the work runs. */
export function onBehalfOf<T>(owner: string, work: () => T): T {
  return caller.run(owner, work);
}

/**
 * Names to addresses by asking the name servers directly (c-ares). `dns.lookup` would take a thread of the process's
 * small pool for as long as a name server is silent, and a few such names would hold up every merchant. `localhost` and
 * `/etc/hosts` are answered as getaddrinfo answers them; search domains are not tried.
 */
export class NameResolver {
  private readonly perOwner = new OwnerLimit(PER_OWNER);
  private readonly kept = new Map<string, { addresses: readonly ResolvedAddress[]; until: number }>();
  private readonly servers: readonly string[];
  private readonly hosts: HostsFile;

  constructor(options: NameResolverOptions = {}) {
    this.servers = options.servers ?? [];
    this.hosts = options.hosts ?? new HostsFile();
  }

  /** Rejects with ENOTFOUND (no such name, or no address), ETIMEDOUT or the name server's own failure. */
  readonly resolve: Resolver = async (hostname) => {
    const name = hostname.toLowerCase().replace(/\.$/, '');
    if (name === 'localhost' || name.endsWith('.localhost')) return LOOPBACK;
    const own = await this.hosts.addressesOf(name);
    if (own.length > 0) return own;
    const kept = this.kept.get(name);
    if (kept && kept.until > performance.now()) return kept.addresses;
    const signal = AbortSignal.timeout(LOOKUP_TIMEOUT_MS);
    try {
      const found = await this.perOwner.run(caller.getStore() ?? '', signal, () => this.ask(name, signal));
      this.keep(name, found);
      return found.addresses;
    } catch (error) {
      throw signal.aborted ? failure('ETIMEDOUT', name) : error;
    }
  };

  /**
   * A resolver for each look-up: to end it ends its socket, and the machine's name servers are always the current ones.
   */
  private async ask(name: string, signal: AbortSignal): Promise<Found> {
    const dns = new DnsResolver({ timeout: TRY_MS, tries: TRIES });
    if (this.servers.length > 0) dns.setServers(this.servers);
    const cancel = (): void => dns.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const four = dns.resolve4(name, { ttl: true }).then((found) => foundOf(found, 4));
      const six = dns.resolve6(name, { ttl: true }).then((found) => foundOf(found, 6));
      return await bothFamilies(four, six);
    } catch (error) {
      throw failure(codeOf(error), name);
    } finally {
      signal.removeEventListener('abort', cancel);
      dns.cancel();
    }
  }

  private keep(name: string, { addresses, ttlSeconds }: Found): void {
    this.kept.delete(name);
    if (ttlSeconds <= 0) return;
    const [oldest] = this.kept.keys();
    if (this.kept.size >= MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(name, { addresses, until: performance.now() + Math.min(ttlSeconds * 1000, MAX_KEPT_MS) });
  }
}

const LOOPBACK: readonly ResolvedAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

function foundOf(records: readonly { address: string; ttl: number }[], family: 4 | 6): Found {
  return {
    addresses: records.map(({ address }) => ({ address, family })),
    ttlSeconds: Math.min(...records.map(({ ttl }) => ttl)),
  };
}

/**
 * IPv4 first: most machines have a way for it. Fails when neither family has an address, for the first family's reason.
 */
async function bothFamilies(four: Promise<Found>, six: Promise<Found>): Promise<Found> {
  const settled = Promise.allSettled([four, six]);
  await Promise.any([four, six]).catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), OTHER_FAMILY_MS);
  });
  try {
    const both = await Promise.race([settled, late]);
    if (both === 'late') return await Promise.any([four, six]);
    const good = both.filter((each) => each.status === 'fulfilled').map(({ value }) => value);
    if (good.length === 0) throw (both[0] as PromiseRejectedResult).reason;
    return {
      addresses: good.flatMap(({ addresses }) => addresses),
      ttlSeconds: Math.min(...good.map(({ ttlSeconds }) => ttlSeconds)),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** In the words of getaddrinfo, which the rest of the outbound client knows. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === 'ENODATA' || code === 'ENOTFOUND' || code === 'EBADNAME') return 'ENOTFOUND';
  return code === 'ETIMEOUT' || code === 'ECANCELLED' ? 'ETIMEDOUT' : code || 'ESERVFAIL';
}

function failure(code: string, name: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address for ${name}`), { code });
}
