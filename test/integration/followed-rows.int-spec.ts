import { randomUUID } from 'node:crypto';
import type { StreamKey } from '../../src/sync/record-changes';
import { FollowedRecordRepository, type FollowedPart } from '../../src/sync/store/followed-record.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

/** Rows that no scan reads any more, and that may change all the same. */
describe('what is asked for by its id', () => {
  let running: TestApp;
  let clinic: Clinic;
  let followed: FollowedRecordRepository;
  let key: StreamKey;
  let others: string;
  let place = 0;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    followed = running.app.get(FollowedRecordRepository, { strict: false });
    others = (await (await makeClinic(running)).activate().expect(200)).body.data.id;
    clinic = await makeClinic(running);
    const integrationId = (await clinic.activate().expect(200)).body.data.id;
    key = { integrationId, stream: 'invoices', resourceType: 'invoices', epoch: 1 };
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await clinic.sql('DELETE FROM records');
    await clinic.sql('DELETE FROM sync_quarantine');
  });

  interface Place {
    readonly of?: string;
    readonly stream?: string;
    readonly resource?: string;
    readonly epoch?: number;
    readonly operation?: string;
  }
  const invoice = async (externalId: string, status: string, issuedAt: string | null, at: Place = {}) => {
    const { of = key.integrationId, stream = 'invoices', resource = 'invoices', epoch = 1, operation = 'created' } = at;
    await clinic.sql(
      `INSERT INTO records (integration_id, resource_type, external_id, id, stream, epoch, version, operation, data,
         content_hash, feed_position) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, '\\x00', $9)`,
      [of, resource, externalId, randomUUID(), stream, epoch, operation, { status, issuedAt }, ++place],
    );
  };
  const run = randomUUID();
  const next = (part: Partial<FollowedPart> = {}) =>
    followed.next(key, {
      before: new Date('2026-02-01T00:00:00Z'),
      completedBy: run,
      after: null,
      limit: 10,
      ...part,
    });
  const OLD = '2026-01-31T23:59:59Z';

  it('are invoices that may be owed and were issued before all that is read', async () => {
    for (const status of ['draft', 'open', 'partial', 'overdue', 'paid', 'void']) await invoice(status, status, OLD);
    await invoice('undated', 'open', null);
    await invoice('new', 'open', '2026-02-01T00:00:00Z');
    await invoice('deleted', 'open', OLD, { operation: 'deleted' });
    await invoice('former', 'open', OLD, { epoch: 0 });
    await invoice('elsewhere', 'open', OLD, { of: others });
    await invoice('of-another-list', 'open', OLD, { stream: 'others' });
    await invoice('no-invoice', 'open', OLD, { resource: 'customers' });
    expect(await next()).toEqual(['draft', 'open', 'overdue', 'partial', 'undated']);
    // all of them are read
    expect(await next({ before: null })).toEqual([]);
  });

  it('are rows in quarantine that have an id, unless the last scan saw them there', async () => {
    const quarantined = (id: string | null, of = key.integrationId, stream = 'invoices', by = randomUUID()) =>
      clinic.sql(
        `INSERT INTO sync_quarantine (integration_id, stream, row_key, external_id, resource_type, reason, path, row_digest, run_id)
         VALUES ($1, $2, $3, $4, 'invoices', 'r', '$', 'd', $5)`,
        [of, stream, id ?? 'unnamed', id, by],
      );
    await quarantined('q');
    await quarantined('seen', key.integrationId, 'invoices', run);
    await quarantined(null);
    await quarantined('elsewhere', others);
    await quarantined('of-another-list', key.integrationId, 'others');
    expect(await next({ before: null })).toEqual(['q']);
    expect(await next({ before: null, completedBy: null })).toEqual(['q', 'seen']);
  });

  it('goes on behind the last one, begins again at the first, and is a part at a time', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await invoice(id, 'open', OLD);
    expect(await next({ after: 'b' })).toEqual(['c', 'd', 'a', 'b']);
    expect(await next({ after: 'b', limit: 3 })).toEqual(['c', 'd', 'a']);
    expect(await next({ after: 'd' })).toEqual(['a', 'b', 'c', 'd']);
  });
});
