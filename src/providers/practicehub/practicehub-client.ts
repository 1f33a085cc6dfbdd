import { ProviderFailure, type OutboundRequest, type OutboundResponse } from '../../platform/outbound';
import { judgeStatus, messageIn } from '../judge';
import type { ProviderCall } from '../provider';
import { isRow, type Row } from '../row';

/** PracticeHub gives 100 rows a page at most, whatever is asked. */
export const PAGE_SIZE = 100;

const classify: OutboundRequest['classify'] = ({ status, body }) =>
  judgeStatus(status, messageIn(body, 'message', 'error'));

export interface ListPage {
  readonly rows: readonly unknown[];
  readonly hasNext: boolean;
  readonly total: number | null;
  readonly providerTime: Date | null;
}

/** PracticeHub's HTTP API: its two headers, its way of paging, its errors. Knows no record of ours. */
export class PracticeHubClient {
  private readonly headers: Readonly<Record<string, string>>;

  constructor(private readonly call: ProviderCall) {
    const { apiKey, appName, appEmail } = call.credentials;
    this.headers = {
      'x-practicehub-key': apiKey,
      'x-app-details': `${appName ?? 'RevKeen'}=${appEmail ?? 'info@revkeen.com'}`,
    };
  }

  /** One page of a list, from 1; null: the account has no such resource (404). */
  async list(path: string, page: number, query: Readonly<Record<string, string>> = {}): Promise<ListPage | null> {
    const search = new URLSearchParams({ ...query, page: String(page), page_size: String(PAGE_SIZE) });
    const answer = await this.request('GET', `${path}?${search}`);
    if (answer.gone) return null;
    const { body } = answer;
    if (!isRow(body) || !Array.isArray(body['data'])) throw notUnderstood('has no list of rows');
    const rows = body['data'] as unknown[];
    const total = typeof body['total_entries'] === 'number' ? body['total_entries'] : null;
    const before = (page - 1) * PAGE_SIZE;
    if (rows.length === 0 && total !== null && total > before) throw notUnderstood('ends before its own count');
    return {
      rows,
      hasNext: hasNext(body['links'], before + rows.length, rows.length, total),
      total,
      providerTime: answer.providerTime,
    };
  }

  /** Every row of a list that is known to be small. */
  async listAll(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
    const rows: unknown[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.list(path, page, query);
      if (answer === null) return rows;
      rows.push(...answer.rows);
      if (!answer.hasNext || answer.rows.length === 0) return rows;
    }
  }

  /** One row by its id; null: it does not exist. */
  async one(path: string): Promise<Row | null> {
    const answer = await this.request('GET', path);
    return answer.gone ? null : rowIn(answer.body);
  }

  /** Creates a row; null where the answer does not show it. */
  async create(path: string, body: Row, options: { acceptEmpty?: boolean } = {}): Promise<Row | null> {
    const answer = await this.request('POST', path, body, options.acceptEmpty ?? false);
    if (answer.gone) throw notUnderstood('says that it knows no such path');
    return answer.body === undefined ? null : rowIn(answer.body);
  }

  private request(method: 'GET' | 'POST', path: string, body?: Row, acceptEmpty = false): Promise<OutboundResponse> {
    return this.call.http.request({
      method,
      url: `${this.call.credentials.baseUrl}${path}`,
      headers: this.headers,
      ...(body === undefined ? {} : { body }),
      acceptEmpty,
      classify,
    });
  }
}

/** `next` says it where it is given; where links are left out, the count does, and without a count a full page means more. */
function hasNext(links: unknown, seen: number, onPage: number, total: number | null): boolean {
  if (isRow(links) && links['next'] !== undefined) return links['next'] !== null && links['next'] !== '';
  return total === null ? onPage >= PAGE_SIZE : onPage > 0 && seen < total;
}

function rowIn(body: unknown): Row {
  const row = isRow(body) && body['data'] !== undefined ? body['data'] : body;
  if (!isRow(row)) throw notUnderstood('has no row');
  return row;
}

export function notUnderstood(what: string): ProviderFailure {
  return new ProviderFailure('contract', `The provider’s answer ${what}.`);
}
