import fc from 'fast-check';
import { NewestFirst } from './newest-first';

const at = (...hours: (number | null)[]) =>
  hours.map((hour) => (hour === null ? null : new Date(Date.UTC(2026, 0, 1, hour))));
const cutoff = at(5)[0]!;

describe('a list that is promised newest first', () => {
  it.each<[string, (number | null)[][], boolean]>([
    [
      'descends past the cutoff',
      [
        [9, 8],
        [4, 3],
      ],
      true,
    ],
    [
      'descends past the cutoff, with rows that have no time',
      [
        [9, null],
        [null, 4],
      ],
      true,
    ],
    [
      'has not come to it',
      [
        [9, 8],
        [6, 5],
      ],
      false,
    ],
    ['is wholly older, and never seen to descend', [[3]], false],
    ['has one time only', [[3, 3, 3]], false],
    ['ascends within a page', [[9, 3, 4, 2]], false],
    [
      'ascends from page to page',
      [
        [3, 2],
        [8, 1],
      ],
      false,
    ],
    ['comes oldest first', [[1, 2, 3]], false],
    ['has no times', [[null, null]], false],
  ])('%s', (_name, pages, passed) => {
    const order = pages.reduce((list, page) => list.after(at(...page)), NewestFirst.START);
    expect(order.hasPassed(cutoff)).toBe(passed);
    expect(NewestFirst.parse(String(order)).hasPassed(cutoff)).toBe(passed);
    expect(order.hasPassed(null)).toBe(false);
  });

  it('never ends a scan before a row from the cutoff on, however the list is cut into pages', () => {
    const hours = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: null }), { maxLength: 30 });
    fc.assert(
      fc.property(hours, fc.boolean(), fc.integer({ min: 1, max: 6 }), (list, sorted, size) => {
        const rows = sorted ? list.toSorted((a, b) => (b ?? 99) - (a ?? 99)) : list;
        let order = NewestFirst.START;
        for (let index = 0; index < rows.length; index += size) {
          order = NewestFirst.parse(String(order.after(at(...rows.slice(index, index + size)))));
          if (!order.hasPassed(cutoff)) continue;
          // in a list that keeps its order nothing is lost
          return !sorted || rows.slice(index + size).every((hour) => hour === null || hour < 5);
        }
        return true;
      }),
    );
  });
});
