import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { connect, type ConnectionOptions } from 'node:tls';
import { isoOf } from '../chain';
import type { StreamLine } from '../stream-line';
import { StreamSink } from '../stream-sink';

interface SyslogSinkOptions {
  readonly host: string;
  readonly port: number;
  /** Of the receiver's authority; null: those that Node.js trusts. */
  readonly caFile: string | null;
  /** What this service shows to the receiver. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

/** Facility 13 (log audit), severity 5 (notice). */
const PRIORITY = 13 * 8 + 5;
const MAX_HOSTNAME = 255;
const MAX_MESSAGE_ID = 32;
/** For the receiver to write what it has read. */
const WRITE_MS = 250;
const CLOSED_EARLY = 'the receiver closed the connection before it had read everything';

/**
 * RFC 5424 over TLS with the octet counting of RFC 5425, which knows no receipts. What stands for one: each exchange
 * ends the sending side of its connection, and the receiver closes its own when it has read to there. The end comes a
 * while after the last line: a receiver that is killed before it has written what it read closes too early. The close
 * is that of TCP, which the network can forge: rsyslog sends no close_notify of TLS that could be asked for.
 */
export class SyslogSink extends StreamSink {
  readonly kind = 'syslog';
  readonly destination: string;
  readonly origin: string;

  constructor(private readonly options: SyslogSinkOptions) {
    super();
    this.destination = this.origin = `tls://${options.host}:${options.port}`;
  }

  async send(lines: readonly StreamLine[], signal: AbortSignal): Promise<void> {
    await exchange(await this.connection(), lines.map(syslogFrame).join(''), signal);
  }

  private async connection(): Promise<ConnectionOptions> {
    const { host, port, caFile, certFile, keyFile } = this.options;
    const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(contentOf));
    return {
      host,
      port,
      ...(isIP(host) ? {} : { servername: host }),
      minVersion: 'TLSv1.2',
      ...(ca ? { ca } : {}),
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
    };
  }
}

function contentOf(file: string | null): Promise<Buffer | null> {
  return file === null ? Promise.resolve(null) : readFile(file);
}

/** Everything is ASCII: characters are octets. */
export function syslogFrame({ entry, text }: StreamLine): string {
  const time = entry === null ? '-' : isoOf(entry.occurredAt);
  const messageId = printable(entry?.action ?? 'entry.removed', MAX_MESSAGE_ID);
  const header = `<${PRIORITY}>1 ${time} ${printable(hostname(), MAX_HOSTNAME)} interlock ${process.pid} ${messageId} -`;
  const message = `${header} ${text}`;
  return `${message.length} ${message}`;
}

function printable(text: string, length: number): string {
  return text.replace(/[^\x21-\x7e]/g, '_').slice(0, length) || '-';
}

function exchange(options: ConnectionOptions, payload: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(options);
    const giveUp = (): void => void socket.destroy(new Error('the receiver has not read everything in time'));
    signal.addEventListener('abort', giveUp);
    let [sent, taken] = [false, false];
    let ending: NodeJS.Timeout | undefined;
    socket.once('secureConnect', () =>
      socket.write(payload, 'latin1', () => (ending = setTimeout(() => socket.end(), WRITE_MS))),
    );
    socket.once('finish', () => (sent = true));
    // what it has not read when it closes is lost
    socket.once('end', () => (sent ? (taken = true) : socket.destroy(new Error(CLOSED_EARLY))));
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      clearTimeout(ending);
      if (taken) resolve();
      else reject(new Error(CLOSED_EARLY));
    });
    socket.resume();
    if (signal.aborted) giveUp();
  });
}
