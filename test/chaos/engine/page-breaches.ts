/** A page as the simulator gave it, or what takes its place. */
export interface Answer {
  status: number;
  contentType: string;
  body: unknown;
}

interface ListBody {
  data: Record<string, unknown>[];
  total_entries?: number;
  links: { next?: unknown };
}

/** One way in which a list is no sound list. */
export interface PageBreach {
  readonly name: string;
  /**
   * `always`: no scan that met it may end as a success; `counted`: unless only a part of the list was asked for. Else
   * nothing is lost.
   */
  readonly fails: 'always' | 'counted' | 'never';
  /**
   * The page that is shown instead. `at`: the page that the test has drawn, from 2; `page`: the one that is asked for.
   */
  shows?(page: number, at: number): number;
  spoil(answer: Answer, page: number, at: number): void;
}

const listOf = (answer: Answer): ListBody => answer.body as ListBody;
const OTHER_FORMS = [{ page: 2 }, true, 2, ['?page=2']];

/** What a provider may do to a list of several pages. */
export const PAGE_BREACHES: readonly PageBreach[] = [
  {
    name: 'says not found in the middle',
    fails: 'always',
    spoil(answer, page, at) {
      if (page === at) Object.assign(answer, { status: 404, body: { message: 'Not found.' } });
    },
  },
  {
    name: 'gives a page again',
    fails: 'always',
    shows: (page, at) => (page === at ? at - 1 : page),
    spoil: () => undefined,
  },
  {
    name: 'has no end',
    fails: 'always',
    shows: () => 1,
    spoil(answer, page) {
      delete listOf(answer).total_entries;
      listOf(answer).links = { next: `?page=${page + 1}` };
    },
  },
  {
    name: 'counts more than it lists',
    fails: 'counted',
    spoil(answer) {
      const list = listOf(answer);
      if (list.total_entries !== undefined) list.total_entries += 50;
    },
  },
  {
    name: 'counts less than it lists',
    fails: 'always',
    spoil(answer) {
      const list = listOf(answer);
      if (list.total_entries !== undefined) list.total_entries = Math.max(1, list.total_entries - 30);
    },
  },
  {
    name: 'names no next page before its count is reached',
    fails: 'never',
    spoil(answer) {
      listOf(answer).links = {};
    },
  },
  {
    name: 'has neither count nor next page',
    fails: 'never',
    spoil(answer) {
      delete listOf(answer).total_entries;
      listOf(answer).links = {};
    },
  },
  {
    name: 'names its next page in another form',
    fails: 'always',
    spoil(answer, page, at) {
      if (page === at - 1) listOf(answer).links = { next: OTHER_FORMS[at % OTHER_FORMS.length] };
    },
  },
  {
    name: 'has an empty page with more to come',
    fails: 'always',
    spoil(answer, page, at) {
      if (page === at) Object.assign(listOf(answer), { data: [], links: { next: `?page=${page + 1}` } });
    },
  },
  {
    name: 'shows some rows twice and others not',
    fails: 'never',
    spoil(answer, page, at) {
      const { data } = listOf(answer);
      if (page === at && data.length > 12) data.splice(3, 4, ...data.slice(8, 12));
    },
  },
  {
    name: 'keeps no order',
    fails: 'never',
    shows: (page, at) => (page <= at ? 1 + at - page : page),
    spoil(answer, page, at) {
      if (page < at) listOf(answer).links = { next: `?page=${page + 1}` };
    },
  },
  {
    name: 'is a web page in its middle',
    fails: 'always',
    spoil(answer, page, at) {
      if (page === at) Object.assign(answer, { contentType: 'text/html', body: '<!doctype html><p>Back soon.</p>' });
    },
  },
  {
    name: 'is an error with status 200',
    fails: 'always',
    spoil(answer, page, at) {
      if (page === at) answer.body = { message: 'Something went wrong' };
    },
  },
];
