import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { run } from '../../src/cli/program';
import { stamp, startAccount, type AccountStandIn, type Row } from '../support/account-stand-in';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { copyOf, migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

jest.setTimeout(120_000);

const patient = (id: number, city: string): Row => ({
  id,
  first_name: `P${id}`,
  last_name: 'X',
  city,
  created: '2026-01-01 10:00:00',
  updated: stamp(),
});
const environment = { OUTBOUND_ALLOW_PRIVATE: 'true' };

describe('a cursor of the change feed', () => {
  let account: AccountStandIn;
  beforeEach(async () => {
    account = await startAccount({ patients: [1, 2, 3].map((id) => patient(id, 'old')) });
  });
  afterEach(() => account.close());

  const activate = async (clinic: Clinic): Promise<void> => {
    const credentials = { apiKey: 'stand-in-key', baseUrl: account.url };
    await clinic.activate({ credentials, timezone: 'UTC' }).expect(200);
    expect(await clinic.settled()).toBe('succeeded');
  };

  describe('of a running service', () => {
    let running: TestApp;
    let clinic: Clinic;
    beforeAll(async () => {
      running = await startTestApp({ environment });
    }, 60_000);
    afterAll(() => running?.close());
    beforeEach(async () => {
      account.lists['payments'] = [1, 2].map((id) => ({
        id,
        amount: '5.00',
        patient_id: '1',
        created: stamp(),
        updated: stamp(),
      }));
      clinic = await makeClinic(running);
      await activate(clinic);
    });
    const read = (list: string, cursor: string) =>
      clinic.call('get', `/records/${list}?cursor=${encodeURIComponent(cursor)}`);
    const endOf = async (list: string, of = clinic): Promise<string> =>
      (await of.call('get', `/records/${list}`).expect(200)).body.nextCursor;

    it('of another list is refused, whichever two lists they are', async () => {
      const other = await makeClinic(running);
      await activate(other);
      const cursors = [await endOf('customers'), await endOf('customers', other), await endOf('payments', other)];
      for (const cursor of cursors) {
        const { body } = await read('payments', cursor).expect(400);
        expect(body).toMatchObject({
          code: 'invalid_request',
          details: { fields: { cursor: ['is a cursor of another list'] } },
        });
      }
      await read('payments', await endOf('payments')).expect(200);
    });

    it('that stands at the start belongs to every list', async () => {
      const start = await endOf('devices');
      expect((await read('payments', start).expect(200)).body.data).toHaveLength(2);
    });

    it.each(['f1.999999', 'f1.1.999999', 'f1.9007199254740991'])('from beyond the end (%s) is 410', async (text) => {
      const { body } = await read('customers', Buffer.from(text).toString('base64url')).expect(410);
      expect(body.code).toBe('cursor_expired');
    });

    it('of the form before this one is taken', async () => {
      const { body } = await read('customers', Buffer.from('f1.2').toString('base64url')).expect(200);
      expect(body.data).toHaveLength(1);
    });

    it.each(['f2', 'f2.1', 'f2.1.00000000.0', 'f2.1.zzzzzzzz.1', 'f2.01.00000000.1', 'f3.0', 'f1.-1', ''])(
      'that nobody was given (%j) is 400',
      async (text) => {
        const cursor = text === '' ? '%' : Buffer.from(text).toString('base64url');
        await read('customers', cursor).expect(400);
      },
    );
  });

  describe('from after a backup that was restored', () => {
    const before = { ...process.env };
    const databases: TestDatabase[] = [];
    // the keyring, which a backup of the database does not hold
    let dataDir: string;
    beforeEach(async () => {
      dataDir = await mkdtemp(path.join(os.tmpdir(), 'interlock-restored-'));
    });
    afterEach(async () => {
      process.env = { ...before };
      await rm(dataDir, { recursive: true, force: true });
      for (const database of databases.splice(0)) await database.drop();
    });

    const over = async <T>(database: TestDatabase, work: (running: TestApp) => Promise<T>): Promise<T> => {
      const running = await startTestApp({ environment, databaseUrl: database.url, dataDir });
      try {
        return await work(running);
      } finally {
        await running.close();
      }
    };

    it('is 410 once the restore was reported; a reader that starts over is in step with the provider', async () => {
      const original = await migratedDatabase();
      databases.push(original);
      const seen = new Map<string, string>();
      let cursor = '';
      let key = '';
      const read = async (running: TestApp): Promise<request.Response> => {
        const answer = await request(running.url)
          .get(`/v2/integrations/practicehub/records/customers?limit=500&cursor=${encodeURIComponent(cursor)}`)
          .set('x-api-key', key);
        for (const { externalId, data } of answer.body.data ?? []) seen.set(externalId, data.address.city);
        cursor = answer.body.nextCursor ?? cursor;
        return answer;
      };
      const sync = async (running: TestApp): Promise<void> => {
        const api = `${running.url}/v2/integrations/practicehub`;
        const { jobId } = (await request(api).post('/sync').set('x-api-key', key).expect(200)).body;
        await eventually(async () => {
          const logs = await request(api).get(`/sync-logs?jobId=${jobId}&resourceType=customers`).set('x-api-key', key);
          expect(logs.body.data).toEqual([expect.objectContaining({ status: 'success' })]);
        });
      };
      await over(original, async (running) => {
        const clinic = await makeClinic(running);
        key = clinic.key;
        await activate(clinic);
        await read(running);
      });
      const backup = await copyOf(original);
      databases.push(backup);

      // what is lost: three changes that the reader has seen
      await over(original, async (running) => {
        for (const id of [1, 2, 3]) account.lists['patients']![id - 1] = patient(id, 'lost');
        await sync(running);
        await read(running);
      });
      expect([...seen.values()]).toEqual(['lost', 'lost', 'lost']);

      account.lists['patients']!.push(patient(4, 'new'));
      account.lists['patients']!.splice(0, 1, patient(1, 'later'));
      await over(backup, async (running) => {
        Object.assign(process.env, { DATABASE_URL: backup.url, DATA_DIR: dataDir });
        const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
        const code = await run(['db', 'restored', '--reason', 'the disk was lost', '--json']);
        write.mockRestore();
        expect(code).toBe(0);
        await sync(running);
        // by now the feed is as long as it was: only its generation tells
        expect((await read(running)).status).toBe(410);
        cursor = '';
        seen.clear();
        expect((await read(running)).status).toBe(200);
      });
      expect(Object.fromEntries(seen)).toEqual({ 1: 'later', 2: 'lost', 3: 'lost', 4: 'new' });
    });
  });
});
