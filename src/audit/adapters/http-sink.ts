import { readFile } from 'node:fs/promises';
import type { StreamLine } from '../stream-line';
import { StreamSink } from '../stream-sink';

interface HttpSinkOptions {
  readonly url: string;
  /** Read anew for each request, so that a new token needs no restart. */
  readonly tokenFile: string | null;
}

/** JSON lines by POST; an answer of 2xx says that they are kept. */
export class HttpSink extends StreamSink {
  readonly kind = 'http';
  readonly destination: string;

  constructor(private readonly options: HttpSinkOptions) {
    super();
    this.destination = options.url;
  }

  async send(lines: readonly StreamLine[], signal: AbortSignal): Promise<void> {
    const { url, tokenFile } = this.options;
    const token = tokenFile === null ? null : (await readFile(tokenFile, 'utf8')).trim();
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      body: lines.map(({ text }) => `${text}\n`).join(''),
      // the request holds a secret
      redirect: 'error',
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`);
  }
}
