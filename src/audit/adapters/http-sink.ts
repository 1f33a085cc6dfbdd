import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { StreamLine } from '../stream-line';
import { StreamSink } from '../stream-sink';

interface HttpSinkOptions {
  readonly url: string;
  /** Read anew for each request, so that a new token needs no restart. */
  readonly tokenFile: string | null;
}

/** What a header may hold; what refuses another text would repeat it in its message. */
const TOKEN = /^[\x21-\x7e]+$/;
const DIGEST_CHARACTERS = 32;

/** JSON lines by POST; an answer of 2xx says that they are kept. */
export class HttpSink extends StreamSink {
  readonly kind = 'http';
  readonly destination: string;
  readonly origin: string;

  constructor(private readonly options: HttpSinkOptions) {
    super();
    // the path may be a secret
    const digest = createHash('sha256').update(options.url).digest('hex').slice(0, DIGEST_CHARACTERS);
    this.origin = new URL(options.url).origin;
    this.destination = `${this.origin}#${digest}`;
  }

  async send(lines: readonly StreamLine[], signal: AbortSignal): Promise<void> {
    const { url, tokenFile } = this.options;
    const token = tokenFile === null ? null : await tokenOf(tokenFile);
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

async function tokenOf(file: string): Promise<string> {
  const token = (await readFile(file, 'utf8')).trim();
  if (!TOKEN.test(token)) throw new Error('the token file must hold one line of visible ASCII characters');
  return token;
}
