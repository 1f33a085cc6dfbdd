import { ProviderFailure, type OutboundRequest, type OutboundResponse } from '../../platform/outbound';
import { judgeStatus, messageIn } from '../judge';
import { saysMore } from '../list-end';
import type { ProviderCall } from '../provider';
import { isRow, type Row } from '../row';

const PAGE_SIZE = 100;

/** Some failures are HTTP 200 with `HTTPCode` in the body: the worse of the two is believed. */
const classify: OutboundRequest['classify'] = ({ status, body }) => {
  const inBody = isRow(body) ? Number(body['HTTPCode']) : Number.NaN;
  const real = status >= 200 && status <= 299 && inBody >= 400 ? inBody : status;
  return judgeStatus(real, messageIn(body, 'UserMessage', 'DeveloperMessage', 'ErrorCode', 'message'));
};

export interface WodifyPage {
  readonly rows: readonly unknown[];
  readonly hasMore: boolean;
  readonly providerTime: Date | null;
}

/** Wodify's HTTP API: its header, paging, searches and errors. */
export class WodifyClient {
  constructor(private readonly call: ProviderCall) {}

  /** One page of a list, from 1. The rows stand under the name of the resource, and nothing counts them. */
  async list(
    path: string,
    name: string,
    page: number,
    query: Readonly<Record<string, string>> = {},
  ): Promise<WodifyPage> {
    const search = new URLSearchParams({ ...query, page: String(page), page_size: String(PAGE_SIZE) });
    const answer = await this.get(`${path}?${search}`);
    if (answer.gone) throw notUnderstood('says that it has no such list');
    const { body } = answer;
    if (!isRow(body) || !Array.isArray(body[name])) throw notUnderstood('has no list of rows');
    const rows = body[name] as unknown[];
    const pagination = isRow(body['pagination']) ? body['pagination'] : {};
    const hasMore = saysMore(pagination['has_more'], 'pagination.has_more') ?? rows.length >= PAGE_SIZE;
    return { rows, hasMore, providerTime: answer.providerTime };
  }

  /** One row by its id, bare or under a name; null: it does not exist. */
  async one(path: string, name: string): Promise<Row | null> {
    const { gone, body } = await this.get(path);
    if (gone) return null;
    const row = isRow(body) && isRow(body[name]) ? body[name] : body;
    if (!isRow(row)) throw notUnderstood('has no row');
    return row;
  }

  private get(path: string): Promise<OutboundResponse> {
    const { apiKey, baseUrl } = this.call.credentials;
    return this.call.http.request({
      method: 'GET',
      url: `${baseUrl}${path}`,
      headers: { 'x-api-key': apiKey },
      classify,
    });
  }
}

export function notUnderstood(what: string): ProviderFailure {
  return new ProviderFailure('contract', `The provider’s answer ${what}.`);
}
