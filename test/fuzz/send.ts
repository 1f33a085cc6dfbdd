import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { FuzzRequest } from './requests';

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

const PATIENCE_MS = 30_000;

/** Null: the connection ended without an answer, which only a request that is not whole may see. */
export function send(url: string, wish: FuzzRequest): Promise<FuzzAnswer | null> {
  return wish.framing === 'truncated' && wish.body ? sendTruncated(url, wish) : sendWhole(url, wish);
}

function sendWhole(url: string, wish: FuzzRequest): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = Object.fromEntries(
      wish.headers.map(([name, value]) => [name, latin(value)]),
    );
    // Node would wait for the go-ahead before it sends
    delete headers['expect'];
    if (wish.body && wish.framing === 'length') headers['content-length'] = String(wish.body.length);
    // said outright: the body of a GET would go without a frame, as the beginning of another request
    if (wish.body && wish.framing === 'chunked') headers['transfer-encoding'] = 'chunked';
    // on a connection of its own: one that is kept may be closed while it is asked on
    const to = { hostname, port, method: wish.method, path: wish.target, headers, agent: false };
    const outgoing = httpRequest(to, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.setTimeout(PATIENCE_MS, () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', reject);
    if (wish.body && wish.framing === 'chunked') {
      for (let at = 0; at < wish.body.length; at += 997) outgoing.write(wish.body.subarray(at, at + 997));
      outgoing.end();
    } else {
      outgoing.end(wish.body ?? undefined);
    }
  });
}

/** Announces more than it sends, and leaves. */
function sendTruncated(url: string, wish: FuzzRequest): Promise<FuzzAnswer | null> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const head = [
      `${wish.method} ${wish.target} HTTP/1.1`,
      `host: ${hostname}:${port}`,
      ...wish.headers.map(([name, value]) => `${name}: ${latin(value)}`),
      `content-length: ${wish.body!.length + 100}`,
    ];
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(null));
    socket.write(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
    socket.write(wish.body!, () => setTimeout(() => socket.destroy(), 20));
  });
}

function latin(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** The request as a command to paste. */
export function curlOf(url: string, wish: FuzzRequest): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [
    'curl',
    '-i',
    '-X',
    wish.method,
    ...wish.headers.flatMap(([name, value]) => ['-H', quote(`${name}: ${value}`)]),
  ];
  if (wish.framing === 'chunked') parts.push('-H', quote('transfer-encoding: chunked'));
  if (wish.body) parts.push('--data-binary', quote(wish.body.toString('utf8').slice(0, 20_000)));
  return [...parts, '--globoff', quote(url + wish.target)].join(' ');
}
