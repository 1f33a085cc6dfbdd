import { parseJsonBody, type OutboundHttp } from '../../../src/platform/outbound';
import {
  isBadRow,
  understood,
  type FetchedRow,
  type GoodRow,
  type Page,
  type PageRequest,
  type ProviderAdapter,
  type ProviderCall,
  type Stream,
} from '../../../src/providers';
import { createAdapter } from '../../../src/providers/adapters';
import type { ConformanceSubject } from './subject';

/** A bug that a tired author could write, and the check that must notice it. */
export interface Mutant {
  readonly bug: string;
  /** Left out: it can be planted in any adapter. */
  readonly applies?: (subject: ConformanceSubject) => boolean;
  readonly caughtBy: string;
  plant(adapter: ProviderAdapter): ProviderAdapter;
}

const hasStream =
  (is: (stream: Stream) => boolean) =>
  ({ provider }: ConformanceSubject) =>
    createAdapter(provider).streams.some(is);

const asksForChanges = hasStream(({ incremental }) => incremental === 'changed_since');

type FetchPage = (call: ProviderCall, request: PageRequest) => Promise<Page>;

/** The adapter with one method of all its streams replaced. */
function withStreams(adapter: ProviderAdapter, change: (stream: Stream) => Partial<Stream>): ProviderAdapter {
  const streams = adapter.streams.map((stream) => {
    const own: Stream = Object.assign(Object.create(stream) as Stream, {
      fetchPage: stream.fetchPage.bind(stream),
      ...(stream.fetchOne && { fetchOne: stream.fetchOne.bind(stream) }),
    });
    return Object.assign(own, change(stream));
  });
  return Object.assign(Object.create(adapter) as ProviderAdapter, {
    streams,
    normaliseCredentials: adapter.normaliseCredentials.bind(adapter),
    testCredentials: adapter.testCredentials.bind(adapter),
  });
}

const paging = (adapter: ProviderAdapter, change: (fetchPage: FetchPage) => FetchPage) =>
  withStreams(adapter, (stream) => ({ fetchPage: change(stream.fetchPage.bind(stream)) }));

const calling = (adapter: ProviderAdapter, change: (http: OutboundHttp, call: ProviderCall) => OutboundHttp) =>
  paging(adapter, (fetchPage) => (call, request) => fetchPage({ ...call, http: change(call.http, call) }, request));

const mapping = (adapter: ProviderAdapter, change: (row: FetchedRow, raw: unknown) => FetchedRow) =>
  paging(adapter, (fetchPage) => async (call, request) => {
    let body: Record<string, unknown> = {};
    const http: OutboundHttp = {
      request: async (one) => {
        const answer = await call.http.request(one);
        const list = answer.elements?.map(({ bytes }) => parseJsonBody(bytes));
        if (list !== undefined) body = { list };
        else if (Object.values(answer.body as object).some(Array.isArray))
          body = answer.body as Record<string, unknown>;
        return answer;
      },
    };
    const page = await fetchPage({ ...call, http }, request);
    const raw = (Object.values(body).find(Array.isArray) ?? []) as { id?: unknown }[];
    // not by place: a stream may leave rows out
    const rawOf = ({ externalId }: FetchedRow) => raw.find((one) => String(one.id) === externalId?.replace(/^.*:/, ''));
    return { ...page, rows: page.rows.map(understood).map((row) => change(row, rawOf(row))) };
  });

export const MUTANTS: readonly Mutant[] = [
  {
    bug: 'the last page is never read',
    caughtBy: 'a full scan brings every row once, and nothing else',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => {
        const page = await fetchPage(call, request);
        return request.position === null ? page : { ...page, next: null };
      }),
  },
  {
    bug: 'once more is asked after the last page',
    caughtBy: 'it pages to the end and no further, in the largest pages there are',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => {
        const page = await fetchPage(call, request);
        if (page.next === null) await fetchPage(call, request);
        return page;
      }),
  },
  {
    bug: 'the first page is read twice',
    caughtBy: 'a full scan brings every row once, and nothing else',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => {
        const page = await fetchPage(call, request);
        if (request.position !== null) return page;
        return { ...page, rows: [...page.rows, ...(await fetchPage(call, request)).rows] };
      }),
  },
  {
    bug: 'a rejected key is taken for an outage',
    caughtBy: '401 is a rejected credential, not tried again',
    plant: (adapter) =>
      calling(adapter, (http) => ({
        request: (one) =>
          http.request({
            ...one,
            classify: (answer) => (answer.status === 401 ? { verdict: 'provider_down' } : one.classify(answer)),
          }),
      })),
  },
  {
    bug: 'errors inside a 200 are not looked for',
    applies: ({ errorIn200 }) => errorIn200.retried,
    caughtBy: 'an error inside a 200 is classified as an error',
    plant: (adapter) =>
      calling(adapter, (http) => ({
        request: (one) =>
          http.request({ ...one, classify: (answer) => (answer.status < 300 ? null : one.classify(answer)) }),
      })),
  },
  {
    bug: 'a failure is an empty page',
    caughtBy: 'an empty 200 breaks the contract: it is not an empty list',
    plant: (adapter) =>
      paging(
        adapter,
        (fetchPage) => (call, request) =>
          fetchPage(call, request).catch(() => ({
            rows: [],
            next: null,
            providerTime: null,
            total: null,
            received: { rows: 0, digest: '' },
          })),
      ),
  },
  {
    bug: 'money goes through a float',
    applies: hasStream(({ resource }) => resource === 'invoices'),
    caughtBy: 'money is exact, however the provider writes it',
    plant: (adapter) =>
      mapping(adapter, (row) => {
        if (isBadRow(row) || !('totalMinor' in row.record)) return row;
        return { ...row, record: { ...row.record, totalMinor: Math.floor((row.record.totalMinor / 100) * 100) } };
      }),
  },
  {
    bug: 'the whole row is spread into the record',
    caughtBy: 'every record has the contract’s members and types, and no others',
    plant: (adapter) =>
      mapping(adapter, (row, raw) =>
        isBadRow(row) ? row : { ...row, record: { ...(raw as object), ...row.record } as GoodRow['record'] },
      ),
  },
  {
    bug: 'the cursor’s own second is left out',
    applies: asksForChanges,
    caughtBy: 'rows with the very time stamp of the cursor are all brought',
    plant: (adapter) =>
      paging(
        adapter,
        (fetchPage) => (call, request) =>
          fetchPage(call, { ...request, since: request.since && new Date(request.since.getTime() + 1000) }),
      ),
  },
  {
    bug: 'the time of the last change is not sent',
    applies: asksForChanges,
    caughtBy: 'where nothing changed, an incremental scan is one short page',
    plant: (adapter) => paging(adapter, (fetchPage) => (call, request) => fetchPage(call, { ...request, since: null })),
  },
  {
    bug: 'an ignored filter goes unnoticed',
    applies: asksForChanges,
    caughtBy: 'a filter that the provider ignores is noticed, and nothing is missed',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => ({
        ...(await fetchPage(call, request)),
        filterIgnored: false,
      })),
  },
  {
    bug: 'the adapter tries again by itself and does not hear the abort',
    caughtBy: 'an abort takes effect within 100 ms, whatever the provider does',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => {
        try {
          return await fetchPage(call, request);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 150));
          return fetchPage(call, request);
        }
      }),
  },
  {
    bug: 'a request goes past the guarded client',
    caughtBy: 'every request takes its turn in the rate budget: none goes another way',
    plant: (adapter) =>
      calling(adapter, (http) => ({
        request: async (one) => {
          await (await fetch(one.url, { headers: one.headers as Record<string, string> })).text();
          return http.request(one);
        },
      })),
  },
  {
    bug: 'the key is put into the URL',
    caughtBy: 'the key is in a header and nowhere else',
    plant: (adapter) =>
      calling(adapter, (http, call) => ({
        request: (one) => {
          const url = new URL(one.url);
          url.searchParams.set('api_key', call.credentials.apiKey!);
          return http.request({ ...one, url: url.href });
        },
      })),
  },
  {
    bug: 'the value is quoted in the reason of a quarantined row',
    caughtBy: 'a row in quarantine shows nothing of itself',
    plant: (adapter) =>
      mapping(adapter, (row, raw) =>
        isBadRow(row) ? { ...row, reason: `${row.reason}: ${JSON.stringify(raw)}` } : row,
      ),
  },
  {
    bug: 'a bad row stops its page',
    caughtBy: 'a row that cannot be understood is set aside by field, and stops no other',
    plant: (adapter) =>
      paging(adapter, (fetchPage) => async (call, request) => {
        const page = await fetchPage(call, request);
        if (page.rows.map(understood).some(isBadRow)) throw new TypeError('cannot read properties of undefined');
        return page;
      }),
  },
  {
    bug: 'a row that cannot be had is taken for deleted',
    applies: hasStream(({ fetchOne }) => fetchOne !== undefined),
    caughtBy: 'a single row that cannot be had is not taken for deleted',
    plant: (adapter) =>
      withStreams(adapter, (stream) => ({
        fetchOne: (call, id) => stream.fetchOne!.call(stream, call, id).catch(() => 'gone' as const),
      })),
  },
  {
    bug: 'the merchant’s zone is not used',
    applies: ({ zoneless }) => zoneless !== undefined,
    caughtBy: 'times without a zone are read in the merchant’s',
    plant: (adapter) =>
      paging(
        adapter,
        (fetchPage) => (call, request) =>
          fetchPage({ ...call, settings: { ...call.settings, timezone: null } }, request),
      ),
  },
];
