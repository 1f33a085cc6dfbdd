import type { JsonElement, OutboundRequest, OutboundResponse } from '../../platform/outbound';
import { classifyStatus, messageIn } from '../classify-status';
import { saysMore } from '../list-end';
import { listIn, noSuchList, notUnderstood, singleIn } from '../list-rows';
import { FIRST_PAGE, fittingPage, pageAfter, pageOfText, refuseOverfull, textOfPage } from '../page-size';
import type { ProviderCall } from '../provider';
import { isRow, type Row } from '../row';
import { scalarNumber, scalarText } from '../scalar';

/** What an `ErrorCode` means where no status stands beside it. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  invalidrequest: 400,
  badrequest: 400,
  unauthorized: 401,
  forbidden: 403,
  notfound: 404,
  toomanyrequests: 429,
  internalservererror: 500,
  serviceunavailable: 503,
};

/** Some failures are HTTP 200 with an error in the body: the worse of the two is believed. */
const classify: OutboundRequest['classify'] = ({ status, body }) => {
  const message = messageOf(body);
  const told = status >= 200 && status <= 299 ? errorIn(body) : null;
  // what the gateway says of every path that it does not know, whoever asks
  if (status === 403 && /missing authentication token/i.test(message ?? '')) {
    return { verdict: 'contract', providerMessage: 'Wodify knows no such path.' };
  }
  return classifyStatus(told ?? status, message);
};

/** The status that a body with an error stands for; null: it has none. */
function errorIn(body: unknown): number | null {
  if (!isRow(body)) return null;
  const inBody = statusIn(body['HTTPCode']);
  if (inBody !== null) return inBody >= 400 ? inBody : null;
  const code = body['ErrorCode'];
  const named = code !== undefined && code !== null && code !== '' && code !== 0 && code !== '0';
  if (named)
    return statusIn(code) ?? STATUS_OF_CODE[(scalarText(code) ?? '').toLowerCase().replace(/[^a-z]/g, '')] ?? 400;
  return isRow(body['APIError']) ? (statusIn(body['APIError']['HTTPCode']) ?? 400) : null;
}

function statusIn(code: unknown): number | null {
  const status = scalarNumber(code);
  return status >= 100 && status <= 599 ? status : null;
}

/** In one of the two envelopes. */
function messageOf(body: unknown): string | null {
  const inner = isRow(body) ? messageIn(body['APIError'], 'ErrorMessage') : null;
  return inner ?? messageIn(body, 'UserMessage', 'DeveloperMessage', 'ErrorCode', 'message');
}

export interface WodifyPage {
  readonly rows: readonly JsonElement[];
  /** The next page; null: this was the last one. */
  readonly next: string | null;
  readonly providerTime: Date | null;
}

/** Wodify's HTTP API: its header, paging, searches and errors. */
export class WodifyClient {
  constructor(private readonly call: ProviderCall) {}

  /** One page of a list; null: the first. The rows stand under the name of the resource, and nothing counts them. */
  async list(
    path: string,
    name: string,
    position: string | null,
    query: Readonly<Record<string, string>> = {},
    maxBytes?: number,
  ): Promise<WodifyPage> {
    const asked = position === null ? FIRST_PAGE : pageOfText(position);
    const { answer, page } = await fittingPage(asked, ({ number, size }) => {
      const search = new URLSearchParams({ ...query, page: String(number), page_size: String(size) });
      return this.get(`${path}?${search}`, { list: name, maxBytes });
    });
    if (answer.gone) throw noSuchList(answer.status);
    const { body } = answer;
    const rows = listIn(answer, name);
    if (!isRow(body) || rows === null) throw notUnderstood('has no list of rows');
    refuseOverfull(page, rows.length);
    const pagination = isRow(body['pagination']) ? body['pagination'] : {};
    const hasMore = saysMore(pagination['has_more'], 'pagination.has_more') ?? rows.length >= page.size;
    return { rows, next: hasMore ? textOfPage(pageAfter(page, rows.length)) : null, providerTime: answer.providerTime };
  }

  /** One row by its id, bare or under a name; null: it does not exist. */
  async one(path: string, name: string): Promise<Row | null> {
    const answer = await this.get(path);
    if (answer.gone) return null;
    const row = singleIn(answer, name);
    if (row === null) throw notUnderstood('has no row');
    return row as Row;
  }

  private get(path: string, more: Pick<OutboundRequest, 'list' | 'maxBytes'> = {}): Promise<OutboundResponse> {
    const { apiKey, baseUrl } = this.call.credentials;
    return this.call.http.request({
      method: 'GET',
      url: `${baseUrl}${path}`,
      headers: { 'x-api-key': apiKey! },
      classify,
      ...more,
    });
  }
}
