import {
  ProviderFailure,
  type JsonElement,
  type OutboundRequest,
  type OutboundResponse,
} from '../../platform/outbound';
import { MAX_PAGE_BYTES, type ReadAt } from '../bounded-reading';
import { classifyStatus, messageIn } from '../classify-status';
import { APP_DETAILS } from '../credential-fields';
import { saysCount, saysNext } from '../list-end';
import { listIn, notUnderstood, singleIn } from '../list-rows';
import {
  FIRST_PAGE,
  fittingPage,
  PAGE_TEXT,
  pageAfter,
  pageOfText,
  refuseOverfull,
  textOfPage,
  type NumberedPage,
} from '../page-size';
import type { ProviderCall } from '../provider';
import { isRow, type Row } from '../row';

const classify: OutboundRequest['classify'] = ({ status, body }) =>
  classifyStatus(status, messageIn(body, 'message', 'error'));

export interface ListPage {
  /** As they came: `rowOf` reads one. */
  readonly rows: readonly JsonElement[];
  /** Where the next page is; null: this was the last one. */
  readonly next: string | null;
  /** Where the page after the next one is, if that is as long as this one. */
  readonly afterNext: string | null;
  readonly total: number | null;
  readonly providerTime: Date | null;
}

/** PracticeHub's HTTP API: its two headers, its way of paging, its errors. Knows no record of ours. */
export class PracticeHubClient {
  private readonly headers: Readonly<Record<string, string>>;

  constructor(private readonly call: ProviderCall) {
    const { apiKey, appName, appEmail } = call.credentials;
    this.headers = {
      'x-practicehub-key': apiKey!,
      'x-app-details': `${appName ?? APP_DETAILS.appName.default}=${appEmail ?? APP_DETAILS.appEmail.default}`,
    };
  }

  /** One page of a list; null: the account has no such resource (404). */
  async list(
    path: string,
    position: string | null,
    query: Readonly<Record<string, string>> = {},
    maxBytes?: number,
  ): Promise<ListPage | null> {
    const asked = placeOf(position);
    // PracticeHub gives 100 rows a page at most, whatever is asked
    const { answer, page } = await fittingPage(asked.page, ({ number, size }) => {
      const search = new URLSearchParams({ ...query, page: String(number), page_size: String(size) });
      return this.request('GET', `${path}?${search}`, { list: 'data', maxBytes });
    });
    const place = { ...asked, page };
    if (answer.gone && page.number > 1) throw notUnderstood('says in the middle of a list that there is none');
    if (answer.gone) return null;
    const { body } = answer;
    const rows = listIn(answer, 'data');
    if (!isRow(body) || rows === null) throw notUnderstood('has no list of rows');
    refuseOverfull(page, rows.length);
    const total = saysCount(body['total_entries'], 'total_entries');
    const next = nextPlace(place, body['links'], rows.length, total);
    return {
      rows,
      next,
      afterNext: next === null ? null : followingPlace(placeOf(next), rows.length, total),
      total,
      providerTime: answer.providerTime,
    };
  }

  /** Pages of a list for somebody who waits for all of it. */
  readAt(path: string, query: Readonly<Record<string, string>> = {}): ReadAt {
    return (position) => this.list(path, position, query, MAX_PAGE_BYTES);
  }

  /** One row by its id; null: it does not exist. */
  async one(path: string): Promise<Row | null> {
    const answer = await this.request('GET', path);
    return answer.gone ? null : theRowIn(answer);
  }

  /** Creates a row; null where the answer does not show it. */
  async create(path: string, body: Row, options: { acceptEmpty?: boolean } = {}): Promise<Row | null> {
    const answer = await this.request('POST', path, { body, acceptEmpty: options.acceptEmpty ?? false });
    if (answer.gone) throw notUnderstood('says that it knows no such path');
    return answer.body === undefined ? null : theRowIn(answer);
  }

  private request(
    method: 'GET' | 'POST',
    path: string,
    more: Pick<OutboundRequest, 'body' | 'acceptEmpty' | 'list' | 'maxBytes'> = {},
  ): Promise<OutboundResponse> {
    const url = `${this.call.credentials.baseUrl}${path}`;
    return this.call.http.request({ method, url, headers: this.headers, classify, ...more });
  }
}

/**
 * A place in a list: the page, the rows seen before it, and whether the page was promised or only deduced from the
 * count.
 */
interface Place {
  readonly page: NumberedPage;
  readonly seen: number;
  readonly doubtful: boolean;
}

const PLACE = new RegExp(`^(${PAGE_TEXT}):(\\d{1,12})(\\?)?$`);

export function isPlace(position: string): boolean {
  return PLACE.test(position);
}

function placeOf(position: string | null): Place {
  if (position === null) return { page: FIRST_PAGE, seen: 0, doubtful: false };
  const found = PLACE.exec(position);
  if (found === null) throw new ProviderFailure('internal', 'The position of the scan cannot be read.');
  return { page: pageOfText(found[1]!), seen: Number(found[2]), doubtful: found[3] === '?' };
}

/**
 * `next` says that there is more. Where it says the opposite, or nothing, the count is asked too: a chain of pages that
 * was cut must not hide the rows behind the cut. Without a count a full page means more.
 */
function nextPlace(place: Place, links: unknown, onPage: number, total: number | null): string | null {
  const seen = place.seen + onPage;
  const following = `${textOfPage(pageAfter(place.page, onPage))}:${seen}`;
  if (saysNext(isRow(links) ? links['next'] : undefined, 'links.next')) return following;
  if (onPage === 0) return null;
  if (total !== null) return seen < total ? `${following}?` : null;
  const saysNothing = !isRow(links) || links['next'] === undefined;
  return saysNothing && onPage >= place.page.size ? `${following}?` : null;
}

/** Where the page behind a full one is, as far as the count says that there is one. */
function followingPlace(place: Place, onPage: number, total: number | null): string | null {
  const seen = place.seen + onPage;
  return total !== null && seen < total && !place.doubtful
    ? `${textOfPage(pageAfter(place.page, onPage))}:${seen}`
    : null;
}

function theRowIn(answer: OutboundResponse): Row {
  const row = singleIn(answer, 'data');
  if (row === null) throw notUnderstood('has no row');
  return row as Row;
}
