import assert from 'node:assert/strict';
import { failureOf, sameIds, type Bench, type Check } from './bench';

const keysOf = (bench: Bench) => bench.adapter.streams.map(({ key }) => key);

async function freshAccount(bench: Bench, size: number): Promise<string> {
  const sizes = Object.fromEntries(Object.keys(bench.subject.sizes).map((resource) => [resource, size]));
  bench.simulator.addAccount({ apiKey: 'acct-conformance', sizes });
  return 'acct-conformance';
}

export const pagingChecks: readonly Check[] = [
  {
    name: 'the suite knows every stream of the adapter',
    async run(bench) {
      sameIds(keysOf(bench), Object.keys(bench.subject.streams));
    },
  },
  {
    name: 'a full scan brings every row once, and nothing else',
    async run(bench) {
      for (const key of keysOf(bench)) {
        const { ids } = await bench.scan(key);
        sameIds(ids, bench.expectedIds(key));
      }
    },
  },
  {
    name: 'the main list is longer than two pages here, so that paging is tried at all',
    async run(bench) {
      assert.ok((await bench.scan(bench.subject.mainStream)).pages.length >= 3);
    },
  },
  {
    name: 'it pages to the end and no further, in the largest pages there are',
    async run(bench) {
      for (const key of keysOf(bench)) {
        bench.simulator.log.clear();
        await bench.scan(key);
        const { resource, listPath } = bench.facts(key);
        const rows = bench.simulator.truth({ resource }).length;
        assert.equal(bench.requests(listPath).length, Math.max(1, Math.ceil(rows / bench.subject.pageSize)), key);
      }
    },
  },
  {
    name: 'no page is asked for twice in one scan',
    async run(bench) {
      await bench.scan(bench.subject.mainStream);
      const asked = bench
        .requests(bench.facts(bench.subject.mainStream).listPath)
        .map(({ query }) => JSON.stringify(query));
      assert.equal(new Set(asked).size, asked.length);
    },
  },
  {
    name: 'smaller pages than asked for lose nothing',
    async run(bench) {
      bench.simulator.configure({ pageCap: 30 });
      sameIds((await bench.scan(bench.subject.mainStream)).ids, bench.expectedIds(bench.subject.mainStream));
    },
  },
  {
    name: 'exactly one full page is neither cut nor followed by a missing one',
    async run(bench) {
      const apiKey = await freshAccount(bench, bench.subject.pageSize);
      for (const key of keysOf(bench)) {
        const { ids } = await bench.scan(key, {}, { call: bench.call({ apiKey }) });
        sameIds(ids, bench.expectedIds(key, apiKey));
      }
    },
  },
  {
    name: 'an account without rows has none, and that is no failure',
    async run(bench) {
      const apiKey = await freshAccount(bench, 0);
      for (const key of keysOf(bench)) {
        const { ids, pages } = await bench.scan(key, {}, { call: bench.call({ apiKey }) });
        assert.deepEqual([ids, pages.length], [[], 1], key);
      }
    },
  },
  {
    name: 'positions are short texts, and the last page has none',
    async run(bench) {
      const { pages } = await bench.scan(bench.subject.mainStream);
      assert.equal(pages.at(-1)!.next, null);
      for (const { next } of pages.slice(0, -1)) assert.ok(typeof next === 'string' && next.length <= 500);
    },
  },
  {
    name: 'a cursor resumes in another process where the first one stopped',
    async run(bench) {
      const whole = await bench.scan(bench.subject.mainStream);
      const rest = await bench.scan(
        bench.subject.mainStream,
        { position: whole.pages[0]!.next },
        { adapter: bench.newAdapter() },
      );
      const first = whole.pages[0]!.rows.map(({ externalId }) => externalId!);
      sameIds([...first, ...rest.ids], whole.ids);
    },
  },
  {
    name: 'the same list read twice gives the same rows, to the last field',
    async run(bench) {
      for (const key of keysOf(bench)) assert.deepEqual((await bench.scan(key)).rows, (await bench.scan(key)).rows);
    },
  },
  {
    name: 'rows that appear between two pages hide none of those that were there',
    async run(bench) {
      const key = bench.subject.mainStream;
      const before = bench.expectedIds(key);
      const first = await bench.page(key);
      bench.create(key, 3);
      const rest = await bench.scan(key, { position: first.next });
      const seen = new Set([...first.rows.map(({ externalId }) => externalId!), ...rest.ids]);
      assert.deepEqual(
        before.filter((id) => !seen.has(id)),
        [],
      );
    },
  },
  {
    name: 'a failure on the second page leaves the first, and the position works once it is over',
    async run(bench) {
      const key = bench.subject.mainStream;
      const first = await bench.page(key);
      bench.fault({ kind: 'status', status: 500 });
      assert.equal((await failureOf(bench.page(key, { position: first.next }))).verdict, 'provider_down');
      bench.simulator.clearFaults();
      const rest = await bench.scan(key, { position: first.next });
      sameIds([...first.rows.map(({ externalId }) => externalId!), ...rest.ids], bench.expectedIds(key));
    },
  },
  {
    name: 'a scan only reads',
    async run(bench) {
      for (const key of keysOf(bench)) await bench.scan(key);
      assert.deepEqual([...new Set(bench.requests().map(({ method }) => method))], ['GET']);
    },
  },
];
