import type { PageRequest } from '../../src/providers';
import { WodifyAdapter } from '../../src/providers/wodify/wodify.adapter';
import { fullScan, stubCall, StubHttp, type StubAnswer } from './provider-stub';

export const BASE = 'https://api.wodify.com/v1';
export const adapter = new WodifyAdapter({ liveHostSuffixes: ['.wodify.com'] });
export const streamOf = (key: string) => adapter.streams.find((one) => one.key === key)!;

export const listOf = (name: string, rows: unknown[], hasMore = false): StubAnswer => ({
  body: { [name]: rows, pagination: { page: 1, page_size: 100, has_more: hasMore } },
});

export async function page(
  key: string,
  answer: (path: string, query: URLSearchParams) => StubAnswer,
  request: Partial<PageRequest> = {},
) {
  const http = new StubHttp(answer);
  const result = await streamOf(key).fetchPage(stubCall(http, BASE), { ...fullScan, ...request });
  return { ...result, asked: http.asked };
}

export const created = (day: string) => ({ created: { created_on_datetime: `2026-${day}T10:00:00Z` } });
export const invoice = (id: number, more: object = {}) => ({
  id,
  invoice_number: String(id).padStart(8, '0'),
  client_id: 12,
  invoice_header_status: 'Paid',
  payment_due: '2026-05-12',
  paid_on_date: '2026-05-06',
  final_charge: 87.5,
  ...created('05-05'),
  ...more,
});
export const lines = {
  invoice_details: [{ product_id: 3, product: 'Class', quantity: 2, sales_price: 43.75, final_charge: 87.5 }],
};

/** A list of invoices and each of them with its lines. */
export const shop =
  (rows: { id: number }[], hasMore = false) =>
  (path: string): StubAnswer => {
    const id = /invoices\/(\d+)$/.exec(path)?.[1];
    if (id === undefined) return listOf('invoices', rows, hasMore);
    const row = rows.find((one) => String(one.id) === id);
    return row === undefined ? { body: { HTTPCode: 404 } } : { body: { ...row, ...lines } };
  };
