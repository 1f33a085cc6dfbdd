import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Row = Record<string, unknown> & { id: number };

export interface StandInAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** What a test makes of an answer; undefined: the account's own. */
export type Override = (url: URL, request: IncomingMessage) => StandInAnswer | undefined;

/**
 * A PracticeHub account over plain lists, of this test's own making: it shares no code with the adapter and none with
 * the simulator. It honours `updated=gte:…`. `override` makes it answer as no sound account does.
 */
export interface AccountStandIn {
  readonly url: string;
  readonly lists: Record<string, Row[]>;
  readonly requests: URL[];
  override: Override;
  close(): Promise<void>;
}

const PAGE_SIZE = 100;
/** Where a service whose `SANDBOX_ORIGIN` this is expects the simulator: there it may call as often as it likes. */
export const SIMULATOR_PATH = '/sandbox/practicehub';

export async function startAccount(lists: Record<string, Row[]>): Promise<AccountStandIn> {
  const all: Record<string, Row[]> = {
    patients: [],
    invoices: [],
    payments: [],
    packages: [],
    patient_packages: [],
    services: [],
    products: [],
    payment_methods: [{ id: 1, name: 'Card', active: 1, sort_order: 1 }],
    ...lists,
  };
  const requests: URL[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!.replace(SIMULATOR_PATH, ''), 'http://stand-in');
    requests.push(url);
    const answer = account.override(url, request) ?? ownAnswer(all, url);
    const body =
      typeof answer.body === 'string' || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const account: AccountStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists: all,
    requests,
    override: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return account;
}

function ownAnswer(lists: Record<string, Row[]>, url: URL): StandInAnswer {
  const [, list, id] = /^\/api\/(\w+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
  const rows = list === undefined ? undefined : lists[list];
  if (rows === undefined) return { status: 404, body: { message: 'no such path' } };
  if (id !== undefined) {
    const row = rows.find((one) => String(one.id) === id);
    return row ? { body: { data: row } } : { status: 404, body: { message: 'no such row' } };
  }
  return { body: pageOf(url, rows) };
}

/** A sound page of a list, for tests that spoil it. */
export function pageOf(url: URL, rows: readonly Row[]) {
  const since = url.searchParams.get('updated')?.replace(/^gte:/, '');
  const found = since === undefined ? rows : rows.filter((row) => String(row['updated'] ?? '') >= since);
  const page = Number(url.searchParams.get('page') ?? 1);
  const next = page * PAGE_SIZE < found.length ? `${url.pathname}?page=${page + 1}` : undefined;
  return {
    data: found.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    total_entries: found.length,
    links: next === undefined ? {} : { next },
  };
}

/** `YYYY-MM-DD HH:MM:SS` in UTC, some seconds before now. */
export function stamp(secondsAgo = 0): string {
  return new Date(Date.now() - secondsAgo * 1_000).toISOString().slice(0, 19).replace('T', ' ');
}
