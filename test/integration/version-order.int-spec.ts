import fc from 'fast-check';
import { UnitOfWork } from '../../src/platform/database';
import { sha256 } from '../../src/sync/content-hash';
import { RecordRepository } from '../../src/sync/store/record.repository';
import { isOlder, type StoredVersion, type VersionOrder } from '../../src/sync/version-order';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';

const HOUR = 3_600_000;
const EPOCH = 3;
/**
 * Around the present, so that some stamps lie ahead of the clock; not so near that the test's own time could decide.
 */
const stamp = fc.option(
  fc.integer({ min: -50, max: 50 }).filter((hours) => hours !== 0),
  { nil: null },
);
const reading = fc.constantFrom(null, 0, 0, 77, -5);
const pair = fc.record({
  stored: fc.record({
    hours: stamp,
    reading,
    epoch: fc.constantFrom(EPOCH, EPOCH, EPOCH - 1),
    deleted: fc.boolean(),
  }),
  incoming: fc.record({ hours: stamp, reading }),
});

describe('the order of versions in SQL', () => {
  let running: TestApp;
  let clinic: Clinic;
  let integrationId: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    clinic = await makeClinic(running);
    integrationId = (await clinic.activate().expect(200)).body.data.id;
  }, 60_000);
  afterAll(() => running.close());

  const orders: VersionOrder[] = [
    { providersWord: false, slackMs: 0 },
    { providersWord: false, slackMs: 2 * HOUR },
    { providersWord: true, slackMs: 0 },
  ];

  it.each(orders)('is the one of the rule, for %p', async (order) => {
    const records = running.app.get(RecordRepository);
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 120 }), async (pairs) => {
        const nowMs = Date.now();
        const at = (hours: number | null) => (hours === null ? null : nowMs + hours * HOUR);
        const key = {
          integrationId,
          resourceType: 'customers',
          stream: 'patients',
          epoch: EPOCH,
        } as const;
        const letters = await running.app.get(UnitOfWork).run(async (tx) => {
          for (const [index, { stored }] of pairs.entries()) {
            await records.write(
              tx,
              { ...key, epoch: stored.epoch },
              {
                counts: { created: 1, updated: 0, unchanged: 0, late: 0, fresh: 0, undated: 0 },
                relisted: [],
                changed: [
                  {
                    row: incomingRow(String(index), 'stored', at(stored.hours), stored.reading),
                    isNew: true,
                    operation: 'created',
                    keptStatus: null,
                  },
                ],
              },
              'open',
            );
            if (stored.deleted) await records.markDeleted(tx, { ...key, epoch: stored.epoch }, [String(index)]);
          }
          const rows = pairs.map(({ incoming }, index) =>
            incomingRow(String(index), 'incoming', at(incoming.hours), incoming.reading),
          );
          return (await records.diff(tx, key, rows, order)).changes;
        });
        const expected = pairs.map(({ stored, incoming }) => {
          const atMs = at(stored.hours);
          // what is ahead of the clock when it is stored is never compared with
          const kept: StoredVersion = {
            ...stored,
            atMs,
            reading: atMs !== null && atMs > nowMs ? null : stored.reading,
          };
          const older = isOlder({ atMs: at(incoming.hours), reading: incoming.reading }, kept, {
            ...order,
            epoch: EPOCH,
            nowMs,
          });
          return older ? '=' : stored.deleted ? 'c' : 'u';
        });
        expect(letters).toBe(expected.join(''));
        await clinic.sql('DELETE FROM records WHERE integration_id = $1', [integrationId]);
      }),
      { numRuns: 12 },
    );
  });
});

function incomingRow(externalId: string, name: string, sourceUpdatedMs: number | null, read: number | null) {
  const json = Buffer.from(JSON.stringify({ name }));
  return { externalId, json, hash: sha256(json), sourceUpdatedMs, reading: read, digest: null, ifKnown: false };
}
