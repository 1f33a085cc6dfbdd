import fc from 'fast-check';
import { BrokenPageChain, PageChain, type Page } from '../providers';
import { EMPTY_CURSOR } from './cursor';
import { planScan } from './scan-plan';
import { afterPage, beginAgain, type ScanState } from './scan-state';

const begun = (): ScanState =>
  planScan({
    stream: { incremental: 'changed_since', resource: 'customers' },
    cursor: EMPTY_CURSOR,
    readAs: 'seed',
    now: new Date(),
    runId: 'run',
    fullResync: false,
    lookbackDays: 90,
    timezone: 'UTC',
  });

/** Pages of a list; a page is the ids of its rows. */
interface List {
  readonly pages: readonly (readonly number[])[];
  readonly total: number | null;
}

function pageOf({ pages, total }: List, index: number): Page {
  const rows = pages[index]!;
  return {
    rows: [],
    next: index + 1 < pages.length ? String(index + 1) : null,
    providerTime: null,
    total,
    received: { rows: rows.length, digest: rows.join() },
  };
}

/** Reads a list as the engine does; `change` makes a page of it a broken one. Returns the failure. */
function read(list: List, change: (page: Page, index: number) => Page = (page) => page): BrokenPageChain | null {
  const chain = new PageChain();
  let scan = begun();
  for (let index = 0, pages = 0; pages < 500; pages++) {
    const page = change(pageOf(list, index), index);
    try {
      chain.admit(scan, page);
    } catch (error) {
      if (error instanceof BrokenPageChain) return error;
      throw error;
    }
    scan = afterPage(scan, page, new Date());
    if (page.next === null) return null;
    index = Number(page.next);
  }
  throw new Error('it never ended');
}

const sound = fc
  .record({ sizes: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 3, maxLength: 12 }), counted: fc.boolean() })
  .map(({ sizes, counted }): List => {
    let id = 0;
    const pages = sizes.map((size) => Array.from({ length: size }, () => id++));
    return { pages, total: counted ? id : null };
  });
const inside = (list: List, place: number) => 1 + (place % (list.pages.length - 2));

describe('the chain of pages', () => {
  it('is sound for every list that is one', () => {
    fc.assert(fc.property(sound, (list) => read(list) === null));
  });

  it('may be empty, with and without a count', () => {
    expect(read({ pages: [[]], total: 0 })).toBeNull();
    expect(read({ pages: [[]], total: null })).toBeNull();
  });

  it('may be absent as a whole', () => {
    const list = { pages: [[]], total: 0 };
    expect(read(list, (page) => ({ ...page, absent: true }))).toBeNull();
  });

  it('has a hundred thousand pages at most', () => {
    const at = (pages: number, next: string | null) => () =>
      new PageChain().admit(
        { ...begun(), pages, position: 'here' },
        { ...pageOf({ pages: [[1]], total: null }, 0), next },
      );
    expect(at(99_999, 'there')).not.toThrow();
    expect(at(100_000, 'there')).toThrow(BrokenPageChain);
    // the last one
    expect(at(100_000, null)).not.toThrow();
  });

  const breaches: [string, (list: List, at: number) => (page: Page, index: number) => Page][] = [
    [
      'gives the same page again, under another position',
      (list, at) => (page, index) => (index === at ? { ...page, received: pageOf(list, at - 1).received } : page),
    ],
    ['never ends, with the same page', (list) => () => ({ ...pageOf(list, 0), next: '1', total: null })],
    [
      'leads back to a page before',
      (_list, at) => (page, index) =>
        index === at ? { ...page, next: String(at - 1 === 0 ? 1 : at - 1), total: null } : { ...page, total: null },
    ],
    [
      'promises more rows and gives none',
      (_list, at) => (page, index) => (index === at ? { ...page, received: { rows: 0, digest: '' } } : page),
    ],
    [
      'ends with “not found” in its middle',
      (_list, at) => (page, index) =>
        index === at ? { ...page, next: null, absent: true, received: { rows: 0, digest: '' }, total: 0 } : page,
    ],
    [
      'ends before its own count',
      (list, at) => (page, index) => ({
        ...page,
        total: list.pages.flat().length,
        ...(index === at && { next: null }),
      }),
    ],
    ['has more rows than it counts', () => (page) => ({ ...page, total: 2 })],
  ];

  it.each(breaches)('that %s is broken', (_name, breach) => {
    fc.assert(
      fc.property(sound, fc.nat(), (list, place) => {
        fc.pre(list.pages.flat().length > 2);
        const at = inside(list, place);
        // a list that goes round in circles is found out by what it shows again
        return read(list, breach(list, at)) instanceof BrokenPageChain;
      }),
    );
  });

  it('may end before a count that is perhaps that of the unfiltered list', () => {
    const list = { pages: [[1, 2], [3]], total: 40 };
    expect(read(list)).toMatchObject({ verdict: 'contract', beginsAgain: true });
    expect(read(list, (page) => ({ ...page, totalMayBeOfAll: true }))).toBeNull();
  });

  it('may count otherwise from page to page: then it is read again', () => {
    const list = { pages: [[1, 2], [3]], total: null };
    expect(read(list, (page, index) => ({ ...page, total: 3 - index }))).toBeNull();
  });

  it('is read again from its first page where what was read is in doubt, and from the last sound one otherwise', () => {
    const list = { pages: [[1], [2], [3]], total: 3 };
    expect(read(list, (page) => ({ ...page, total: 9 }))?.beginsAgain).toBe(true);
    expect(read(list, (page, index) => (index === 1 ? { ...page, absent: true } : page))?.beginsAgain).toBe(false);
    const five = { pages: [[1], [2], [3], [4], [5]], total: null };
    const doubted = breaches.filter(([, breach]) => read(five, breach(five, 2))!.beginsAgain);
    expect(doubted.map(([name]) => name)).toEqual(['ends before its own count', 'has more rows than it counts']);
    const scan = { ...begun(), position: '7', pages: 6, rows: 60, commits: 2, total: 9 };
    const again = beginAgain(scan);
    expect(again).toMatchObject({ position: null, pages: 0, rows: 0, commits: 0, total: null, restarts: 0 });
    expect(again.id).not.toBe(scan.id);
  });

  it('forgets the pages of a pass when the list is read again', () => {
    const chain = new PageChain();
    const page = pageOf({ pages: [[1]], total: 1 }, 0);
    chain.admit(begun(), page);
    chain.admit(begun(), page);
  });
});
