import type { FilterFinding } from './cursor';
import { filterNotes, filterProofIsDue } from './filter-findings';
import { FULL_SCAN_INTERVAL_MS } from './scan-plan';

const CHECKED = '2026-01-01T00:00:00.000Z';
const finding = (state: FilterFinding['state'], checkedAt: string | null = CHECKED): FilterFinding => ({
  state,
  checkedAt,
});

describe('the notes about a filter', () => {
  const notes = (
    filter: FilterFinding,
    {
      fullScanAt = CHECKED as string | null,
      kind = 'full' as 'full' | 'incremental',
      incremental = 'changed_since',
    } = {},
  ) => filterNotes({ filter, fullScanAt }, { kind }, { incremental: incremental as 'changed_since' });

  it.each([
    ['ignored', ['filter_ignored']],
    ['refused', ['filter_refused']],
    ['unproven', ['filter_unproven']],
    ['honoured', []],
  ] as const)('say that it was found %s', (state, expected) => {
    expect(notes(finding(state))).toEqual(expected);
  });

  it('say nothing where nothing else was to be expected', () => {
    for (const state of ['ignored', 'refused', 'unproven'] as const) {
      // the first scan reads everything; one that filters has no trouble; other streams have no such filter
      expect(notes(finding(state), { fullScanAt: null })).toEqual([]);
      expect(notes(finding(state), { kind: 'incremental' })).toEqual([]);
      expect(notes(finding(state), { incremental: 'none' })).toEqual([]);
    }
    expect(notes(finding('unproven', null))).toEqual([]);
  });
});

describe('the proof of a filter', () => {
  const due = (filter: FilterFinding, ageMs: number, fullResync = false) =>
    filterProofIsDue(filter, { leasedAt: new Date(Date.parse(CHECKED) + ageMs), fullResync });

  it.each(['ignored', 'refused'] as const)('of one that was found %s is due once in a while', (state) => {
    expect(due(finding(state), FULL_SCAN_INTERVAL_MS - 1)).toBe(false);
    expect(due(finding(state), FULL_SCAN_INTERVAL_MS)).toBe(true);
    expect(due(finding(state, null), 0)).toBe(true);
  });

  it('is due when everything is asked for anew', () => {
    expect(due(finding('refused'), 0, true)).toBe(true);
  });

  it.each(['honoured', 'unproven'] as const)('of one that was found %s is due after each full scan', (state) => {
    expect(due(finding(state), 0)).toBe(true);
  });
});
