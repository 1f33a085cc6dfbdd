import { lineOf, tableOf } from './report';

describe('the report of a benchmark', () => {
  const samples = (...pairs: [number, number][]) => pairs.map(([ours, reference]) => ({ ours, reference }));

  it('holds the median of the ratios of each run against the target, not the ratio of medians', () => {
    const line = lineOf({ id: 'sync.first', samples: samples([10, 100], [20, 100], [90, 300]) });
    expect(line).toMatchObject({
      ratio: 0.2,
      ours: 20,
      reference: 100,
      spread: [0.1, 0.3],
      runs: 3,
      met: true,
      shortBy: 0,
    });
  });

  it('says by what share a least is missed', () => {
    const line = lineOf({ id: 'sync.first', samples: samples([12, 100]) });
    expect(line.met).toBe(false);
    expect(line.shortBy).toBeCloseTo(0.2);
    expect(tableOf([line])).toContain('short by 20 %');
  });

  it('says by what share a most is missed', () => {
    const line = lineOf({ id: 'memory.peak', samples: [{ ours: 385 }] });
    expect(line.met).toBe(false);
    expect(line.shortBy).toBeCloseTo(0.1);
  });

  it('meets a bound that is just reached', () => {
    expect(lineOf({ id: 'memory.peak', samples: [{ ours: 350 }] }).met).toBe(true);
    expect(lineOf({ id: 'sync.first', samples: samples([15, 100]) }).met).toBe(true);
  });

  it('rates neither what nobody promised nor sizes too small to say anything', () => {
    expect(lineOf({ id: 'queue.redis', samples: samples([1, 100]) }).met).toBeNull();
    expect(lineOf({ id: 'sync.first', samples: samples([1, 100]) }, true).met).toBeNull();
  });

  it('refuses a ratio whose reference was not measured in the same run', () => {
    expect(() => lineOf({ id: 'sync.first', samples: [{ ours: 1, reference: 2 }, { ours: 1 }] })).toThrow('reference');
    expect(() => lineOf({ id: 'sync.first', samples: [] })).toThrow('no run');
  });

  it('prints rows of one width', () => {
    const table = tableOf([
      lineOf({ id: 'sync.first', samples: samples([15, 100]) }),
      lineOf({ id: 'memory.peak', samples: [{ ours: 300 }] }),
    ]);
    expect(new Set(table.split('\n').map((row) => row.length)).size).toBe(1);
  });
});
