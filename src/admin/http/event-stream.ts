import type { Response } from 'express';

/** What a reader may leave unread before it is dropped: the browser comes back, and gets the newest. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** How long a reader has for what was written before an end. */
const LINGER_MS = 2_000;

/** Server-sent events to one reader. It never writes after its end, and a slow reader costs bounded memory and time. */
export class EventStream {
  private readonly atEnd: (() => void)[] = [];
  private ended = false;

  constructor(private readonly response: Response) {
    // the reader may go at any moment: nobody else listens for what a write to it then throws
    response.on('error', () => this.drop());
    response.once('close', () => this.finish());
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.write('retry: 2000\n\n');
  }

  /** Called once, whichever side ends it. */
  onEnd(callback: () => void): void {
    if (this.ended) callback();
    else this.atEnd.push(callback);
  }

  send(event: string, data: unknown): void {
    this.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Shows proxies, and us, that the connection is there. */
  heartbeat(): void {
    this.write(': still here\n\n');
  }

  /** The writer is told first; what was written before may still arrive. */
  end(): void {
    if (this.ended) return;
    this.finish();
    const linger = setTimeout(() => this.response.destroy(), LINGER_MS);
    this.response.once('close', () => clearTimeout(linger));
    this.response.end();
  }

  private write(text: string): void {
    if (this.ended) return;
    if (this.response.writableLength > MAX_UNREAD_BYTES) this.drop();
    else this.response.write(text);
  }

  private drop(): void {
    this.finish();
    this.response.destroy();
  }

  private finish(): void {
    if (this.ended) return;
    this.ended = true;
    for (const callback of this.atEnd.splice(0)) callback();
  }
}
