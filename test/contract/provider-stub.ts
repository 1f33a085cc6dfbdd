import {
  ProviderFailure,
  type OutboundHttp,
  type OutboundRequest,
  type OutboundResponse,
  type Verdict,
} from '../../src/platform/outbound';
import { parseJsonList } from '../../src/platform/outbound/json-list';
import { isTooDeep } from '../../src/platform/outbound/json-shape';
import type { PageRequest, ProviderCall, ProviderSettings } from '../../src/providers';

export interface StubAnswer {
  readonly status?: number;
  readonly body?: unknown;
  /** Sent in place of the body of a list: what no value can be written as. */
  readonly text?: string;
}

/** An adapter's HTTP client without a network: classifies like the real one and keeps its requests. */
export class StubHttp implements OutboundHttp {
  readonly asked: { method: string; path: string; query: URLSearchParams; body: unknown; headers: object }[] = [];

  constructor(private readonly answer: (path: string, query: URLSearchParams, body: unknown) => StubAnswer) {}

  async request(request: OutboundRequest): Promise<OutboundResponse> {
    const { pathname, searchParams } = new URL(request.url);
    const { method, headers } = request;
    this.asked.push({ method, path: pathname, query: searchParams, body: request.body, headers });
    const { status = 200, body, text } = this.answer(pathname, searchParams, request.body);
    const outcome = request.classify({ status, headers: {}, body });
    if (outcome !== null && outcome.verdict !== 'gone') {
      throw new ProviderFailure(outcome.verdict as Verdict, 'classified', { status });
    }
    const parsed = await listIn(text ?? JSON.stringify(body), body, request.list);
    return { status, headers: {}, ...parsed, providerTime: null, gone: outcome !== null };
  }
}

async function listIn(
  text: string | undefined,
  body: unknown,
  list: string | undefined,
): Promise<Pick<OutboundResponse, 'body' | 'elements' | 'tooDeep'>> {
  if (list === undefined || text === undefined) {
    return { body, tooDeep: text !== undefined && isTooDeep(Buffer.from(text)), elements: null };
  }
  return parseJsonList(Buffer.from(text), list);
}

export function stubCall(http: OutboundHttp, baseUrl: string, settings: Partial<ProviderSettings> = {}): ProviderCall {
  return {
    credentials: { apiKey: 'key', baseUrl, appName: 'RevKeen', appEmail: 'info@revkeen.com' },
    environment: 'sandbox',
    settings: { currency: 'GBP', timezone: 'UTC', ...settings },
    http,
    signal: new AbortController().signal,
  };
}

export const fullScan: PageRequest = {
  scan: 'full',
  since: null,
  floor: null,
  position: null,
  asStored: async (rows) => rows.map(() => false),
};
