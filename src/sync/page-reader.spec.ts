import fc from 'fast-check';
import { stubCall, StubHttp } from '../../test/contract/provider-stub';
import type { Page, PageRequest, ProviderCall } from '../providers';
import { EMPTY_CURSOR } from './cursor';
import { PageReader } from './page-reader';
import { planScan } from './scan-plan';
import type { ScanState } from './scan-state';

const first = planScan({
  stream: { incremental: 'changed_since', resource: 'customers' },
  cursor: EMPTY_CURSOR,
  readAs: 'seed',
  now: new Date(),
  runId: 'run',
  fullResync: false,
  lookbackDays: 90,
  timezone: 'UTC',
});
const at = (position: string | null, scan: ScanState = first): ScanState => ({ ...scan, position });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A provider whose answers, and whose pages' being understood, are let go one by one. */
class Provider {
  readonly asked: (string | null)[] = [];
  private readonly answers = new Map<string | null, () => void>();
  private readonly understood = new Map<string | null, (outcome: Page | Error) => void>();
  readonly http = new StubHttp(() => ({ body: {} }));

  readonly stream = {
    fetchPage: async (call: ProviderCall, { position }: PageRequest): Promise<Page> => {
      const page = new Promise<Page | Error>((resolve) => this.understood.set(position, resolve));
      await call.http.request({ method: 'GET', url: `${position}`, headers: {}, classify: () => null });
      const outcome = await page;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  };

  readonly call: ProviderCall = {
    ...stubCall(this.http, 'https://provider.example'),
    http: {
      request: async ({ url }) => {
        const position = url === 'null' ? null : url;
        this.asked.push(position);
        await new Promise<void>((resolve) => this.answers.set(position, resolve));
        return { status: 200, headers: {}, body: {}, elements: null, providerTime: null, gone: false };
      },
    },
  };

  async answer(position: string | null): Promise<void> {
    this.answers.get(position)!();
    await turn();
  }

  async understand(position: string | null, outcome: Page | Error): Promise<void> {
    this.understood.get(position)!(outcome);
    await turn();
  }
}

const page = (next: string | null, afterNext: string | null = null): Page => ({
  rows: [],
  next,
  afterNext,
  providerTime: null,
  total: null,
  received: { rows: 0, digest: '' },
});

describe('PageReader', () => {
  let provider: Provider;
  let mayReadAhead: boolean;
  let reader: PageReader;

  beforeEach(() => {
    provider = new Provider();
    mayReadAhead = true;
    const { stream, call } = provider;
    reader = new PageReader({
      stream,
      call,
      asStored: (rows) => Promise.resolve(rows.map(() => false)),
      mayReadAhead: () => mayReadAhead,
    });
  });

  /** The first page, which says that `2` follows and `3` follows that. */
  async function readFirst(told = page('2', '3')): Promise<void> {
    const read = reader.read(at(null));
    await provider.answer(null);
    await provider.understand(null, told);
    await read;
  }

  it('asks for a page as soon as the one before is answered, and not before', async () => {
    await readFirst();
    const second = reader.read(at('2'));
    await turn();
    expect(provider.asked).toEqual([null, '2']);
    await provider.answer('2');
    expect(provider.asked).toEqual([null, '2', '3']);
    await provider.understand('2', page('3', '4'));
    expect((await second).next).toBe('3');

    await provider.answer('3');
    expect(provider.asked).toEqual([null, '2', '3']);
    const third = reader.read(at('3'));
    await turn();
    expect(provider.asked).toEqual([null, '2', '3', '4']);
    await provider.understand('3', page('4', '5'));
    expect((await third).next).toBe('4');
  });

  it('drops a page that turns out not to be the next, even one that fails', async () => {
    await readFirst();
    const second = reader.read(at('2'));
    await provider.answer('2');
    await provider.understand('2', page('2b', '3b'));
    await second;
    await provider.answer('3');
    await provider.understand('3', new Error('nobody asked'));
    const next = reader.read(at('2b'));
    await provider.answer('2b');
    await provider.understand('2b', page(null));
    expect((await next).next).toBeNull();
    // and asks for nothing ahead any more
    expect(provider.asked).toEqual([null, '2', '3', '2b']);
  });

  it('throws what a page that was asked for ahead failed with when it is wanted', async () => {
    await readFirst();
    const second = reader.read(at('2'));
    await provider.answer('2');
    await provider.understand('2', page('3'));
    await second;
    await provider.answer('3');
    await provider.understand('3', new Error('away'));
    await expect(reader.read(at('3'))).rejects.toThrow('away');
  });

  it.each<[string, () => Promise<ScanState>]>([
    ['where the page after the next is not known', async () => (await readFirst(page('2')), at('2'))],
    ['when the run must yield', async () => (await readFirst(), (mayReadAhead = false), at('2'))],
    ['of another pass', async () => (await readFirst(), at('2', { ...first, id: 'another' }))],
  ])('asks for nothing ahead %s', async (_case, prepare) => {
    const scan = await prepare();
    const second = reader.read(scan);
    await provider.answer('2');
    await provider.understand('2', page(null));
    await second;
    expect(provider.asked).toEqual([null, '2']);
  });
});

it('reads the same pages as one that reads no page ahead, whatever they say of those behind them', async () => {
  const place = fc.option(fc.integer({ min: 0, max: 12 }).map(String));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ next: place, afterNext: place }), { minLength: 13, maxLength: 13 }),
      async (told) => {
        const pages = told.map(({ next, afterNext }) => page(next, afterNext));
        const positions = async (ahead: boolean): Promise<(string | null)[]> => {
          let asked = 0;
          const call = {
            ...stubCall(new StubHttp(() => ({})), 'https://provider.example'),
            http: {
              request: async () => {
                asked++;
                await turn();
                return { status: 200, headers: {}, body: {}, elements: null, providerTime: null, gone: false };
              },
            },
          };
          const stream = {
            fetchPage: async (given: ProviderCall, { position }: PageRequest) => {
              await given.http.request({ method: 'GET', url: '', headers: {}, classify: () => null });
              await turn();
              return pages[Number(position ?? 0)]!;
            },
          };
          const reader = new PageReader({
            stream,
            call,
            asStored: (rows) => Promise.resolve(rows.map(() => false)),
            mayReadAhead: () => ahead,
          });
          const seen: (string | null)[] = [];
          let position: string | null = null;
          for (let step = 0; step < 15; step++) {
            seen.push(position);
            const read: Page = await reader.read(at(position));
            if (read.next === null) break;
            position = read.next;
          }
          // one for nothing, and one behind the last step
          expect(asked - seen.length).toBeLessThanOrEqual(2);
          return seen;
        };
        expect(await positions(true)).toEqual(await positions(false));
      },
    ),
    { numRuns: 60 },
  );
});
