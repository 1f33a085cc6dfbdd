import { Injectable, Optional } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import { AppConfig } from '../platform/config';
import { Daemon } from '../platform/daemon';
import { hasEnded, leaseOwner } from '../platform/lease';
import { Metrics } from '../platform/metrics';
import { HttpSink } from './adapters/http-sink';
import { SyslogSink } from './adapters/syslog-sink';
import { ChainRepository } from './store/chain.repository';
import { StreamRepository, type LeasedStream, type StreamBacklog } from './store/stream.repository';
import { streamLineOf } from './stream-line';
import { SEND_TIMEOUT_MS, type StreamSink } from './stream-sink';

const BATCH = 500;
/** One exchange, and what the database may take on both sides of it. */
const LEASE_MS = SEND_TIMEOUT_MS + 15_000;
/** Then a tick ends, well within what one may take. */
const TURN_MS = 30_000;
const RETRY_MS = 5_000;
const MAX_ERROR = 300;
/** A receiver that takes what it is sent is never so far behind. */
const BEHIND_AFTER_MS = 120_000;

/**
 * Sends the chain to the receivers of the configuration, each link at least once and in order: the cursor moves when a
 * receiver has taken a batch. Runs in every worker; one of them has the lease of a receiver at a time.
 */
@Injectable()
export class AuditStreams extends Daemon {
  protected readonly name = 'audit streams';
  protected readonly intervalMs = 1_000;

  private readonly owner = leaseOwner();
  private readonly stopping = new AbortController();
  private readonly sinks: readonly StreamSink[];
  private readonly sent: Counter | undefined;
  private readonly lag: Gauge | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly chain: ChainRepository,
    private readonly streams: StreamRepository,
    @Optional() metrics?: Metrics,
  ) {
    super();
    const { syslog, http } = config.auditStream;
    this.sinks = [...(syslog ? [new SyslogSink(syslog)] : []), ...(http ? [new HttpSink(http)] : [])];
    if (this.sinks.length === 0) return;
    this.sent = metrics?.counter('audit_stream_links_total', 'Links of the audit chain that receivers have taken.', [
      'sink',
    ]);
    this.lag = metrics?.gauge('audit_stream_lag_seconds', 'Age of the oldest link that a receiver has not taken.', [
      'sink',
    ]);
    metrics?.beforeScrape(() => this.refreshLag());
  }

  override onApplicationBootstrap(): void {
    if (this.config.runsWork && this.sinks.length > 0) super.onApplicationBootstrap();
  }

  /** Receivers that have not taken a link for two minutes, by their origins. */
  async behind(): Promise<(Omit<StreamBacklog, 'destination'> & { origin: string })[]> {
    const backlogs = await this.backlogs();
    return backlogs
      .filter(({ since }) => Date.now() - since.getTime() > BEHIND_AFTER_MS)
      .map(({ destination, ...backlog }) => ({ origin: this.originOf(destination), ...backlog }));
  }

  /** A receiver that takes nothing must not hold up the end of the process: it is sent the same again. */
  override async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await super.beforeApplicationShutdown();
  }

  /** One receiver that is away holds up no other. */
  async tick(): Promise<boolean> {
    const more = await Promise.all(this.sinks.map((sink) => this.serve(sink)));
    return more.includes(true);
  }

  private async serve(sink: StreamSink): Promise<boolean> {
    const stream = await this.claim(sink.destination);
    if (stream === null) return false;
    let failure: { error: string; retryMs: number } | null = null;
    let more = false;
    try {
      more = await this.drain(sink, stream);
    } catch (error) {
      const reason = reasonOf(error);
      this.log.warn({ msg: 'audit links were not taken; they are sent again', sink: sink.kind, reason });
      if (!this.stopped) failure = { error: reason, retryMs: RETRY_MS };
    }
    await this.streams.release(sink.destination, stream.fence, failure);
    return more;
  }

  /** Also from a process of this machine that was killed: its lease would last on. */
  private async claim(destination: string): Promise<LeasedStream | null> {
    const { due, holder } = await this.streams.look(destination);
    if (!due || (holder !== null && !hasEnded(holder))) return null;
    return this.streams.claim(destination, this.owner, { leaseMs: LEASE_MS, from: holder });
  }

  /** True: there may be more. */
  private async drain(sink: StreamSink, { position, fence }: LeasedStream): Promise<boolean> {
    const until = performance.now() + TURN_MS;
    for (let after = position; performance.now() < until;) {
      const links = await this.chain.links(after, BATCH);
      if (links.length === 0 || this.stopped) return false;
      const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]);
      await sink.send(links.map(streamLineOf), signal);
      after = links.at(-1)!.sequence;
      if (!(await this.streams.advance(sink.destination, fence, after, LEASE_MS))) return false;
      this.sent?.inc({ sink: sink.kind }, links.length);
    }
    return true;
  }

  private originOf(destination: string): string {
    return this.sinks.find((sink) => sink.destination === destination)!.origin;
  }

  private backlogs(): Promise<StreamBacklog[]> {
    return this.sinks.length === 0
      ? Promise.resolve([])
      : this.streams.backlogs(this.sinks.map(({ destination }) => destination));
  }

  private async refreshLag(): Promise<void> {
    const backlogs = await this.backlogs();
    for (const { kind, destination } of this.sinks) {
      const since = backlogs.find((backlog) => backlog.destination === destination)?.since;
      this.lag?.set({ sink: kind }, since ? Math.max(0, Date.now() - since.getTime()) / 1000 : 0);
    }
  }
}

/** The failure, with the cause that `fetch` hides; never an address or a header. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: unknown };
  const code = (cause as { code?: string } | undefined)?.code;
  return `${message}${code === undefined ? '' : ` (${code})`}`.slice(0, MAX_ERROR);
}
