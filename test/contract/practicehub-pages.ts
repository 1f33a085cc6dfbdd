import { ProviderFailure } from '../../src/platform/outbound';
import { understood, type GoodRow, type PageRequest, type ProviderSettings } from '../../src/providers';
import { PracticeHubAdapter } from '../../src/providers/practicehub/practicehub.adapter';
import { fullScan, stubCall, StubHttp, type StubAnswer } from './provider-stub';

export const BASE = 'https://clinic.practicehub.io/api';
export const adapter = new PracticeHubAdapter({ liveHostSuffixes: ['.practicehub.io'] });

export const listOf = (rows: unknown[], more: object = {}): StubAnswer => ({
  body: { data: rows, total_entries: rows.length, links: { next: null }, ...more },
});

export async function page(
  key: string,
  answer: (path: string, query: URLSearchParams) => StubAnswer,
  request: Partial<PageRequest> = {},
  settings: Partial<ProviderSettings> = {},
) {
  const http = new StubHttp(answer);
  const stream = adapter.streams.find((one) => one.key === key)!;
  const result = await stream.fetchPage(stubCall(http, BASE, settings), { ...fullScan, ...request });
  return { ...result, rows: result.rows.map(understood), asked: http.asked };
}

export async function row<Data>(
  key: string,
  raw: object,
  settings: Partial<ProviderSettings> = {},
): Promise<GoodRow & { record: Data }> {
  const { rows } = await page(key, () => listOf([raw]), {}, settings);
  return rows[0] as GoodRow & { record: Data };
}

export const failureOf = (call: () => unknown): ProviderFailure => {
  try {
    call();
  } catch (error) {
    if (error instanceof ProviderFailure) return error;
  }
  throw new Error('was not refused');
};
