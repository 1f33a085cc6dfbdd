import { setTimeout as sleep } from 'node:timers/promises';
import { ProviderFailure } from '../platform/outbound';
import type { Page } from '../providers';
import { BatchReader, type Batch } from './batch-reader';
import { EMPTY_CURSOR } from './cursor';
import type { PageReader } from './page-reader';
import type { RunContext } from './run-handler';
import { planScan } from './scan-plan';
import type { ScanState } from './scan-state';

const SCAN = planScan({
  stream: { incremental: 'changed_since', resource: 'customers' },
  cursor: EMPTY_CURSOR,
  readAs: 'seed',
  now: new Date('2026-05-01T12:00:00Z'),
  runId: 'run',
  fullResync: false,
  lookbackDays: 90,
  timezone: 'UTC',
});

/** So many rows a page that each page is a batch of its own. */
function page(number: number, pages: number): Page {
  const unchanged = Array.from({ length: 1_000 }, (_, index) => `${number}-${index}`);
  const next = number < pages ? String(number + 1) : null;
  const received = { rows: unchanged.length, digest: String(number) };
  return { rows: [], unchanged, next, total: null, providerTime: null, received };
}

class Reading {
  readonly asked: number[] = [];
  yields = false;
  readonly reader: BatchReader;

  constructor(answer: (number: number) => Page) {
    const pages = {
      read: async ({ position }: ScanState) => {
        const number = Number(position ?? 1);
        this.asked.push(number);
        await sleep(1);
        return answer(number);
      },
    };
    const context = {
      run: { leasedAt: new Date() },
      signal: new AbortController().signal,
      countPage: () => undefined,
      shouldYield: () => this.yields,
    };
    const stamps = { zoneless: false, zone: null };
    this.reader = new BatchReader(context as unknown as RunContext, pages as unknown as PageReader, {
      stamps,
      knownBefore: null,
    });
  }
}

const turn = () => sleep(20);

describe('batches', () => {
  it('are read one ahead of the one that is worked on, and no further', async () => {
    const reading = new Reading((number) => page(number, 5));
    const asked: number[] = [];
    for await (const batch of reading.reader.from(SCAN)) {
      await turn();
      asked.push(reading.asked.length);
      expect(batch.rows.length + batch.unchanged.length).toBe(1_000);
    }
    expect(asked).toEqual([2, 3, 4, 5, 5]);
  });

  it('are each handed over before a failure of the next one is thrown', async () => {
    const failure = new Error('the provider is gone');
    const reading = new Reading((number) => {
      if (number === 3) throw failure;
      return page(number, 5);
    });
    const seen: (string | null)[] = [];
    const read = async () => {
      for await (const batch of reading.reader.from(SCAN)) {
        await turn();
        seen.push(batch.scan.position);
      }
    };
    await expect(read()).rejects.toBe(failure);
    expect(seen).toEqual(['2', '3']);
  });

  const bad = { externalId: '2', reason: 'no', path: '$', rowDigest: 'd' };
  it.each<[string, Pick<Page, 'rows' | 'unchanged'>]>([
    ['rows that are as stored', { rows: [], unchanged: ['1'] }],
    ['rows of both kinds', { rows: [bad], unchanged: ['1'] }],
    ['rows that were read', { rows: [bad], unchanged: [] }],
  ])('end with what was sound where the provider fails within one, and say so: %s', async (_what, rows) => {
    const failure = new ProviderFailure('provider_down', 'The provider does not answer.');
    const reading = new Reading((number) => {
      if (number === 2) throw failure;
      return { ...page(number, 5), ...rows, received: { rows: 1, digest: 'one' } };
    });
    const batches: Batch[] = [];
    for await (const batch of reading.reader.from(SCAN)) batches.push(batch);
    expect(batches).toEqual([expect.objectContaining({ failure, ended: false, beganAgain: false, ...rows })]);
    expect(batches[0]!.scan).toMatchObject({ id: SCAN.id, position: '2', pages: 1 });
  });

  it('begin again where the pages make no list', async () => {
    const reading = new Reading((number) => ({ ...page(number, 2), total: 5 }));
    const batches: Batch[] = [];
    for await (const batch of reading.reader.from(SCAN)) batches.push(batch);
    expect(batches).toEqual([expect.objectContaining({ beganAgain: true, unchanged: [], ended: false })]);
    expect(batches[0]!.scan).toMatchObject({ position: null, pages: 0 });
    expect(batches[0]!.scan.id).not.toBe(SCAN.id);
  });

  it.each([
    ['filterIgnored', 'filter_ignored'],
    ['orderIgnored', 'order_ignored'],
    ['rangeIgnored', 'range_ignored'],
    ['absent', 'list_absent'],
  ] as const)('note %s where a page says so, once, and nothing where none does', async (said, note) => {
    const notesOf = async (says: boolean): Promise<string[]> => {
      const reading = new Reading((number) => ({ ...page(number, 3), ...(says && number === 1 && { [said]: true }) }));
      const found: string[] = [];
      for await (const { notes } of reading.reader.from(SCAN)) found.push(...notes);
      return [...new Set(found)];
    };
    expect([await notesOf(true), await notesOf(false)]).toEqual([[note], []]);
  });

  it('end where the run has used its time slice', async () => {
    const reading = new Reading((number) => page(number, 5));
    let count = 0;
    for await (const batch of reading.reader.from(SCAN)) {
      count++;
      expect(batch.ended).toBe(false);
      reading.yields = true;
    }
    // one was being read
    expect(count).toBe(2);
    expect(reading.asked).toEqual([1, 2]);
  });

  it('that nobody works on any more fail in silence', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    try {
      for (const wait of [() => undefined, () => sleep(20)]) {
        const { reader } = new Reading((number) => {
          if (number === 2) throw new Error('the provider is gone');
          return page(number, 5);
        });
        const read = async () => {
          for await (const _ of reader.from(SCAN)) {
            await wait();
            throw new Error('the commit failed');
          }
        };
        await expect(read()).rejects.toThrow('the commit failed');
        await turn();
      }
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
    }
  });
});
