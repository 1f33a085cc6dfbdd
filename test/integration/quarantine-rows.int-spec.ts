import { randomUUID } from 'node:crypto';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { QuarantineRepository } from '../../src/sync/store/quarantine.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

describe('the rows in quarantine', () => {
  let running: TestApp;
  let clinic: Clinic;
  let quarantine: QuarantineRepository;
  let mine: string;
  let others: string;
  let runId: string;

  beforeAll(async () => {
    // no worker: this test is all of them
    running = await startTestApp({ environment: { ROLE: 'api' } });
    quarantine = running.app.get(QuarantineRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    mine = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    runId = randomUUID();
    await clinic.sql('DELETE FROM sync_quarantine');
  });

  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const bad = (externalId: string | null, more: object = {}) => ({
    externalId,
    reason: 'r',
    path: '$.name',
    rowDigest: `digest of ${externalId}`,
    ...more,
  });
  const key = (stream = 'patients', integrationId = mine) => ({ integrationId, stream });
  const add = (rows: ReturnType<typeof bad>[], of = key()) =>
    inTransaction((tx) => quarantine.add(tx, { ...of, resourceType: 'customers', runId }, rows));
  const kept = async () => {
    const found = await clinic.sql('SELECT * FROM sync_quarantine ORDER BY integration_id = $1 DESC, stream, row_key', [
      mine,
    ]);
    return found.map(({ integration_id, stream, row_key }) => [integration_id === mine, stream, row_key].join(' '));
  };

  it('are kept once each, by their id or else their digest, and counted', async () => {
    await add([]);
    await add([bad('1'), bad(null, { rowDigest: 'd' }), bad('1')]);
    await add([bad('1')], key('more'));
    await add([bad('1')], key('patients', others));
    const first = runId;
    runId = randomUUID();
    await add([bad('1', { reason: 'other', path: '$', rowDigest: 'e' })]);
    expect(await kept()).toEqual(['true more 1', 'true patients 1', 'true patients d', 'false patients 1']);
    const [row, unnamed] = await clinic.sql(
      `SELECT external_id, reason, path, row_digest, run_id, times_seen, last_seen_at > first_seen_at AS later
       FROM sync_quarantine WHERE integration_id = $1 AND stream = 'patients' ORDER BY row_key`,
      [mine],
    );
    const said = { reason: 'other', path: '$', row_digest: 'e', run_id: runId };
    expect(row).toEqual({ external_id: '1', ...said, times_seen: 2, later: true });
    expect(unnamed).toMatchObject({ external_id: null, row_digest: 'd', run_id: first, times_seen: 1, later: false });
  });

  it('are a thousand of each stream at most; those that are kept are counted on', async () => {
    await add(
      Array.from({ length: 999 }, (_, index) => bad(`n${index}`)),
      key('more'),
    );
    await add(
      Array.from({ length: 999 }, (_, index) => bad(`n${index}`)),
      key('patients', others),
    );
    await add(Array.from({ length: 999 }, (_, index) => bad(`n${index}`)));
    await add([bad('last')]);
    await add([bad('more'), bad('n0')]);
    const [count] = await clinic.sql(
      `SELECT count(*)::int AS rows, sum(times_seen)::int AS seen FROM sync_quarantine
       WHERE integration_id = $1 AND stream = 'patients'`,
      [mine],
    );
    expect(count).toEqual({ rows: 1_000, seen: 1_001 });
  });

  describe('that were kept', () => {
    beforeEach(async () => {
      for (const place of [key(), key('more'), key('patients', others)]) {
        await add([bad('1'), bad('2'), bad(null, { rowDigest: 'd' })], place);
      }
    });
    const all = ['true more', 'true patients', 'false patients'].flatMap((of) =>
      ['1', '2', 'd'].map((row) => `${of} ${row}`),
    );
    const gone = async () => {
      const left = await kept();
      return all.filter((row) => !left.includes(row));
    };

    it('leave when they are understood', async () => {
      await inTransaction((tx) => quarantine.release(tx, key(), []));
      expect(await gone()).toEqual([]);
      await inTransaction((tx) => quarantine.release(tx, key(), ['2', '3', 'd']));
      expect(await gone()).toEqual(['true patients 2', 'true patients d']);
    });

    it.each([
      [true, ['true patients 1', 'true patients d']],
      [false, ['true patients d']],
    ])('leave when a scan did not meet them, with a name: %s', async (named, left) => {
      await clinic.sql(`UPDATE sync_quarantine SET last_seen_at = now() - interval '1 hour' WHERE row_key <> '2'`);
      const since = new Date(Date.now() - 1_800_000).toISOString();
      await inTransaction((tx) => quarantine.dropUnmet(tx, key(), { since, named }));
      expect(await gone()).toEqual(left);
    });

    it('leave with their account', async () => {
      await inTransaction((tx) => quarantine.clear(tx, mine));
      expect(await gone()).toEqual(all.filter((row) => row.startsWith('true')));
    });
  });
});
