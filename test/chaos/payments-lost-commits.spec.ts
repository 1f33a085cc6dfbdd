import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/eventually';
import { startFreezingProxy, type FreezingProxy } from '../support/freezing-proxy';
import { startTestProcess, type TestProcess } from '../support/process';
import { makePushingClinic, type PushingClinic } from '../support/pushes';
import { startReplicatedPostgres, type ReplicatedPostgres } from '../support/standby';

jest.setTimeout(300_000);

describe('a standby that is promoted after the last commits were lost', () => {
  let postgres: ReplicatedPostgres;
  let address: FreezingProxy;
  let running: TestApp;
  let clinic: PushingClinic;
  let worker: TestProcess;
  const undo: (() => Promise<unknown>)[] = [];

  const startWorker = async (): Promise<void> => {
    worker = await startTestProcess({
      DATABASE_URL: address.url,
      DATA_DIR: running.config.dataDir,
      ROLE: 'worker',
      OUTBOUND_ALLOW_PRIVATE: 'true',
      RUN_LEASE_SECONDS: '5',
    });
    await worker.ready();
  };

  beforeAll(async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'interlock-failover-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    postgres = await startReplicatedPostgres(folder);
    undo.push(() => postgres.stop());
    // the address behind which one server takes another's place
    address = await startFreezingProxy(postgres.primaryUrl);
    undo.push(() => address.stop());
    running = await startTestApp({ databaseUrl: address.url, environment: { ROLE: 'api' } });
    undo.push(() => running.close());
    await startWorker();
    undo.push(() => worker.kill());
    clinic = await makePushingClinic(running, { invoices: 3 });
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  const counts = async (id: string) => {
    const { payments, allocations, logs } = await clinic.truth(id);
    return { payments: payments.length, allocations: allocations.length, logs: logs.length };
  };
  const ONCE = { payments: 1, allocations: 1, logs: 1 };

  it('pays once what it shows as waiting, and what it does not know at all and is asked for again', async () => {
    await worker.kill();
    const waiting = await clinic.pushed('waiting');
    await postgres.caughtUp();
    postgres.cut();
    await startWorker();
    await eventually(async () => expect((await clinic.row(waiting))['status']).toBe('pushed'), 60_000);
    const second = { externalInvoiceId: clinic.invoices[1] };
    const lost = await clinic.pushed('lost', second);
    await eventually(async () => expect((await clinic.row(lost))['status']).toBe('pushed'), 60_000);
    expect(await counts(waiting)).toEqual(ONCE);

    await postgres.promote();
    address.to(postgres.standbyUrl);
    // connections that were cut are noticed one by one
    await eventually(async () => void (await clinic.call('get', '').expect(200)), 30_000);
    await eventually(async () => expect(await clinic.row(waiting)).toBeDefined(), 30_000);
    expect(await clinic.sql('SELECT 1 FROM outbound_payments WHERE id = $1', [lost])).toEqual([]);
    const again = await clinic.pushed('lost', second);
    for (const id of [waiting, again]) {
      await eventually(async () => {
        await clinic.hurry();
        expect((await clinic.row(id))['status']).toBe('pushed');
      }, 90_000);
      expect(await counts(id)).toEqual(ONCE);
    }
    expect(running.sandbox.practicehub.truth({ resource: 'payments', apiKey: clinic.accountKey })).toHaveLength(2);
    // and one that was never asked for before is paid like any other
    const fresh = await clinic.pushed('fresh', { externalInvoiceId: clinic.invoices[2] });
    await eventually(async () => {
      await clinic.hurry();
      expect((await clinic.row(fresh))['status']).toBe('pushed');
    }, 90_000);
    expect(await counts(fresh)).toEqual(ONCE);
  });
});
