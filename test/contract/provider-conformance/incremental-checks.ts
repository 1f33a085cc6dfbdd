import assert from 'node:assert/strict';
import type { PageRequest, Stream } from '../../../src/providers';
import { createAdapter } from '../../../src/providers/adapters';
import { goodRow, type Bench, type Check } from './bench';
import type { ConformanceSubject } from './subject';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const streamsOf = (bench: Bench, ...kinds: Stream['incremental'][]) =>
  bench.adapter.streams.filter(({ incremental }) => kinds.includes(incremental));

const hasStream =
  (kind: Stream['incremental']) =>
  ({ provider }: ConformanceSubject) =>
    createAdapter(provider).streams.some(({ incremental }) => incremental === kind);

const incremental = (since: number) => ({ scan: 'incremental' as const, since: new Date(since) });

export const incrementalChecks: readonly Check[] = [
  {
    name: 'what changed since is brought (changed_since)',
    applies: hasStream('changed_since'),
    async run(bench) {
      for (const { key } of streamsOf(bench, 'changed_since')) {
        bench.clock.nowMs += HOUR_MS;
        const changed = bench.change(key);
        goodRow(await bench.scan(key, incremental(bench.clock.nowMs - 1000)), changed);
      }
    },
  },
  {
    name: 'rows with the very time stamp of the cursor are all brought',
    async run(bench) {
      for (const { key, incremental: kind } of streamsOf(bench, 'changed_since', 'newest_first')) {
        bench.clock.nowMs = (Math.floor(bench.clock.nowMs / 1000) + 3600) * 1000;
        const ids = kind === 'changed_since' ? [bench.change(key), ...bench.create(key, 2)] : bench.create(key, 3);
        const scan = await bench.scan(key, incremental(bench.clock.nowMs));
        for (const id of ids) goodRow(scan, id);
      }
    },
  },
  {
    name: 'new rows are brought by every kind of stream',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        bench.clock.nowMs += HOUR_MS;
        const ids = bench.create(key, 2);
        const scan = await bench.scan(key, incremental(bench.clock.nowMs - 1000));
        for (const id of ids) goodRow(scan, id);
      }
    },
  },
  {
    name: 'where nothing changed, an incremental scan is one short page',
    async run(bench) {
      for (const { key } of streamsOf(bench, 'changed_since', 'newest_first')) {
        bench.simulator.log.clear();
        // newest first: the page that holds the cutoff has to be read
        await bench.scan(key, incremental(bench.clock.nowMs + HOUR_MS));
        assert.equal(bench.requests(bench.facts(key).listPath).length <= 1, true, key);
      }
    },
  },
  {
    name: 'an incremental scan reaches back as far as it was told',
    async run(bench) {
      for (const { key } of streamsOf(bench, 'newest_first')) {
        const since = bench.clock.nowMs - 150 * DAY_MS;
        const scan = await bench.scan(key, incremental(since));
        const full = await bench.scan(key);
        assert.ok(scan.rows.length > full.rows.length / 2, key);
      }
    },
  },
  {
    name: 'a filter that the provider ignores is noticed, and nothing is missed',
    applies: hasStream('changed_since'),
    async run(bench) {
      bench.simulator.configure({ updatedFilter: 'ignored' });
      for (const { key } of streamsOf(bench, 'changed_since')) {
        bench.clock.nowMs += 3 * DAY_MS;
        const changed = bench.change(key);
        const scan = await bench.scan(key, incremental(bench.clock.nowMs - 1000));
        assert.equal(scan.filterIgnored, true, key);
        goodRow(scan, changed);
      }
    },
  },
  {
    name: 'a filter that works is not called ignored',
    async run(bench) {
      for (const { key } of streamsOf(bench, 'changed_since', 'newest_first')) {
        bench.change(key);
        assert.equal((await bench.scan(key, incremental(bench.clock.nowMs - HOUR_MS))).filterIgnored, false, key);
      }
    },
  },
  {
    name: 'a full scan ignores the time it is not asked for',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        const scan = await bench.scan(key, { scan: 'full', since: new Date(bench.clock.nowMs) });
        assert.equal(scan.ids.length, bench.expectedIds(key).length, key);
      }
    },
  },
  {
    name: 'the time of change is the provider’s, never later than its clock',
    async run(bench) {
      for (const { key } of streamsOf(bench, 'changed_since')) {
        const { rows, pages } = await bench.scan(key);
        const clock = pages[0]!.providerTime!.getTime();
        const times = rows.flatMap((row) =>
          'record' in row && row.sourceUpdatedAt !== null ? [row.sourceUpdatedAt.getTime()] : [],
        );
        assert.ok(times.length > rows.length / 2, `${key}: hardly a row says when it changed`);
        assert.ok(Math.max(...times) <= clock + 1000, key);
      }
    },
  },
  {
    name: 'the provider’s clock is handed on, however wrong it goes',
    async run(bench) {
      bench.simulator.configure({ clockSkewMs: 2 * HOUR_MS });
      const { providerTime } = await bench.page();
      assert.equal(providerTime?.getTime(), Math.floor((bench.clock.nowMs + 2 * HOUR_MS) / 1000) * 1000);
    },
  },
  {
    name: 'nothing older than the floor is imported as new',
    async run(bench) {
      const floor = new Date(bench.clock.nowMs - 60 * DAY_MS);
      for (const { key, resource } of bench.adapter.streams) {
        if (resource !== 'invoices' && resource !== 'payments') continue;
        const all = await bench.scan(key);
        const above = await bench.scan(key, { floor });
        assert.ok(above.ids.length > 0 && above.ids.length < all.ids.length, key);
        assert.ok(above.rows.every((row) => !('record' in row) || all.ids.includes(row.externalId)));
      }
    },
  },
  {
    name: 'every stream that detects deletions and has single rows settles a deleted one',
    async run(bench) {
      for (const stream of bench.adapter.streams) {
        if (stream.fetchOne === undefined) continue;
        const { resource } = bench.facts(stream.key);
        const [victim] = bench.expectedIds(stream.key);
        assert.notEqual(await stream.fetchOne(bench.call(), victim!), 'gone');
        bench.simulator.delete({ resource, ids: [victim!.replace(/^.*:/, '')] });
        assert.equal(await stream.fetchOne(bench.call(), victim!), 'gone', stream.key);
      }
    },
  },
  {
    name: 'a single row is the same as in the list',
    async run(bench) {
      for (const stream of bench.adapter.streams) {
        if (stream.fetchOne === undefined) continue;
        const { rows } = await bench.scan(stream.key);
        for (const row of [rows[0]!, rows.at(-1)!]) {
          const single = await stream.fetchOne(bench.call(), row.externalId!);
          assert.deepEqual({ ...(single as object), digest: null }, { ...row, digest: null });
        }
      }
    },
  },
  {
    name: 'a single row that cannot be had is not taken for deleted',
    async run(bench) {
      for (const stream of bench.adapter.streams) {
        if (stream.fetchOne === undefined) continue;
        const [id] = bench.expectedIds(stream.key);
        for (const kind of ['status', 'html', 'empty', 'truncated'] as const) {
          bench.fault({ kind });
          await assert.rejects(
            stream.fetchOne(bench.call(), id!),
            { name: 'ProviderFailure' },
            `${stream.key} ${kind}`,
          );
          bench.simulator.clearFaults();
        }
      }
    },
  },
  {
    name: 'rows whose digest is known cost no further call and are said to be unchanged',
    async run(bench) {
      for (const { key } of bench.adapter.streams) {
        const { rows, ids } = await bench.scan(key);
        const digests = new Map(
          rows.flatMap((row) => ('record' in row && row.digest !== null ? [[row.externalId, row.digest]] : [])),
        );
        if (digests.size === 0) continue;
        const asStored: PageRequest['asStored'] = async (listed) =>
          listed.map(({ externalId, digest }) => digests.get(externalId) === digest);
        bench.simulator.log.clear();
        const again = await bench.scan(key, { asStored });
        assert.equal(bench.requests().length, again.pages.length);
        assert.deepEqual([...again.ids].sort(), [...ids].sort());
        const changed = bench.change(key);
        const third = await bench.scan(key, { asStored });
        // a list may say enough of some rows: these come without a digest, and cost no call
        const understood = third.rows.map(({ externalId }) => externalId!);
        assert.deepEqual(
          understood.filter((externalId) => externalId === changed || digests.has(externalId)),
          [changed],
        );
      }
    },
  },
];
