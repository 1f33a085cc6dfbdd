import { ProviderFailure, type OutboundHttp, type OutboundRequest } from '../platform/outbound';
import { accountReader, Answers, type CheckedAs } from './account-reader';
import type { ProviderId } from './catalogue';
import { cannotTell, type Certainty, type ProviderFact, type ProviderFactPage, type Shown } from './fact';
import type { ProviderAdapter, ProviderCall, ProviderCredentials } from './provider';
import { isRow, type Row } from './row';
import { surveyOf, type ListSurvey } from './told-names';
import { formOf } from './value-form';

export interface CheckedFact {
  readonly id: string;
  readonly words: string;
  readonly certainty: Certainty;
  readonly verdict: 'holds' | 'differs' | 'cannot tell';
  /** What the account shows; null: cannot tell. */
  readonly value: string | null;
  readonly shows: string;
  readonly adapter: string;
  readonly ifWrong: string;
}

/**
 * Holds no value of a row and nothing personal: fit for a public bug report. `variants`, `fields` and `words` are what
 * the simulator replays.
 */
export interface AccountCheckReport {
  readonly report: 'interlock provider check';
  readonly version: 1;
  readonly provider: ProviderId;
  readonly variants: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly facts: readonly Omit<CheckedFact, 'words' | 'adapter' | 'ifWrong'>[];
  readonly lists: Readonly<Record<string, Pick<ListSurvey, 'rows' | 'forms' | 'withheld'>>>;
  readonly calls: readonly { readonly question: string; readonly status: number | null; readonly rows: number }[];
}

export interface AccountCheck {
  readonly facts: readonly CheckedFact[];
  readonly report: AccountCheckReport;
  readonly calls: number;
}

export interface CheckInput {
  readonly adapter: ProviderAdapter;
  readonly page: ProviderFactPage;
  readonly credentials: ProviderCredentials;
  readonly http: OutboundHttp;
  readonly signal: AbortSignal;
  readonly environment: ProviderCall['environment'];
  readonly asked: CheckedAs;
}

/**
 * Asks an account what the provider's facts leave open. Throws the ProviderFailure of the credential check when the key
 * is refused, or everything else as well. Reads only.
 */
export async function checkAccount(input: CheckInput): Promise<AccountCheck> {
  const { adapter, page, credentials, http, signal, environment, asked } = input;
  const seen = new Answers(asked);
  const settings = { currency: asked.currency ?? 'GBP', timezone: asked.timezone };
  const { headers, failure } = await credentialHeaders(http, (recorded) =>
    adapter.testCredentials({ credentials, environment, settings, http: recorded, signal }),
  );
  await page.collect(accountReader(seen, { http, baseUrl: credentials.baseUrl, headers }));
  // refusals alone are not an account
  if (failure !== null && seen.entries().every(([, { status }]) => status === null || status >= 400)) throw failure;
  const facts = page.facts.map((fact) => checked(fact, seen));
  return { facts, report: reportOf(page, facts, seen), calls: seen.calls };
}

/** How the adapter shows who it is: taken from its own credential check, which is the first call. */
async function credentialHeaders(
  http: OutboundHttp,
  test: (http: OutboundHttp) => Promise<unknown>,
): Promise<{ readonly headers: OutboundRequest['headers']; readonly failure: ProviderFailure | null }> {
  let headers: OutboundRequest['headers'] = {};
  try {
    await test({
      request: (request) => {
        if (request.method !== 'GET') throw new Error('a check only reads');
        headers = request.headers;
        return http.request(request);
      },
    });
  } catch (error) {
    // an answer that the adapter does not understand is one more thing to find out
    if (!(error instanceof ProviderFailure) || error.verdict !== 'contract') throw error;
    return { headers, failure: error };
  }
  return { headers, failure: null };
}

function checked(
  { id, words, certainty, expected, probe, adapter, ifWrong }: ProviderFact,
  seen: Answers,
): CheckedFact {
  const shown = probe === null ? cannotTell('a call that only reads does not show it') : probed(probe, seen);
  const verdict =
    shown.value === null ? 'cannot tell' : expected === null || shown.value === expected ? 'holds' : 'differs';
  return { id, words, certainty, verdict, value: shown.value, shows: shown.because, adapter, ifWrong };
}

/** Whatever an account answers, one fact's question does not end the others', and an error's text may quote a row. */
function probed(probe: (seen: Answers) => Shown, seen: Answers): Shown {
  try {
    return probe(seen);
  } catch {
    return cannotTell('the answers have a form that nobody expected');
  }
}

function reportOf(page: ProviderFactPage, facts: readonly CheckedFact[], seen: Answers): AccountCheckReport {
  const surveys = Object.entries(page.lists).flatMap(([resource, known]) => {
    const rows = known.answers.flatMap((name) => [...seen.rows(name), ...singleRow(seen, name)]);
    return rows.length === 0 ? [] : [[resource, surveyOf(rows, known)] as const];
  });
  const simulated = new Set(page.facts.filter((fact) => fact.notSimulated !== true).map(({ id }) => id));
  return {
    report: 'interlock provider check',
    version: 1,
    provider: page.provider,
    variants: Object.fromEntries(
      facts.flatMap(({ id, value }) => (value !== null && simulated.has(id) ? [[id, value] as const] : [])),
    ),
    fields: Object.fromEntries(surveys.map(([resource, { fields }]) => [resource, fields])),
    words: Object.fromEntries(
      surveys.flatMap(([resource, { words }]) =>
        Object.entries(words).flatMap(([field, list]) =>
          list.length === 0 ? [] : [[`${resource}.${field}`, list] as const],
        ),
      ),
    ),
    facts: facts.map(({ id, certainty, verdict, value, shows }) => ({ id, certainty, verdict, value, shows })),
    lists: Object.fromEntries(
      surveys.map(([resource, { rows, forms, withheld }]) => [resource, { rows, forms, withheld }]),
    ),
    calls: seen.entries().map(([question, { status, rows }]) => ({ question, status, rows: rows.length })),
  };
}

/** The row of an answer that shows one, bare or under a name. */
function singleRow(seen: Answers, name: string): Row[] {
  const answer = seen.get(name);
  if (answer === undefined || answer.rows.length > 0 || !isRow(answer.body) || (answer.status ?? 500) >= 300) return [];
  const rows = [answer.body, ...Object.values(answer.body)].filter(isRow);
  return rows.filter((row) => formOf(row['id']) !== 'absent').slice(0, 1);
}
