import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { isBadRow } from '../../../src/providers';
import { failureOf, type Check } from './bench';

/** Everything that a logger, a debugger or a serialiser could get out of a value. */
function everythingIn(value: unknown): string {
  const error = value instanceof Error ? [value.message, value.stack, everythingOf(value.cause)] : [];
  return [...error, inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value)].join('\n');
}

function everythingOf(cause: unknown): string {
  return cause === undefined ? '' : inspect(cause, { depth: 10, showHidden: true });
}

const FAULTS = ['status', 'html', 'truncated', 'empty', 'wrong-json', 'cut', 'reset-connection', 'redirect'] as const;

export const privacyChecks: readonly Check[] = [
  {
    name: 'nothing that is private at the provider passes',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        const { resource } = bench.facts(key);
        const { rows, pages } = await bench.scan(key);
        assert.doesNotMatch(everythingIn(rows) + JSON.stringify(pages), bench.subject.privateMark, resource);
      }
    },
  },
  {
    name: 'fields that nobody knows yet are kept out',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        const unknown = {
          diagnosis: 'CANARY-1',
          constructor: 'CANARY-2',
          __proto__: { x: 1 },
          nested: { deep: ['CANARY-3'] },
        };
        bench.change(key, unknown);
        assert.doesNotMatch(everythingIn((await bench.scan(key)).rows), /CANARY/, key);
      }
    },
  },
  {
    name: 'a row in quarantine shows nothing of itself',
    async run(bench) {
      const key = bench.subject.mainStream;
      bench.change(key, bench.subject.bad('CANARY-BAD').fields);
      const bad = (await bench.scan(key)).rows.filter(isBadRow);
      assert.equal(bad.length, 1);
      assert.deepEqual(Object.keys(bad[0]!).sort(), ['externalId', 'path', 'reason', 'rowDigest']);
      assert.doesNotMatch(everythingIn(bad), /CANARY/);
    },
  },
  {
    name: 'the key is in a header and nowhere else',
    async run(bench) {
      for (const { key } of bench.adapter.streams) await bench.scan(key);
      await bench.adapter.testCredentials(bench.call());
      assert.ok(!JSON.stringify(bench.requests()).includes(bench.simulator.apiKey));
    },
  },
  {
    name: 'no failure carries the key, a URL, or anything of a row',
    async run(bench) {
      const [row] = bench.simulator.truth({ resource: bench.facts(bench.subject.mainStream).resource });
      const personal = [row!['last_name'], row!['email'], row!['id']].filter(
        (value): value is string => typeof value === 'string' && value.length > 3,
      );
      for (const kind of FAULTS) {
        bench.fault({ kind });
        const everything = everythingIn(await failureOf(bench.page()));
        bench.simulator.clearFaults();
        assert.ok(!everything.includes(bench.simulator.apiKey), `${kind}: the key`);
        assert.ok(!everything.includes('/sandbox/'), `${kind}: a URL`);
        for (const value of personal) assert.ok(!everything.includes(value), `${kind}: ${value}`);
      }
    },
  },
  {
    name: 'the provider’s words are cut and masked, with the key and addresses in them',
    async run(bench) {
      const words = `no ${bench.simulator.apiKey} for jane.doe@example.org ${'blah '.repeat(100)}`;
      const body = bench.subject.errorBody(401, words);
      bench.fault({ kind: 'status', status: 401, body });
      const failure = await failureOf(bench.page());
      assert.match(failure.providerMessage ?? '', /^no \[redacted\] for \[e-mail\] blah/);
      assert.ok(failure.providerMessage!.length <= 200);
      assert.doesNotMatch(everythingIn(failure), /jane\.doe/);
      assert.ok(!everythingIn(failure).includes(bench.simulator.apiKey));
    },
  },
  {
    name: 'the provider’s words arrive: a merchant reads why',
    async run(bench) {
      const body = bench.subject.errorBody(401, 'Key was revoked');
      bench.fault({ kind: 'status', status: 401, body });
      assert.equal((await failureOf(bench.adapter.testCredentials(bench.call()))).providerMessage, 'Key was revoked');
    },
  },
];
