import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { within } from '../clock';
import { AppConfig } from '../config/app-config';
import { newClient } from './connection';
import { SESSION_OPTIONS } from './limits';
import { sqlOf, type Tx } from './tx';

export type NotificationHandler = (payload: string) => void;

const RECONNECT_DELAY_MS = 250;
/**
 * A connection can die without a word. Promises that hang on signals hold one second: 200 + 400 ms at most until the
 * silence is noticed, and the rest is for the subscribers.
 */
const HEARTBEAT_MS = 200;
const SILENCE_MS = 400;
/** For a new connection, for what is said on it at first, and for its end. */
const CONNECTION_MS = 5_000;
const CHANNEL_FORM = /^[a-z_]{1,40}$/;

/**
 * Cross-process signals over PostgreSQL LISTEN/NOTIFY: sent in the operation's own transaction, so a signal arrives if
 * and only if the operation committed. Delivery needs the channel to be up; when it is lost and again when it is back
 * every subscriber's `onGap` runs, because signals may have been missed, and subscribers must hold a time bound of
 * their own for while it is down.
 */
@Injectable()
export class Notifications implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('notifications');
  private readonly handlers = new Map<string, Set<NotificationHandler>>();
  private readonly gapHandlers = new Set<() => void>();
  private client: pg.Client | null = null;
  private closed = false;
  private retry: NodeJS.Timeout | null = null;
  private heartbeat: NodeJS.Timeout | null = null;
  private silence: NodeJS.Timeout | null = null;

  constructor(private readonly config: AppConfig) {}

  /** True while signals of other processes arrive. */
  get connected(): boolean {
    return this.client !== null;
  }

  subscribe(channel: string, handler: NotificationHandler, onGap?: () => void): void {
    if (!CHANNEL_FORM.test(channel)) throw new Error(`not a channel name: ${channel}`);
    const set = this.handlers.get(channel) ?? new Set();
    set.add(handler);
    this.handlers.set(channel, set);
    if (onGap) this.gapHandlers.add(onGap);
    // LISTEN for a channel that is already being listened to is a no-op
    this.client?.query(`LISTEN ${channel}`).catch(() => undefined);
  }

  /** Signals every process, this one included, when the transaction commits. At most 8000 bytes; ids only. */
  async publish(tx: Tx, channel: string, payload: string): Promise<void> {
    await sqlOf(tx).query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    if (this.retry) clearTimeout(this.retry);
    this.stopHeartbeat();
    const client = this.client;
    this.client = null;
    if (client) await within(CONNECTION_MS, client.end());
  }

  private async connect(): Promise<void> {
    if (this.closed) return;
    const client = newClient(this.config.database.directUrl, {
      keepAlive: true,
      options: SESSION_OPTIONS,
      application_name: 'interlock-listen',
      connectionTimeoutMillis: CONNECTION_MS,
      query_timeout: CONNECTION_MS,
    });
    // without a listener a dropped connection would end the process
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', (message) => {
      for (const handler of this.handlers.get(message.channel) ?? []) handler(message.payload ?? '');
    });
    try {
      await client.connect();
      for (const channel of this.handlers.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      this.logger.warn({ msg: 'cannot listen; trying again', err: error });
      client.end().catch(() => undefined);
      this.scheduleReconnect();
      return;
    }
    if (this.closed) {
      await within(CONNECTION_MS, client.end());
      return;
    }
    this.client = client;
    this.listenForHeartbeat(client);
    this.tellOfGap();
  }

  private listenForHeartbeat(client: pg.Client): void {
    this.stopHeartbeat();
    this.heartbeat = setInterval(() => {
      // the answer to the last one is still out
      if (this.silence) return;
      // the answer may have come while this process was too busy to read it: it is read before the next immediate
      const end = (): void => void setImmediate(() => this.silence === timer && this.lost(client));
      const timer = setTimeout(end, SILENCE_MS).unref();
      this.silence = timer;
      client.query('SELECT 1').then(
        () => this.client === client && this.answered(),
        () => this.lost(client),
      );
    }, HEARTBEAT_MS).unref();
  }

  private answered(): void {
    if (this.silence) clearTimeout(this.silence);
    this.silence = null;
  }

  private stopHeartbeat(): void {
    if (this.heartbeat) clearInterval(this.heartbeat);
    this.heartbeat = null;
    this.answered();
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = null;
    this.stopHeartbeat();
    client.end().catch(() => undefined);
    this.tellOfGap();
    this.scheduleReconnect();
  }

  private tellOfGap(): void {
    for (const onGap of this.gapHandlers) onGap();
  }

  private scheduleReconnect(): void {
    if (this.closed || this.retry) return;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.connect().catch((error: unknown) => this.logger.error({ msg: 'reconnect failed', err: error }));
    }, RECONNECT_DELAY_MS);
  }
}
