import { DemoFailure } from './failure';

const TIMEOUT_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
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
