import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface InventedApi {
  readonly url: string;
  /** Rows by the path of their list. */
  readonly lists: Record<string, Record<string, unknown>[]>;
  /** Addresses that were asked for, with the header of the key. */
  readonly asked: { readonly path: string; readonly headers: IncomingMessage['headers'] }[];
  /** Instead of the answer of a path. */
  readonly instead: Map<string, (response: ServerResponse) => void>;
  close(): Promise<void>;
}

type Paged = { readonly rows: Record<string, unknown>[]; readonly body: (rows: Record<string, unknown>[]) => object };

/** Slices of a list, in every way of paging that a manifest can name. The API is written from a page of prose. */
const WAYS: Readonly<Record<string, (all: Record<string, unknown>[], query: URLSearchParams, url: string) => Paged>> = {
  page(all, query) {
    const [size, page] = [Number(query.get('per_page')), Number(query.get('page'))];
    const last = page * size >= all.length;
    return {
      rows: all.slice((page - 1) * size, page * size),
      body: (rows) => ({ clients: rows, total: all.length, links: { next: last ? null : '/next' } }),
    };
  },
  offset(all, query) {
    const [size, offset] = [Number(query.get('limit')), Number(query.get('offset'))];
    return {
      rows: all.slice(offset, offset + size),
      body: (rows) => ({ clients: rows, has_more: offset + size < all.length }),
    };
  },
  after(all, query) {
    const size = Number(query.get('limit'));
    const from = query.has('starting_after')
      ? all.findIndex((row) => row['id'] === query.get('starting_after')) + 1
      : 0;
    return {
      rows: all.slice(from, from + size),
      body: (rows) => ({ clients: rows, has_more: from + size < all.length }),
    };
  },
  cursor(all, query) {
    const [size, from] = [Number(query.get('limit')), Number(Buffer.from(query.get('cursor') ?? 'MA', 'base64url'))];
    const next = from + size < all.length ? Buffer.from(String(from + size)).toString('base64url') : null;
    return { rows: all.slice(from, from + size), body: (rows) => ({ clients: rows, meta: { next_cursor: next } }) };
  },
  link(all, query, url) {
    const [size, from] = [7, Number(query.get('from') ?? 0)];
    const next = from + size < all.length ? `${url}/link?from=${from + size}` : undefined;
    return { rows: all.slice(from, from + size), body: (rows) => ({ clients: rows, next }) };
  },
  none: (all) => ({ rows: all, body: (rows) => ({ clients: rows }) }),
};

/** A server of an API that no adapter of ours knows. */
export async function startInventedApi(): Promise<InventedApi> {
  const api: Pick<InventedApi, 'lists' | 'asked' | 'instead'> = { lists: {}, asked: [], instead: new Map() };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://acme.example');
    const path = pathname.replace(/^\/v1/, '');
    api.asked.push({ path: request.url!, headers: request.headers });
    response.setHeader('content-type', 'application/json');
    response.setHeader('date', new Date().toUTCString());
    const instead = api.instead.get(path);
    if (instead) return instead(response);
    const key = request.headers['x-acme-key'] ?? request.headers.authorization ?? searchParams.get('key');
    if (key === undefined || key === null) return void response.writeHead(401).end('{"error":{"message":"no key"}}');
    if (path === '/me') return void response.end(JSON.stringify({ account: { id: 4711 } }));
    const [, list, id] = path.split('/') as [string, string, string?];
    const all = api.lists[list];
    if (!all) return void response.writeHead(404).end('{"error":{"message":"no such list"}}');
    if (id !== undefined) {
      const row = all.find((each) => String(each['id']) === id);
      return void response.writeHead(row ? 200 : 404).end(JSON.stringify(row ? { client: row } : {}));
    }
    const since = searchParams.get('updated_since');
    const wanted = since === null ? all : all.filter((row) => String(row['updated_at']) >= since);
    const { rows, body } = WAYS[list]!(wanted, searchParams, `http://${request.headers.host}/v1`);
    response.end(JSON.stringify(body(rows)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
