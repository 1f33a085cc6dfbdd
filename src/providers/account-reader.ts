import { ProviderFailure, type OutboundHttp } from '../platform/outbound';
import { classifyStatus } from './classify-status';
import { isRow, type Row } from './row';

/** More than any provider's questions need; a loop that goes wrong ends here. */
export const MAX_CHECK_CALLS = 30;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 1_000;
const MAX_UNANSWERED = 3;

/** What came back for one question. */
export interface AccountAnswer {
  /** null: nothing came back, or nothing that is an answer. */
  readonly status: number | null;
  readonly body: unknown;
  readonly providerTime: Date | null;
  /** Of every list that was asked for by name; empty where there is none. */
  readonly rows: readonly Row[];
}

/** Puts one question. `path` stands below the credentials' base URL. */
export interface Ask {
  (
    name: string,
    path: string,
    options?: { readonly list?: string; readonly withoutKey?: boolean },
  ): Promise<AccountAnswer>;
  readonly paths: CheckedAs['paths'];
  readonly now: Date;
}

/** What whoever asks for the check knows of the account. */
export interface CheckedAs {
  /** Paths that the operator has set, by the key of their stream. */
  readonly paths: Readonly<Record<string, string>>;
  readonly timezone: string | null;
  readonly currency: string | null;
  readonly now: Date;
}

/** Everything that was asked and answered, by the question's name. */
export class Answers {
  private readonly byName = new Map<string, AccountAnswer>();
  /** How each 429 said when to come back. */
  readonly retryAfters: string[] = [];
  calls = 0;

  constructor(readonly asked: CheckedAs) {}

  add(name: string, answer: AccountAnswer): void {
    this.byName.set(name, answer);
  }

  get(name: string): AccountAnswer | undefined {
    return this.byName.get(name);
  }

  /** Rows of an answer; none where it was not asked, or refused. */
  rows(name: string): readonly Row[] {
    return this.byName.get(name)?.rows ?? [];
  }

  entries(): readonly (readonly [name: string, answer: AccountAnswer])[] {
    return [...this.byName];
  }
}

export interface ReaderOptions {
  readonly http: OutboundHttp;
  readonly baseUrl: string;
  /** The adapter's own; what they are called and hold is its business. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The only way in which a check talks to an account: GET, a few times. A refusal is an answer; three calls without one
 * end the check.
 */
export function accountReader(answers: Answers, { http, baseUrl, headers }: ReaderOptions): Ask {
  let unanswered = 0;
  const ask = async (
    name: string,
    path: string,
    { list, withoutKey = false }: { list?: string; withoutKey?: boolean } = {},
  ): Promise<AccountAnswer> => {
    if (answers.calls >= MAX_CHECK_CALLS) throw new Error('a check asks too much');
    answers.calls += 1;
    let status: number | null = null;
    let body: unknown;
    let date = '';
    let failure: ProviderFailure | null = null;
    try {
      await http.request({
        method: 'GET',
        url: `${baseUrl}${path}`,
        headers: withoutKey ? {} : headers,
        maxBytes: MAX_BYTES,
        classify: (answer) => {
          ({ status, body } = answer);
          date = answer.headers['date'] ?? '';
          if (answer.status === 429) answers.retryAfters.push(retryAfterForm(answer.headers['retry-after']));
          return classifyStatus(answer.status, null);
        },
      });
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failure = error;
    }
    const isAnswer = status !== null && status !== 429 && status < 500 && body !== undefined;
    unanswered = isAnswer ? 0 : unanswered + 1;
    if (failure !== null && unanswered >= MAX_UNANSWERED) throw failure;
    const providerTime = Date.parse(date);
    const answer: AccountAnswer = {
      status: isAnswer ? status : null,
      body: isAnswer ? body : undefined,
      providerTime: Number.isNaN(providerTime) ? null : new Date(providerTime),
      rows: isAnswer && list !== undefined ? rowsIn(body, list) : [],
    };
    answers.add(name, answer);
    return answer;
  };
  return Object.assign(ask, { paths: answers.asked.paths, now: answers.asked.now });
}

function rowsIn(body: unknown, list: string): Row[] {
  const rows = isRow(body) ? body[list] : undefined;
  return Array.isArray(rows) ? rows.slice(0, MAX_ROWS).filter(isRow) : [];
}

function retryAfterForm(value: string | undefined): string {
  if (value === undefined || value.trim() === '') return 'off';
  if (/^\d+$/.test(value.trim())) return 'seconds';
  if (/^\d+\.\d+$/.test(value.trim())) return 'fraction';
  return /[a-z]/i.test(value) && !Number.isNaN(Date.parse(value)) ? 'date' : 'nonsense';
}
