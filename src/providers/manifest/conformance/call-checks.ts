import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest, ManifestErrorRule, ManifestErrors } from '../manifest';
import { isTokenAuth } from '../manifest-auth';
import { SIMULATED_ACCOUNT, type InsteadAnswer } from '../simulator/manifest-simulator';
import { valueAt } from '../simulator/row-meaning';
import { putAt } from '../simulator/simulated-rows';
import type { ConformanceBench, TestedStream } from './conformance-bench';
import { failed, notApplicable, passed, type CheckOutcome, type ManifestCheck } from './conformance-check';

/** What holds for every call: who is let in, and what an answer that is no good one means. */
export const CALL_CHECKS: readonly ManifestCheck[] = [
  { id: 'credentials', words: 'the test lets the right credentials in, and no other', run: credentials },
  { id: 'verdicts', words: 'failures have the declared verdicts', run: verdicts },
  {
    id: 'retry-after',
    words: 'a call that comes too early is repeated when the provider says, and not before',
    run: retryAfter,
  },
  { id: 'token-renewal', words: 'a token that is refused or ends is renewed', run: tokenRenewal },
];

async function credentials(bench: ConformanceBench): Promise<CheckOutcome> {
  const { adapter, told, simulator } = bench;
  let account: string | null = null;
  const call = bench.call();
  const failure = await bench.failureOf(async () => (account = (await adapter.testCredentials(call)).accountId));
  if (failure)
    return failed(
      `The right credentials are refused: ${failure.message}`,
      ...(failure.verdict === 'auth' ? ['auth'] : ['test']),
    );
  const expected = told.test.account === undefined ? call.credentials.baseUrl : SIMULATED_ACCOUNT;
  if (account !== expected) return failed(`The account is ${account}, and not ${expected}.`, 'test', 'account');
  const wrong = wrongFields(told);
  if (wrong === null) return passed();
  simulator.caller.revoke();
  const refusal = await bench.failureOf(() => adapter.testCredentials(bench.call(wrong)));
  if (refusal === null) return failed('Wrong credentials are taken.', 'auth');
  const meant = meaningOf(told.errors, { status: 401, body: { message: 'who are you?' } });
  return refusal.verdict === meant ? passed() : failed(`Wrong credentials fail as ${refusal.verdict}.`, 'errors');
}

/** null: a private key cannot be wrong, it can only be another. */
function wrongFields({ auth, credentials: declared = {} }: Manifest): Record<string, string> | null {
  if (auth.kind === 'signed_jwt' && auth.algorithm !== 'HS256') return null;
  const secrets = Object.keys(declared).filter((name) => declared[name]!.secret);
  return Object.fromEntries(['apiKey', ...secrets].map((name) => [name, 'another-key']));
}

const NO_LIST = 'no list is read at all';

/** A list that is read where nothing goes wrong; null: there is none, which other checks tell. */
async function readable(bench: ConformanceBench): Promise<TestedStream | null> {
  for (const tested of bench.streams()) {
    const { failure } = await bench.scan(tested.stream);
    if (!failure) return tested;
  }
  return null;
}

async function verdicts(bench: ConformanceBench): Promise<CheckOutcome> {
  const { told, manifest, simulator } = bench;
  const tested = await readable(bench);
  if (!tested) return notApplicable(NO_LIST);
  const answers: [InsteadAnswer, (string | number)[]][] = (told.errors?.rules ?? []).map((rule, at) => {
    const isThere = at < (manifest.errors?.rules?.length ?? 0);
    return [answerFor(rule), ['errors', ...(isThere ? ['rules', at] : [])]];
  });
  for (const status of [400, 401, 403, 404, 409, 429, 500, 503]) {
    answers.push([{ status, body: { message: 'no', error: { message: 'no' } } }, ['errors']]);
  }
  for (const [answer, path] of answers) {
    simulator.instead = (request) => (request.path === tested.told.path ? answer : null);
    const meant = meaningOf(told.errors, answer);
    const { failure } = await bench.scan(tested.stream);
    // a list that is gone is none that anybody knows
    const expected = meant === 'gone' ? 'contract' : meant;
    if (failure?.verdict === expected) continue;
    const found = failure ? `fails as ${failure.verdict}` : 'is taken for a list';
    return failed(`${JSON.stringify(answer)} ${found}, and means ${expected}.`, ...path);
  }
  return passed(`${answers.length} answers`);
}

/** The least answer that a rule fits. */
function answerFor({ status = 200, header, path, equals }: ManifestErrorRule): InsteadAnswer {
  const body = {};
  if (path !== undefined) putAt(body, path, equals ?? 'said');
  const headers = header === undefined ? {} : { [header.toLowerCase()]: String(equals ?? 'said') };
  return { status, headers, body };
}

function meaningOf({ rules = [] }: ManifestErrors = {}, answer: InsteadAnswer): string {
  const found = rules.find(({ status, header, path, equals }) => {
    if (status !== undefined && status !== answer.status) return false;
    if (header === undefined && path === undefined) return true;
    const said = header === undefined ? valueAt(answer.body, path!) : answer.headers?.[header.toLowerCase()];
    return said !== undefined && said !== null && (equals === undefined || said === equals);
  });
  if (found) return found.verdict;
  const known: Readonly<Record<number, string>> = {
    401: 'auth',
    403: 'permission',
    404: 'gone',
    410: 'gone',
    429: 'rate_limited',
    408: 'provider_down',
  };
  return known[answer.status] ?? (answer.status >= 500 ? 'provider_down' : 'contract');
}

async function retryAfter(bench: ConformanceBench): Promise<CheckOutcome> {
  const { told, simulator, waits } = bench;
  const tested = await readable(bench);
  const answer = { status: 429, headers: { 'retry-after': '2' }, body: {} };
  if (!tested) return notApplicable(NO_LIST);
  if (meaningOf(told.errors, answer) !== 'rate_limited') return notApplicable('429 means something else');
  let isFirst = true;
  simulator.instead = ({ path }) => {
    if (path !== tested.told.path || !isFirst) return null;
    isFirst = false;
    return answer;
  };
  waits.length = 0;
  const { failure } = await bench.scan(tested.stream);
  if (failure) return failed(`The call was not repeated: it failed as ${failure.verdict}.`, 'errors');
  const waited = waits[0] ?? 0;
  return waited >= 2_000 ? passed() : failed(`It was repeated after ${waited} ms, and not after 2 s.`, 'errors');
}

async function tokenRenewal(bench: ConformanceBench): Promise<CheckOutcome> {
  const { told, simulator } = bench;
  const { caller } = simulator;
  if (!isTokenAuth(told.auth) || caller.loginPath() === null) return notApplicable('no token is asked for');
  const tested = await readable(bench);
  if (!tested) return notApplicable(NO_LIST);
  const before = caller.logins;
  const refused = await bench.scan(
    tested.stream,
    null,
    onFirst(() => caller.revoke()),
  );
  if (refused.failure) return failed(`A refused token ends the scan: ${refused.failure.message}`, 'auth');
  if (caller.logins === before) return failed('A refused token was not renewed.', 'auth');
  if (told.auth.kind === 'two_step' && told.auth.expiresIn === undefined) {
    return passed('its life is not told: it is renewed when it is refused');
  }
  caller.lifeSeconds = 1;
  caller.revoke();
  const first = await bench.scan(tested.stream);
  await sleep(1_100);
  const expired = caller.expired;
  const second = await bench.scan(tested.stream);
  const failure = first.failure ?? second.failure;
  if (failure) return failed(`A token that ended ends the scan: ${failure.message}`, 'auth');
  return caller.expired === expired ? passed() : failed('A token was sent after its end.', 'auth', 'expiresIn');
}

function onFirst(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
