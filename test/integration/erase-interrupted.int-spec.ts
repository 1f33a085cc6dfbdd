import { IntegrationRepository } from '../../src/integrations';
import type { GoodRow, Stream } from '../../src/providers';
import { EMPTY_CURSOR } from '../../src/sync/cursor';
import { EraseRunHandler } from '../../src/sync/erase-run.handler';
import { PageCommit } from '../../src/sync/page-commit';
import { commitRow } from '../../src/sync/page-rows';
import type { RunContext } from '../../src/sync/run-handler';
import { RunRepository } from '../../src/sync/store/run.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { commitPages, PAGES } from '../support/pages';

/** More than one batch of an erasure. */
const ROWS = 1_001;

const rowOf = (externalId: string): GoodRow => ({
  externalId,
  record: {
    name: externalId,
    firstName: null,
    lastName: externalId,
    email: null,
    phone: null,
    address: null,
    externalReference: null,
    active: true,
  },
  sourceUpdatedAt: null,
  store: 'always',
  digest: null,
});

describe('an erasure that is overtaken by an activation', () => {
  let running: TestApp;
  beforeAll(async () => {
    // no worker: this test is the worker
    running = await startTestApp({ environment: { ROLE: 'api' } });
  }, 60_000);
  afterAll(() => running.close());

  it('has everything read again, and readers of the feed start over', async () => {
    const { app } = running;
    const clinic = await makeClinic(running);
    const id = (await clinic.activate().expect(200)).body.data.id as string;
    const findIntegration = async () => (await app.get(IntegrationRepository).findById(id))!;
    const lease = async (kind: string) => {
      const [run] = await clinic.sql(
        `SELECT id FROM sync_runs WHERE integration_id = $1 AND kind = $2 AND state = 'queued'`,
        [id, kind],
      );
      return (await app.get(RunRepository).lease(run!['id'], 1, 'test', 30_000))!;
    };
    const target = {
      run: await lease('sync'),
      integration: await findIntegration(),
      stream: { key: 'patients', resource: 'customers' } as Stream,
    };
    const rows = Array.from({ length: ROWS }, (_, n) => rowOf(String(n)));
    const read = { ...EMPTY_CURSOR, watermark: '2026-01-01T00:00:00.000Z', fullScanAt: new Date().toISOString() };
    await commitPages(
      app.get(PageCommit),
      target,
      rows.map((row) => commitRow(row, PAGES.reading)),
      () => ({ cursor: read }),
      PAGES,
    );
    const page = await clinic.call('get', '/records/customers?limit=1').expect(200);

    await clinic.call('post', '/deactivate').expect(200);
    await clinic.call('delete', '/data').expect(202);
    const context = {
      run: await lease('erase'),
      signal: new AbortController().signal,
      countPage: () => undefined,
      shouldYield: () => true,
    } as RunContext;
    expect(await app.get(EraseRunHandler).execute(context)).toEqual({ kind: 'yielded' });
    expect(await clinic.records('customers')).toHaveLength(1);

    await clinic.activate().expect(200);
    const [cursor] = await clinic.sql(
      `SELECT cursor FROM sync_cursors WHERE integration_id = $1 AND stream = 'patients'`,
      [id],
    );
    expect(cursor).toEqual({ cursor: {} });
    await clinic.call('get', `/records/customers?cursor=${page.body.nextCursor}`).expect(410);
  });
});
