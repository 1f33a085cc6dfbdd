import { apiContract } from '../support/api-client-contract';
import { drawRequest, type FuzzRequest, type FuzzTarget } from './requests';
import { curlOf, send, type FuzzAnswer } from './send';
import { CANARY } from './values';

export interface FuzzOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly parallel?: number;
  readonly maxFailures?: number;
  /** One request of the seed alone. */
  readonly only?: number;
}

export interface FuzzFailure {
  readonly index: number;
  readonly problems: readonly string[];
  readonly curl: string;
}

export interface FuzzReport {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly failures: readonly FuzzFailure[];
}

/** A provider that fails is the provider's; every other 5xx is ours. */
const ALLOWED_5XX = new Set([502, 504]);

/** Asks until the time is over or enough has failed. */
export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzReport> {
  const statuses: Record<string, number> = {};
  const failures: FuzzFailure[] = [];
  const deadline = performance.now() + options.seconds * 1_000;
  const maxFailures = options.maxFailures ?? 10;
  const contract = apiContract();
  let drawn = 0;
  const attempt = async (index: number): Promise<void> => {
    const wish = drawRequest(contract, target, options.seed, index);
    const problems: string[] = [];
    const servedBefore = target.served();
    try {
      const answer = await send(target.url, wish);
      const status = answer ? String(answer.status) : 'none';
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (answer) problems.push(...problemsOf(target, wish, answer, servedBefore));
    } catch (error) {
      problems.push(`no answer: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (problems.length > 0) failures.push({ index, problems, curl: curlOf(target.url, wish) });
  };
  if (options.only !== undefined) {
    await attempt(options.only);
    drawn = 1;
  } else {
    const worker = async (): Promise<void> => {
      while (performance.now() < deadline && failures.length < maxFailures) await attempt(drawn++);
    };
    await Promise.all(Array.from({ length: options.parallel ?? 4 }, worker));
  }
  const alive = await fetch(`${target.url}/health/live`).catch(() => null);
  if (alive?.status !== 200) failures.push({ index: -1, problems: ['the process does not answer any more'], curl: '' });
  return { requests: drawn, statuses, failures };
}

/** `servedBefore`: the providers when it was asked; until the answer there may be others. */
function problemsOf(
  target: FuzzTarget,
  wish: FuzzRequest,
  answer: FuzzAnswer,
  servedBefore: readonly string[],
): string[] {
  const contract = apiContract([...new Set([...servedBefore, ...target.served()])]);
  const problems = contract.problems({ method: wish.method, path: wish.target, ...answer });
  if (answer.status >= 500 && !ALLOWED_5XX.has(answer.status)) {
    problems.push(`${wish.method} ${wish.operation.path}: ${answer.status} ${answer.body.slice(0, 300)}`);
  }
  const whole = `${JSON.stringify(answer.headers)}\n${answer.body}`;
  for (const secret of [CANARY, target.apiKey, target.adminToken]) {
    if (whole.includes(secret)) problems.push(`${wish.method} ${wish.operation.path}: a secret is in the answer`);
  }
  return problems;
}
