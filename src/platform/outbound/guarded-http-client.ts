import { Agent } from 'undici';
import { AnswerPaces } from './answer-pace';
import { checkDestination, type Destination, type DestinationPolicy } from './destination';
import { GuardedCall, type CallMetrics, type CallTools } from './guarded-call';
import { guardedConnector, type Resolver } from './guarded-connector';
import { NameResolver, onBehalfOf } from './name-resolver';
import { networkFailure } from './network-failure';
import type { OutboundHttp } from './outbound-http';
import type { RateBudget } from './rate-budget';
import { exchange, WireError } from './wire-exchange';

export interface GuardedHttpClientOptions {
  /** OUTBOUND_ALLOW_PRIVATE. */
  readonly allowPrivate: boolean;
  readonly resolver?: Resolver;
  readonly connectTimeoutMs?: number;
  /** From the sent request to the answer's headers. */
  readonly headersTimeoutMs?: number;
  /** One attempt from connecting to the last byte, redirects included. */
  readonly totalTimeoutMs?: number;
  /** Cap of one decompressed body. */
  readonly maxBytes?: number;
  readonly now?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

export interface BindOptions {
  /** Host suffixes of the provider in live mode; null: any public host. */
  readonly allowedHostSuffixes: readonly string[] | null;
  /** Origin and path of the service's own simulator, for sandbox keys while simulators run; null otherwise. */
  readonly exemptPrefix: string | null;
  /** Aborts the call under way within 100 ms; its reason is what the call rejects with. */
  readonly signal: AbortSignal;
  readonly budget: RateBudget | null;
  /** Whose look-ups of names these calls count as: each owner has so many at a time. */
  readonly owner?: string;
  /** No person waits: after large answers, further calls of this owner are paced. */
  readonly paced?: boolean;
  /**
   * Asked about every call that changes something, after every wait and in the tick that writes its first byte. Throws
   * a ProviderFailure with `nothingSent` when it may not go out any more.
   */
  readonly mayDispatch?: () => void;
  /** Told of every attempt; never gets a URL, a header or a body. */
  readonly onCall?: (metrics: CallMetrics) => void;
}

/** One message to an endpoint that somebody registered. */
export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that were signed. */
  readonly body: string;
  /** From connecting to the last byte. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whose look-ups of names it counts as. */
  readonly owner: string;
  /** Asked in the tick that writes the first byte; throws when it may not go out any more. */
  readonly mayDispatch: () => void;
}

export interface PostAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** null: it was too large, or could not be decoded. */
  readonly body: Buffer | null;
}

/** Of an answer that nobody needs but to look into a failure. */
const MAX_POST_ANSWER_BYTES = 64 * 1024;

/**
 * What may be repeated reuses connections. A call that changes something has one of its own, used once: a server may
 * close an idle connection in the moment in which it is used again, and nobody could tell whether the call was read.
 */
interface Pools {
  readonly reads: Agent;
  readonly writes: Agent;
}

/**
 * The only way out of the process. Guards where calls go, bounds time and size, and repeats what may be repeated.
 * One per process: connections are pooled and reused across integrations.
 */
export class GuardedHttpClient {
  private readonly allowPrivate: boolean;
  /** Pools apart, so that a connection made to the exempt simulator never carries a guarded call. */
  private readonly guarded: Pools;
  private readonly exempt: Pools;
  /**
   * To endpoints: kept between messages, as each may be repeated and is known by its id. As many to one host as there
   * are calls, which are bounded by endpoint: merchants whose endpoints share a host wait for no slow one of another.
   */
  private readonly posts: Agent;
  private readonly paces: AnswerPaces;
  private readonly tools: Omit<CallTools, 'dispatcherFor'>;

  constructor(options: GuardedHttpClientOptions) {
    this.allowPrivate = options.allowPrivate;
    const connectTimeoutMs = options.connectTimeoutMs ?? 5_000;
    const pool = { keepAliveTimeout: 10_000, keepAliveMaxTimeout: 60_000, connections: 64 };
    const pools = (connect: Agent.Options['connect']): Pools => ({
      reads: new Agent({ ...pool, connect }),
      writes: new Agent({ ...pool, pipelining: 0, connect }),
    });
    this.guarded = pools(
      guardedConnector({
        allowPrivate: this.allowPrivate,
        resolver: options.resolver ?? new NameResolver().resolve,
        connectTimeoutMs,
      }),
    );
    this.exempt = pools({ timeout: connectTimeoutMs });
    this.posts = new Agent({
      // shorter than servers keep them by default, so that few are closed in the moment of their use
      keepAliveTimeout: 4_000,
      connect: guardedConnector({
        allowPrivate: this.allowPrivate,
        resolver: options.resolver ?? new NameResolver().resolve,
        connectTimeoutMs,
      }),
    });
    this.tools = {
      headersTimeoutMs: options.headersTimeoutMs ?? 15_000,
      totalTimeoutMs: options.totalTimeoutMs ?? 20_000,
      maxBytes: options.maxBytes ?? 10 * 1024 * 1024,
      now: options.now ?? Date.now,
      sleep: options.sleep ?? sleepUnlessAborted,
      random: options.random ?? Math.random,
    };
    this.paces = new AnswerPaces(this.tools.now);
  }

  /** The client for one piece of work of one integration. */
  bind(options: BindOptions): OutboundHttp {
    const policy = this.policy(options);
    const tools: CallTools = {
      ...this.tools,
      dispatcherFor: ({ exempt }, method) =>
        (exempt ? this.exempt : this.guarded)[method === 'GET' ? 'reads' : 'writes'],
    };
    const owner = options.owner ?? '';
    const call = { ...options, pace: options.paced ? this.paces.of(owner) : null };
    return { request: (request) => onBehalfOf(owner, () => new GuardedCall(request, policy, call, tools).run()) };
  }

  /**
   * One exchange with an endpoint: nothing is repeated, no redirect is followed. Throws DestinationRefused, or a
   * ProviderFailure that speaks of the endpoint.
   */
  async post(request: PostRequest): Promise<PostAnswer> {
    const { url } = this.checkDestination(request.url, { allowedHostSuffixes: null, exemptPrefix: null });
    try {
      const answer = await onBehalfOf(request.owner, () =>
        exchange(this.posts, {
          url,
          method: 'POST',
          headers: request.headers,
          body: request.body,
          headersTimeoutMs: request.timeoutMs,
          totalTimeoutMs: request.timeoutMs,
          maxBytes: MAX_POST_ANSWER_BYTES,
          signal: request.signal,
          mayDispatch: request.mayDispatch,
        }),
      );
      return {
        status: answer.status,
        headers: answer.headers,
        body: Buffer.isBuffer(answer.body) ? answer.body : null,
      };
    } catch (error) {
      throw error instanceof WireError ? networkFailure(error, 'endpoint') : error;
    }
  }

  /** The rules that need no network, for refusing a `baseUrl` before anything is called. Throws DestinationRefused. */
  checkDestination(url: string, options: Pick<BindOptions, 'allowedHostSuffixes' | 'exemptPrefix'>): Destination {
    return checkDestination(url, this.policy(options));
  }

  /** Ends every connection; a call under way fails. For the end of the process, after the runs were requeued. */
  async close(): Promise<void> {
    await Promise.all(
      [...[this.guarded, this.exempt].flatMap(({ reads, writes }) => [reads, writes]), this.posts].map(async (agent) =>
        agent.destroyed ? undefined : agent.destroy(),
      ),
    );
  }

  private policy(options: Pick<BindOptions, 'allowedHostSuffixes' | 'exemptPrefix'>): DestinationPolicy {
    return {
      allowPrivate: this.allowPrivate,
      allowedHostSuffixes: options.allowedHostSuffixes,
      exemptPrefix: options.exemptPrefix,
    };
  }
}

export function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
