import type { OutboundRequest, OutboundResponse } from '../../platform/outbound';
import { classifyStatus, messageIn } from '../classify-status';
import { saysCount, saysMore } from '../list-end';
import { listIn, noSuchList, notUnderstood, rowOf, singleIn } from '../list-rows';
import type { ProviderCall } from '../provider';
import { isRow, wholeNumber, type Row } from '../row';

const classify: OutboundRequest['classify'] = ({ status, body }) =>
  classifyStatus(status, messageIn(body, 'message', 'error'));

export interface TerminalPage {
  readonly rows: readonly unknown[];
  /** null: the answer does not say. */
  readonly hasMore: boolean | null;
  readonly total: number | null;
  /** How many rows a page holds at most, as the answer says; null: it does not say. */
  readonly limit: number | null;
  readonly providerTime: Date | null;
}

/** The Terminal API: its header, its lists, its errors. */
export class TerminalClient {
  constructor(private readonly call: ProviderCall) {}

  async list(path: string, query: Readonly<Record<string, string>> = {}, maxBytes?: number): Promise<TerminalPage> {
    const search = new URLSearchParams(query).toString();
    const answer = await this.get(`${path}${search === '' ? '' : `?${search}`}`, { list: 'data', maxBytes });
    if (answer.gone) throw noSuchList(answer.status);
    const { body } = answer;
    const rows = listIn(answer, 'data');
    if (!isRow(body) || rows === null) throw notUnderstood('has no list of rows');
    const meta = isRow(body['meta']) ? body['meta'] : {};
    const pagination = isRow(body['pagination']) ? body['pagination'] : {};
    const said = [body, meta, pagination].map((part) => saysMore(part['has_more'], 'has_more'));
    return {
      rows: rows.map(rowOf),
      hasMore: said.find((more) => more !== null) ?? null,
      total: saysCount(meta['count'], 'meta.count'),
      limit: limitIn(meta),
      providerTime: answer.providerTime,
    };
  }

  /** One row by its id, bare or under `data`; null: it does not exist. */
  async one(path: string): Promise<Row | null> {
    const answer = await this.get(path);
    if (answer.gone) return null;
    const row = singleIn(answer, 'data');
    if (row === null) throw notUnderstood('has no row');
    return row as Row;
  }

  private get(path: string, more: Pick<OutboundRequest, 'list' | 'maxBytes'> = {}): Promise<OutboundResponse> {
    const { apiKey, baseUrl } = this.call.credentials;
    return this.call.http.request({
      method: 'GET',
      url: `${baseUrl}/v2${path}`,
      headers: { 'x-api-key': apiKey! },
      classify,
      ...more,
    });
  }
}

function limitIn(meta: Row): number | null {
  try {
    return wholeNumber(meta, 'limit');
  } catch {
    return null;
  }
}
