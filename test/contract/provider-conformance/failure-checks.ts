import assert from 'node:assert/strict';
import { DestinationRefused, ProviderFailure, type Verdict } from '../../../src/platform/outbound';
import type { FaultRule } from '../../../src/sandbox';
import { failureOf, type Bench, type Check } from './bench';

/** The first try and at most four more. */
const MAX_TRIES = 5;

const fails = (
  name: string,
  rule: FaultRule,
  verdict: Verdict,
  tries: number | 'retried',
  further: (bench: Bench, failure: Awaited<ReturnType<typeof failureOf>>) => void = () => undefined,
): Check => ({
  name,
  async run(bench) {
    bench.fault(rule);
    const failure = await failureOf(bench.page());
    assert.equal(failure.verdict, verdict);
    const made = bench.requests().length;
    if (tries === 'retried') assert.ok(made > 1 && made <= MAX_TRIES, `${made} tries`);
    else assert.equal(made, tries);
    further(bench, failure);
  },
});

const recovers = (name: string, rules: FaultRule[], further: (bench: Bench) => void = () => undefined): Check => ({
  name,
  async run(bench) {
    bench.fault(...rules);
    const { rows } = await bench.page();
    assert.equal(rows.length > 0, true);
    further(bench);
  },
});

/** What is no verdict at all is a bug of its own, and says more than a comparison. */
function showItself(outcome: unknown): void {
  if (outcome instanceof Error && !(outcome instanceof ProviderFailure)) throw outcome;
}

export const failureChecks: readonly Check[] = [
  fails('401 is a rejected credential, not tried again', { kind: 'status', status: 401 }, 'auth', 1),
  fails('403 is a missing permission, not tried again', { kind: 'status', status: 403 }, 'permission', 1),
  fails('401 as a web page is still a rejected credential', { kind: 'html', status: 401 }, 'auth', 1),
  fails('503 as a web page is still an outage', { kind: 'html', status: 503 }, 'provider_down', 'retried'),
  fails('404 on a list that must be there is not "no rows"', { kind: 'status', status: 404 }, 'contract', 1),
  fails('400 is a question that is not understood', { kind: 'status', status: 400 }, 'contract', 1),
  fails(
    '500 for ever is an outage, tried five times at most',
    { kind: 'status', status: 500 },
    'provider_down',
    MAX_TRIES,
  ),
  recovers('a burst of 500 is survived', [{ kind: 'status', status: 500, times: 3 }], (bench) => {
    assert.equal(bench.waits.length, 3);
  }),
  recovers(
    '429 with Retry-After in seconds is waited for',
    [{ kind: 'status', status: 429, retryAfter: 2, times: 1 }],
    (bench) => {
      assert.ok(bench.waits[0]! >= 2000 && bench.waits[0]! <= 2250, String(bench.waits));
    },
  ),
  {
    name: '429 with Retry-After as a date is waited for, by the provider’s clock',
    async run(bench) {
      const at = new Date(bench.clock.nowMs + 3000).toUTCString();
      bench.fault({ kind: 'status', status: 429, retryAfter: at, times: 1 });
      await bench.page();
      assert.ok(bench.waits[0]! >= 2000 && bench.waits[0]! <= 3250, String(bench.waits));
    },
  },
  recovers('429 without Retry-After backs off', [{ kind: 'status', status: 429, times: 2 }], (bench) => {
    assert.equal(bench.waits.length, 2);
    assert.ok(bench.waits.every((wait) => wait >= 0 && wait <= 2000));
  }),
  fails(
    '429 with a long Retry-After is handed to the run, with the wait',
    { kind: 'status', status: 429, retryAfter: 60 },
    'rate_limited',
    1,
    (_bench, failure) => assert.equal(failure.retryAfterMs, 60_000),
  ),
  {
    name: 'the simulator’s own rate limit is survived',
    async run(bench) {
      bench.simulator.configure({ ratePerSecond: 1, burst: 2 });
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => bench.page()));
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      for (const { reason } of failed) showItself(reason);
      assert.ok(failed.length > 0 && failed.length < 12);
      for (const { reason } of failed) assert.equal((reason as ProviderFailure).verdict, 'rate_limited');
    },
  },
  fails('a hang is a time-out', { kind: 'hang' }, 'network', 'retried', (_bench, failure) => {
    assert.equal(failure.timedOut, true);
  }),
  fails(
    'a reset connection is the network’s fault',
    { kind: 'reset-connection' },
    'network',
    'retried',
    (_bench, failure) => {
      assert.equal(failure.timedOut, false);
    },
  ),
  fails('an answer that breaks off is the network’s fault', { kind: 'cut' }, 'network', 'retried'),
  recovers('an answer that breaks off once is asked for again', [{ kind: 'cut', times: 1 }]),
  fails('truncated JSON breaks the contract', { kind: 'truncated' }, 'contract', 1),
  fails('HTML with status 200 breaks the contract', { kind: 'html' }, 'contract', 1),
  fails('an empty 200 breaks the contract: it is not an empty list', { kind: 'empty' }, 'contract', 1),
  fails('JSON of another shape breaks the contract', { kind: 'wrong-json' }, 'contract', 1),
  // each time in a smaller page, down to one row
  fails('a page of 50 MiB breaks the contract', { kind: 'huge' }, 'contract', 5),
  fails('a decompression bomb breaks the contract', { kind: 'bomb' }, 'contract', 5),
  fails('a redirect to elsewhere is refused', { kind: 'redirect' }, 'configuration', 1, (_bench, failure) => {
    assert.ok(failure instanceof DestinationRefused);
  }),
  {
    name: 'an error inside a 200 is classified as an error',
    async run(bench) {
      const { body, verdict, retried } = bench.subject.errorIn200;
      bench.fault({ kind: 'status', status: 200, body });
      assert.equal((await failureOf(bench.page())).verdict, verdict);
      assert.equal(bench.requests().length, retried ? MAX_TRIES : 1);
    },
  },
  {
    name: 'a list that ends before it began is no list: a wrong type where the rows should be',
    async run(bench) {
      for (const rows of [null, 'none', {}, 5]) {
        bench.fault({ kind: 'status', status: 200, body: bench.subject.wrap(rows as never), times: 1 });
        assert.equal((await failureOf(bench.page())).verdict, 'contract');
      }
    },
  },
  {
    name: 'an abort takes effect within 100 ms, whatever the provider does',
    async run(bench) {
      bench.fault({ kind: 'hang' });
      const controller = new AbortController();
      const reason = new Error('the run was cancelled');
      const page = bench.page(bench.subject.mainStream, {}, bench.call({ signal: controller.signal }));
      const outcome = page.then(
        () => 'answered',
        (error: unknown) => error,
      );
      await new Promise((resolve) => setTimeout(resolve, 60));
      const started = performance.now();
      controller.abort(reason);
      const ended = await outcome;
      if (ended !== reason) showItself(ended);
      assert.equal(ended, reason);
      const took = performance.now() - started;
      assert.ok(took < 100, `took ${took} ms`);
    },
  },
  {
    name: 'nothing is asked once the run is aborted',
    async run(bench) {
      const call = bench.call({ signal: AbortSignal.abort(new Error('over')) });
      await assert.rejects(bench.page(bench.subject.mainStream, {}, call), /over/);
      assert.equal(bench.requests().length, 0);
    },
  },
  {
    name: 'every request takes its turn in the rate budget: none goes another way',
    async run(bench) {
      bench.fault({ kind: 'status', status: 500, times: 2 });
      for (const { key } of bench.adapter.streams) await bench.scan(key);
      await bench.adapter.testCredentials(bench.call());
      assert.equal(bench.budget.acquired, bench.requests().length);
    },
  },
];
