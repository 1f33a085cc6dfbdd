import { DemoFailure } from './failure';

const TIMEOUT_MS = 60_000;

export interface Integration {
  readonly id: string;
  readonly status: string | null;
  readonly lastSyncAt: string | null;
  readonly lastSyncError: string | null;
  readonly configuration: Readonly<Record<string, unknown>>;
}

export interface SyncLog {
  readonly jobId: string;
  readonly resourceType: string;
  readonly status: 'pending' | 'syncing' | 'success' | 'failed' | 'skipped';
  readonly durationMs: number | null;
  readonly recordsFetched: number;
  readonly recordsCreated: number;
  readonly recordsUpdated: number;
  readonly recordsUnchanged: number;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly nextAction: string | null;
}

export interface FeedEntry {
  readonly externalId: string;
  readonly resourceType: string;
  readonly version: number;
  readonly operation: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface FeedPage {
  readonly data: FeedEntry[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The service as its users see it: HTTP and nothing else. */
export class InterlockClient {
  private readonly integrationPath: string;

  constructor(
    readonly url: string,
    readonly apiKey: string,
    readonly provider: string,
  ) {
    this.integrationPath = `/v2/integrations/${provider}`;
  }

  /** Any answer is fine here; see `expect`. */
  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    return exchange(method, `${this.url}${this.integrationPath}${path}`, body, { 'x-api-key': this.apiKey });
  }

  async integration(): Promise<Integration | null> {
    return ((await this.expect('GET', '')) as { data: Integration | null }).data;
  }

  async activate(body: unknown): Promise<Integration> {
    return ((await this.expect('POST', '/activate', body)) as { data: Integration }).data;
  }

  async syncNow(): Promise<string> {
    return ((await this.expect('POST', '/sync')) as { jobId: string }).jobId;
  }

  /** The entries of one run, or the newest ones; in the order in which the resources are read. */
  async logs(jobId?: string): Promise<SyncLog[]> {
    const filter = jobId === undefined ? '' : `&jobId=${jobId}`;
    const { data } = (await this.expect('GET', `/sync-logs?limit=20${filter}`)) as { data: SyncLog[] };
    return data.reverse();
  }

  /** Everything that changed since the cursor, and the cursor for the next time. */
  async feed(resourceType: string, cursor?: string): Promise<{ entries: FeedEntry[]; cursor: string }> {
    const entries: FeedEntry[] = [];
    for (let from = cursor; ;) {
      const since = from === undefined ? '' : `&cursor=${encodeURIComponent(from)}`;
      const page = (await this.expect('GET', `/records/${resourceType}?limit=500${since}`)) as FeedPage;
      entries.push(...page.data);
      from = page.nextCursor;
      if (!page.hasMore) return { entries, cursor: from };
    }
  }

  private async expect(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, path, body);
    return successful(answer, `${method} ${this.integrationPath}${path}`);
  }
}

/** A provider simulator: its control endpoint, and its API as any client sees it. */
export class SimulatorClient {
  constructor(
    readonly baseUrl: string,
    readonly apiKey: string,
    private readonly controlToken: string,
  ) {}

  async control(path: string, body: unknown): Promise<unknown> {
    const url = `${this.baseUrl}/_control${path}`;
    return successful(
      await exchange('POST', url, body, { authorization: `Bearer ${this.controlToken}` }),
      `POST ${url}`,
    );
  }

  /** How many rows a PracticeHub list has. */
  async count(list: string): Promise<number> {
    const url = `${this.baseUrl}/${list}?page_size=1`;
    const headers = { 'x-practicehub-key': this.apiKey, 'x-app-details': 'Demo=demo@example.com' };
    const answer = (await exchange('GET', url, undefined, headers)).body as { total_entries?: number };
    return answer.total_entries ?? 0;
  }
}

async function exchange(method: string, url: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: parsed(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DemoFailure(`${method} ${url} got no answer: ${(cause as Error).message}`, { cause: error });
  }
}

function successful({ status, body }: Answer, call: string): unknown {
  if (status >= 200 && status < 300) return body;
  throw new DemoFailure(`${call} answered ${status}:\n${JSON.stringify(body, null, 2)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
