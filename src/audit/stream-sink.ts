import type { StreamLine } from './stream-line';

/** Where a stream goes. */
export abstract class StreamSink {
  abstract readonly kind: 'syslog' | 'http';
  /** Names the receiver: another one is sent the whole chain. Never a secret. */
  abstract readonly destination: string;
  /** What people are shown of it. */
  abstract readonly origin: string;
  /** Resolves when the receiver has read all of them; whatever fails, all are sent again. Gives up at the signal. */
  abstract send(lines: readonly StreamLine[], signal: AbortSignal): Promise<void>;
}

/** What one exchange may take. */
export const SEND_TIMEOUT_MS = 30_000;
