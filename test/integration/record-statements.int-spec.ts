import { UnitOfWork, type Tx } from '../../src/platform/database';
import { SEED_LENGTH } from '../../src/providers';
import { sha256 } from '../../src/sync/content-hash';
import { allNew, changesOf, type IncomingRecord, type StreamKey } from '../../src/sync/record-changes';
import { RecordRepository } from '../../src/sync/store/record.repository';
import type { VersionOrder } from '../../src/sync/version-order';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { rowsOfIntegration } from '../support/rows-of-integration';

const EPOCH = 3;
const ORDER: VersionOrder = { providersWord: true, slackMs: 0 };
const SEED = 's'.repeat(SEED_LENGTH);

/** An incoming record; of the same content where the text is the same. */
const row = (externalId: string, text: string, more: Partial<IncomingRecord> = {}): IncomingRecord => {
  const json = Buffer.from(text.startsWith('{') ? text : JSON.stringify({ name: text }));
  const known = { sourceUpdatedMs: null, reading: null, digest: `${SEED}1`, ifKnown: false };
  return { externalId, json, hash: sha256(json), ...known, ...more };
};

/** How incoming rows are compared with the stored ones, and how they are written, beside rows with the same ids. */
describe('an incoming row', () => {
  let running: TestApp;
  let clinic: Clinic;
  let records: RecordRepository;
  let key: StreamKey;
  let others: StreamKey;
  let products: StreamKey;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    records = running.app.get(RecordRepository);
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    const keyOf = async (of: Clinic): Promise<StreamKey> => {
      const { id } = (await of.activate().expect(200)).body.data;
      return { integrationId: id, resourceType: 'customers', stream: 'patients', epoch: EPOCH };
    };
    clinic = await makeClinic(running);
    others = await keyOf(await makeClinic(running));
    key = await keyOf(clinic);
    products = { ...key, resourceType: 'products', stream: 'services' };
    const texts = { same: 'same', listed: 'listed', changed: 'old', gone: 'gone', undigested: 'undigested' };
    await store(
      Object.entries(texts).map(([id, text]) => row(id, text, { digest: id === 'undigested' ? null : `${SEED}1` })),
    );
    await store([row('former', 'former')], { ...key, epoch: EPOCH - 1 });
    for (const beside of [others, products])
      await store(
        ['same', 'elsewhere', 'new'].map((id) => row(id, id)),
        beside,
      );
    await inTransaction((tx) => records.markDeleted(tx, key, ['gone']));
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const diff = (rows: IncomingRecord[], of = key) => inTransaction((tx) => records.diff(tx, of, rows, ORDER));
  const store = (rows: IncomingRecord[], to = key, openInvoices: 'draft' | 'open' = 'open') =>
    inTransaction(async (tx) => {
      await records.write(tx, to, changesOf(rows, await records.diff(tx, to, rows, ORDER)), openInvoices);
    });
  const stored = async (of = key) =>
    Object.fromEntries(
      (
        await clinic.sql('SELECT * FROM records WHERE integration_id = $1 AND resource_type = $2', [
          of.integrationId,
          of.resourceType,
        ])
      ).map((one) => [one['external_id'] as string, one]),
    );
  const everything = async () => [
    await rowsOfIntegration(clinic, key.integrationId),
    await rowsOfIntegration(clinic, others.integrationId),
  ];

  it('is told by what is stored under its id', async () => {
    const rows: [IncomingRecord, letter: string][] = [
      [row('new', 'new'), 'n'],
      [row('elsewhere', 'elsewhere', { ifKnown: true }), '-'],
      [row('gone', 'gone'), 'c'],
      [row('gone', 'gone', { ifKnown: true }), '-'],
      [row('same', 'same'), '='],
      [row('same', 'same', { ifKnown: true }), '='],
      [row('listed', 'listed', { digest: `${SEED}2` }), '='],
      [row('listed', 'listed', { digest: `${'t'.repeat(SEED_LENGTH)}1` }), '~'],
      [row('undigested', 'undigested'), '~'],
      [row('changed', 'new'), 'u'],
      [row('former', 'former'), 'u'],
    ];
    // one by one too: some of them have the same id
    for (const [one, letter] of rows) {
      expect([one.externalId, await diff([one])]).toEqual([one.externalId, { changes: letter, statuses: null }]);
    }
    const distinct = rows.filter(
      ([one], index) => rows.findIndex(([{ externalId }]) => externalId === one.externalId) === index,
    );
    expect((await diff(distinct.map(([one]) => one))).changes).toBe(distinct.map(([, letter]) => letter).join(''));
    expect(await diff([])).toEqual({ changes: '', statuses: null });
  });

  it('has no line break in its id, or all of them are refused', async () => {
    await expect(diff([row('a\nb', 'c')])).rejects.toThrow('told apart');
    await expect(records.areStored(null, key, [{ externalId: 'a\nb', digest: 'c' }])).rejects.toThrow('told apart');
  });

  it('need not be read where it is stored, live and of this account, with the digest it is listed with', async () => {
    const listed = ['same', 'listed', 'changed', 'gone', 'former', 'elsewhere', 'undigested'].map((externalId) => ({
      externalId,
      digest: `${SEED}${externalId === 'changed' ? 2 : 1}`,
    }));
    expect(await records.areStored(null, key, listed)).toEqual([true, true, false, false, false, false, false]);
    expect(await inTransaction((tx) => records.areStored(tx, key, listed.slice(0, 1)))).toEqual([true]);
    expect(await records.areStored(null, key, [])).toEqual([]);
  });

  it('that is as stored gets the digest and the time that it is listed with now, and no other does', async () => {
    const relisted = row('same', 'same', { digest: 'another', sourceUpdatedMs: Date.UTC(2026, 0, 1), reading: 60 });
    const all = async () => Promise.all([key, products, others].map((of) => stored(of)));
    for (const [index, of] of [key, products, others].entries()) {
      const before = await all();
      await inTransaction((tx) =>
        records.write(tx, of, { ...changesOf([], allNew([])), relisted: [relisted] }, 'open'),
      );
      before[index]!['same'] = {
        ...before[index]!['same'],
        source_digest: 'another',
        source_updated_at: new Date(relisted.sourceUpdatedMs!),
        source_reading: 60,
      };
      expect(await all()).toEqual(before);
    }
  });

  it('is older than the stored one where its stamp says so, beyond the slack', async () => {
    const stamp = Date.UTC(2026, 0, 1);
    await store([row('stamped', 'stored', { sourceUpdatedMs: stamp, reading: 0 })]);
    const letter = async (aheadMs: number, slackMs: number, reading = 0) => {
      const incoming = row('stamped', 'incoming', { sourceUpdatedMs: stamp + aheadMs, reading });
      const order = { providersWord: false, slackMs };
      return (await inTransaction((tx) => records.diff(tx, key, [incoming], order))).changes;
    };
    expect([await letter(-1, 0), await letter(0, 0), await letter(1, 0)]).toEqual(['=', 'u', 'u']);
    expect([await letter(-1_001, 1_000), await letter(-1_000, 1_000)]).toEqual(['=', 'u']);
    expect(await letter(-1, 0, 1)).toBe('u');
  });

  it('is the only reason to write: without one nothing is', async () => {
    const before = await everything();
    const invoices = { ...key, resourceType: 'invoices', stream: 'invoices' } as const;
    await store([], invoices);
    await store([row('same', 'same')]);
    expect(await everything()).toEqual(before);
  });

  it('that is taken for new is written where none of its kind is stored', async () => {
    const writeNew = (rows: IncomingRecord[]) => inTransaction((tx) => records.writeNew(tx, key, rows));
    expect(await writeNew([row('first', 'first'), row('second', 'second')])).toBe(true);
    expect(await stored()).toMatchObject({ first: { version: 1, operation: 'created' }, second: { version: 1 } });
    const before = await everything();
    for (const known of ['same', 'gone', 'former']) {
      expect([known, await writeNew([row('third', 'third'), row(known, 'other')])]).toEqual([known, false]);
    }
    // what is no unique violation is for the caller to know
    await expect(writeNew([row('third', '{"name":"\\u0000"}')])).rejects.toThrow('unsupported Unicode');
    expect(await everything()).toEqual(before);
  });

  it('that was taken for new and is not leaves the transaction as it was', async () => {
    await inTransaction(async (tx) => {
      await records.write(tx, key, changesOf([row('before', 'x')], allNew([row('before', 'x')])), 'open');
      expect(await records.writeNew(tx, key, [row('same', 'other')])).toBe(false);
      expect(await records.writeNew(tx, key, [row('after', 'x')])).toBe(true);
    });
    expect(Object.keys(await stored())).toEqual(expect.arrayContaining(['before', 'after']));
  });

  it('that the database does not take is named, and none is written', async () => {
    const before = await everything();
    const rows = [row('a', 'a'), row('b', '{"name":"\\u0000"}'), row('same', 'other')];
    expect(await inTransaction((tx) => records.unstorable(tx, key, rows))).toEqual(new Set([rows[1]]));
    expect(await everything()).toEqual(before);
    // what says nothing of the row is no verdict on it
    await clinic.sql('ALTER TABLE sync_feeds RENAME TO sync_feeds_away');
    try {
      await expect(inTransaction((tx) => records.unstorable(tx, key, rows))).rejects.toThrow('sync_feeds');
    } finally {
      await clinic.sql('ALTER TABLE sync_feeds_away RENAME TO sync_feeds');
    }
  });

  it('of an open invoice has the status of the settings at first, and keeps it while it is open', async () => {
    const invoices: StreamKey = { ...key, resourceType: 'invoices', stream: 'invoices' };
    const invoice = (id: string, status: string, name = 'n') => row(id, JSON.stringify({ name, status }));
    const statuses = async () =>
      Object.fromEntries(Object.entries(await stored(invoices)).map(([id, { data }]) => [id, data.status]));
    await store([invoice('a', 'open'), invoice('b', 'paid')], invoices, 'draft');
    await store([invoice('c', 'open')], invoices, 'open');
    expect(await statuses()).toEqual({ a: 'draft', b: 'paid', c: 'open' });
    expect((await diff([invoice('a', 'open'), invoice('b', 'paid'), invoice('c', 'open')], invoices)).statuses).toBe(
      'd-o',
    );
    await store([invoice('a', 'open', 'changed'), invoice('b', 'open', 'changed')], invoices, 'open');
    await store([invoice('c', 'open', 'changed')], invoices, 'draft');
    expect(await statuses()).toEqual({ a: 'draft', b: 'open', c: 'open' });
    await inTransaction((tx) => records.markDeleted(tx, invoices, ['a', 'c']));
    await store([invoice('a', 'open', 'back')], invoices, 'open');
    await store([invoice('c', 'open', 'back')], invoices, 'draft');
    expect(await statuses()).toMatchObject({ a: 'open', c: 'draft' });
  });

  it('takes the next place of its feed, in their order', async () => {
    const [feed] = await clinic.sql(
      `SELECT position::int FROM sync_feeds WHERE integration_id = $1 AND resource_type = 'customers'`,
      [key.integrationId],
    );
    await store([row('x', 'x'), row('changed', 'new'), row('y', 'y')]);
    const after = await stored();
    const places = ['x', 'changed', 'y'].map((id) => Number(after[id]!['feed_position']) - feed!['position']);
    expect(places).toEqual([1, 2, 3]);
    expect(after['changed']).toMatchObject({ version: 2, operation: 'updated', data: { name: 'new' } });
  });
});
