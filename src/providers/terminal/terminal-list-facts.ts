import type { AccountAnswer, Answers } from '../account-reader';
import { cannotTell, shows, type ProviderFact, type Shown } from '../fact';
import { isRow } from '../row';
import { isRefused, orderOf, retryAfterShown, timeNumber } from '../row-facts';

const PAGE = 100;
const TEN = 10;

function pagingShown(seen: Answers): Shown {
  const first = seen.rows('ten payments');
  if (first.length < TEN || seen.rows('payments').length <= TEN)
    return cannotTell('the account has too few payments for a second page');
  const ids = new Set(first.map((row) => row['id']));
  const goesOn = (name: string): boolean => {
    const rows = seen.rows(name);
    return rows.length > 0 && rows.every((row) => !ids.has(row['id']));
  };
  const [cursor, offset] = [goesOn('after ten'), goesOn('offset ten')];
  const because = `\`starting_after\` ${cursor ? 'goes on' : 'does not'}, \`offset\` ${offset ? 'goes on' : 'does not'}`;
  return shows(cursor && offset ? 'both' : cursor ? 'starting_after' : offset ? 'offset' : 'neither', because);
}

function countIn(answer: AccountAnswer | undefined): number | null {
  const meta = isRow(answer?.body) ? answer.body['meta'] : undefined;
  const count = isRow(meta) ? meta['count'] : undefined;
  return typeof count === 'number' ? count : null;
}

/** Counts of the types add up to the whole where each is exact. */
function countShown(seen: Answers): Shown {
  const [page, ten] = [seen.get('payments'), seen.get('ten payments')];
  if (page === undefined || ten === undefined || page.status !== 200 || ten.status !== 200)
    return cannotTell('no list was answered');
  const [onPage, onTen] = [countIn(page), countIn(ten)];
  if (onPage === null || onTen === null) return shows('absent', 'no `meta.count`');
  if (page.rows.length <= TEN) return cannotTell('the account has too few payments');
  const said = `${onTen} for ${ten.rows.length} rows, ${onPage} for ${page.rows.length} rows`;
  if (onTen === ten.rows.length && onPage === page.rows.length) return shows('page', said);
  if (page.rows.length < PAGE) {
    return shows(onPage === page.rows.length && onTen === onPage ? 'total' : 'drifting', said);
  }
  if (onTen !== onPage || countIn(seen.get('offset ten')) !== onPage)
    return shows('drifting', 'pages of one list tell different counts');
  const parts = ['sale', 'refund', 'void'].map((type) => countIn(seen.get(`type ${type}`)));
  if (parts.includes(null)) return cannotTell('counts more than the page; the types are not counted');
  const sum = parts.reduce((total: number, count) => total + (count ?? 0), 0);
  if (Math.abs(sum - onPage) > 5) return cannotTell('counts more than the page; the types do not add up to it');
  return shows(sum === onPage ? 'total' : 'drifting', `${said}; the types add up to ${sum}`);
}

function moreShown(seen: Answers): Shown {
  const body = seen.get('payments')?.body;
  if (!isRow(body)) return cannotTell('no list was answered');
  const parts = [body, body['meta'], body['pagination']].filter(isRow);
  return parts.some((part) => part['has_more'] !== undefined)
    ? shows('present', '`has_more` is there')
    : shows('absent', 'no `has_more`');
}

function limitShown(seen: Answers): Shown {
  const answer = seen.get('limit 500');
  if (answer === undefined || answer.status === null) return cannotTell('no answer');
  if (isRefused(answer)) return shows('refused', `limit 500 answers ${answer.status}`);
  return answer.rows.length > PAGE
    ? shows('taken', `limit 500 returned ${answer.rows.length} rows`)
    : shows('clamped', `limit 500 returned ${answer.rows.length} rows`);
}

function filterShown(seen: Answers): Shown {
  const [standalone, declined] = [seen.get('filter standalone_approved'), seen.get('filter declined')];
  if (standalone === undefined || standalone.status === null || seen.rows('payments').length === 0)
    return cannotTell('the account has no payments');
  const strangers = (answer: AccountAnswer | undefined, status: string) =>
    answer?.rows.some((row) => row['status'] !== status) ?? false;
  if (strangers(standalone, 'standalone_approved') || strangers(declined, 'declined')) {
    return shows('ignored', 'a filter returned rows with other words');
  }
  return isRefused(standalone)
    ? shows('seven', `status=standalone_approved answers ${standalone.status}`)
    : shows('nine', 'status=standalone_approved is answered');
}

function singleShown(seen: Answers): Shown {
  const answer = seen.get('payment');
  if (answer === undefined || answer.status === null) return cannotTell('no single payment was asked for');
  if (answer.status >= 300) return shows(String(answer.status), `answered ${answer.status}`);
  if (!isRow(answer.body)) return shows('other', 'the answer is no object');
  if (isRow(answer.body['data'])) return shows('data', 'the row stands under `data`');
  return answer.body['id'] === undefined
    ? shows('other', 'the row stands elsewhere')
    : shows('bare', 'the row is the answer');
}

/** How the Terminal lists are paged, counted and filtered. */
export const TERMINAL_LIST_FACTS: readonly ProviderFact[] = [
  {
    id: 'paging',
    words: 'Paging is by `starting_after`; another page of the docs says offset.',
    certainty: 'owner',
    expected: 'starting_after',
    adapter:
      'Asks with `starting_after`, and with `offset` where a page begins again; one that begins again with both fails the run instead of going round for ever.',
    ifWrong: 'Where neither works, a list longer than one page cannot be read: the run fails and says so.',
    probe: pagingShown,
  },
  {
    id: 'hasMore',
    words: '`meta:{count, limit}`, no `has_more`; accept `has_more` or a short page as the end.',
    certainty: 'owner',
    expected: 'absent',
    adapter: 'Takes `has_more` where it is, and a short page for the end where it is not.',
    ifWrong: 'Nothing.',
    probe: moreShown,
  },
  {
    id: 'metaCount',
    words: '`meta.count`: nobody says whether it counts the page or all.',
    certainty: 'inferred',
    expected: 'page',
    adapter: 'Does not rely on it for payments.',
    ifWrong: 'Nothing.',
    probe: countShown,
  },
  {
    id: 'limit',
    words: '`limit=1–100 (20)`; a limit above its maximum is clamped.',
    certainty: 'owner',
    expected: 'clamped',
    adapter: 'Never asks for more than 100.',
    ifWrong: 'Nothing.',
    probe: limitShown,
  },
  {
    id: 'statusFilter',
    words: 'The list’s filter knows only the first seven words of `status`.',
    certainty: 'owner',
    expected: 'seven',
    adapter: 'Does not filter by status: a filter would hide what was taken at the device.',
    ifWrong: 'Nothing.',
    probe: filterShown,
  },
  {
    id: 'rowOrder',
    words: 'Read newest first: nobody says that the list comes so.',
    certainty: 'inferred',
    expected: 'newest',
    adapter:
      'Reads down to what was final at the last run; where the order is another, reads on to the end of the list.',
    ifWrong: 'Every run reads all payments.',
    probe: (seen) => orderOf(seen.rows('payments').map((row) => timeNumber(row['created_at']))),
  },
  {
    id: 'single',
    words: '`GET /v2/terminal-payments/{id}` and `GET /v2/terminal-devices/{id}` exist; nobody shows their form.',
    certainty: 'inferred',
    expected: 'data',
    adapter: 'Takes the row under `data` or bare; asks for payments that were not final at the window’s edge.',
    ifWrong: 'Such a payment is followed by the list only.',
    probe: singleShown,
  },
  {
    id: 'retryAfter',
    words: 'Limits as in the platform’s own API: 429 with `Retry-After`.',
    certainty: 'inferred',
    expected: 'seconds',
    adapter: 'Reads seconds, fractions and dates, and waits by itself where there is none.',
    ifWrong: 'Longer waits than needed, or a few more 429.',
    probe: retryAfterShown,
  },
];
