import { createServer, request as openRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, PageBreach } from './page-breaches';

/** How an account answers where it does not as its simulator would. */
export interface Manners {
  /** Added to the `Date` header; the time stamps stay true. */
  dateSkewMs: number;
  /** Of one list. */
  breach: { readonly list: string; readonly kind: PageBreach; readonly at: number } | null;
  /** Of rows asked for by id, by `list/id`, or `*` for all. */
  readonly lookups: Map<string, LookupManner>;
}

export const ROW_MANNERS = [403, 400, 500, 'another row'] as const;
export type LookupManner = (typeof ROW_MANNERS)[number] | 404;

export interface ProviderFront {
  readonly url: string;
  manners(accountKey: string): Manners;
  stop(): Promise<void>;
}

/**
 * Stands before the PracticeHub simulator and breaks what no sound account breaks. It shares no code with the adapter.
 */
export async function startProviderFront(simulatorUrl: string): Promise<ProviderFront> {
  const accounts = new Map<string, Manners>();
  const manners = (accountKey: string): Manners => {
    let known = accounts.get(accountKey);
    if (!known) accounts.set(accountKey, (known = { dateSkewMs: 0, breach: null, lookups: new Map() }));
    return known;
  };
  const server = createServer((request, response) => {
    answer(simulatorUrl, manners(String(request.headers['x-practicehub-key'])), request, response).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manners,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(to: string, manners: Manners, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, to);
  const [, list = '', id] =
    /\/(\w+)(?:\/([\w-]+))?$/.exec(url.pathname.replace(/^\/sandbox\/practicehub(\/api)?/, '')) ?? [];
  const manner = id === undefined ? undefined : (manners.lookups.get(`${list}/${id}`) ?? manners.lookups.get('*'));
  const breach = id === undefined && manners.breach?.list === list ? manners.breach : null;
  const page = Number(url.searchParams.get('page') ?? 1);
  const shown = breach?.kind.shows?.(page, breach.at) ?? page;
  if (shown !== page) url.searchParams.set('page', String(shown));
  const { headers, given } = await forward(url, request);
  if (breach && given.status === 200) breach.kind.spoil(given, page, breach.at);
  if (manner === 'another row') given.body = { data: { id: '999999', last_name: 'Another', first_name: 'A' } };
  else if (manner !== undefined) Object.assign(given, { status: manner, body: { message: 'Not this one.' } });
  if (manner === 'another row') given.status = 200;
  response.writeHead(given.status, {
    ...(headers['retry-after'] && { 'retry-after': headers['retry-after'] }),
    'content-type': given.contentType,
    date: new Date(Date.parse(headers.date!) + manners.dateSkewMs).toUTCString(),
  });
  response.end(typeof given.body === 'string' ? given.body : JSON.stringify(given.body));
}

function forward(url: URL, request: IncomingMessage): Promise<{ headers: IncomingMessage['headers']; given: Answer }> {
  return new Promise((resolve, reject) => {
    const { connection: _, ...headers } = request.headers;
    const upstream = openRequest(url, { method: request.method, headers: { ...headers, host: url.host } }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('error', reject);
      reply.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const contentType = reply.headers['content-type'] ?? 'application/json';
        resolve({ headers: reply.headers, given: { status: reply.statusCode!, contentType, body: parsed(text) } });
      });
    });
    upstream.on('error', reject);
    request.pipe(upstream);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
