import { allNew, changesOf, type IncomingRecord } from './record-changes';

const at = (time: string) => new Date(time).getTime();
const row = (externalId: string, time: string | null = null): IncomingRecord => ({
  externalId,
  json: Buffer.from('{}'),
  hash: '0',
  sourceUpdatedMs: time === null ? null : at(time),
  reading: null,
  digest: null,
  ifKnown: false,
});
const ids = (rows: readonly { row: IncomingRecord }[]) => rows.map((changed) => changed.row.externalId);
const NONE = { created: 0, updated: 0, unchanged: 0, late: 0, fresh: 0, undated: 0 };
const BOUNDS = { lateBefore: new Date('2026-01-10'), changedFrom: new Date('2026-01-20') };

describe('the changes of incoming records', () => {
  it('are told by letter: new, created again, updated, unchanged, listed anew, left out', () => {
    const rows = ['n', 'c', 'u', '=', '~', '-'].map((id) => row(id, '2026-01-15'));
    const { counts, changed, relisted } = changesOf(rows, { changes: 'ncu=~-', statuses: null }, BOUNDS);
    expect(counts).toEqual({ ...NONE, created: 2, updated: 1, unchanged: 2 });
    expect(changed).toEqual([
      { row: rows[0], isNew: true, operation: 'created', keptStatus: null },
      { row: rows[1], isNew: false, operation: 'created', keptStatus: null },
      { row: rows[2], isNew: false, operation: 'updated', keptStatus: null },
    ]);
    expect(relisted).toEqual([rows[4]]);
  });

  it('carry the status that is stored of an invoice', () => {
    const rows = [row('1'), row('2'), row('3')];
    const { changed } = changesOf(rows, { changes: 'n=u', statuses: '-od' });
    expect(changed.map(({ keptStatus }) => keptStatus)).toEqual(['-', 'd']);
  });

  it('are late when they are older than the bound, or of unknown age', () => {
    const rows = [row('before', '2026-01-09T23:59:59.999Z'), row('at', '2026-01-10'), row('unknown'), row('same')];
    expect(changesOf(rows, { changes: 'nuu=', statuses: null }, BOUNDS).counts).toMatchObject({ late: 2 });
    // without a bound only those of unknown age
    expect(changesOf(rows, { changes: 'nuu=', statuses: null }).counts).toMatchObject({ late: 1 });
  });

  it('are fresh when they are new and stamped from the bound on', () => {
    const times = ['2026-01-19T23:59:59.999Z', '2026-01-20', '2026-02-01', null];
    const rows = times.map((time, index) => row(String(index), time));
    const fresh = (changes: string, bounds = BOUNDS) =>
      changesOf(rows, { changes, statuses: null }, bounds).counts.fresh;
    expect(['nnnn', 'nunn', 'ncnn', 'n=nn', 'uuuu'].map((changes) => fresh(changes))).toEqual([2, 1, 1, 1, 0]);
    expect(changesOf(rows, allNew(rows)).counts.fresh).toBe(0);
  });

  it('are undated when they are new or updated and carry no stamp', () => {
    const rows = [row('1'), row('2'), row('3'), row('4'), row('5', '2026-01-15')];
    expect(changesOf(rows, { changes: 'nuc=n', statuses: null }).counts).toMatchObject({ undated: 2 });
  });

  it('of records that are all new are all of them', () => {
    const rows = [row('1'), row('2')];
    expect(allNew(rows)).toEqual({ changes: 'nn', statuses: null });
    const { counts, changed, relisted } = changesOf(rows, allNew(rows));
    expect(counts).toEqual({ ...NONE, created: 2, late: 2, undated: 2 });
    expect([ids(changed), relisted]).toEqual([['1', '2'], []]);
    expect(changesOf([], allNew([]))).toEqual({ counts: NONE, changed: [], relisted: [] });
  });
});
