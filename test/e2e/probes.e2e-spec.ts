import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { GaugeRepository } from '../../src/admin/store/gauge.repository';
import { startTestApp, type TestApp } from '../support/app';
import { migratedDatabase } from '../support/database';
import { eventually } from '../support/eventually';
import { startFreezingProxy } from '../support/freezing-proxy';

jest.setTimeout(60_000);

const POOL_SIZE = 3;

describe('orchestrators', () => {
  let running: TestApp;
  let pool: Pool;
  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api', DATABASE_POOL_SIZE: String(POOL_SIZE) } });
    ({ master: pool } = running.app.get(DataSource).driver as unknown as { master: Pool });
  });
  afterAll(async () => running?.close());

  const statusesOf = (target: string, times: number): Promise<number[]> =>
    Promise.all(Array.from({ length: times }, async () => (await fetch(running.url + target)).status));

  it('are told that the process is ready while its work holds every connection', async () => {
    const held: PoolClient[] = [];
    try {
      for (let left = POOL_SIZE; left > 0; left--) held.push(await pool.connect());
      expect(await statusesOf('/health/ready', 20)).toEqual(Array.from({ length: 20 }, () => 200));
    } finally {
      for (const client of held) client.release();
    }
  });

  it('are told when the database falls silent, and when it is back', async () => {
    const database = await migratedDatabase();
    const proxy = await startFreezingProxy(database.url);
    const silenced = await startTestApp({ databaseUrl: proxy.url, environment: { ROLE: 'api' } });
    const ready = async (): Promise<number> => (await fetch(`${silenced.url}/health/ready`)).status;
    try {
      expect(await ready()).toBe(200);
      proxy.freeze();
      expect(await ready()).toBe(503);
      // the connection that was asked is dead for good: another one is made
      proxy.thaw();
      await eventually(async () => expect(await ready()).toBe(200), 20_000);
    } finally {
      await proxy.stop();
      await silenced.close();
      await database.drop();
    }
  });

  it('share one reading of the figures, however many scrape, and leave connections for the work', async () => {
    const read = jest.spyOn(running.app.get(GaugeRepository, { strict: false }), 'read');
    let [held, most] = [0, 0];
    const acquired = (): void => void (most = Math.max(most, ++held));
    const released = (): void => void held--;
    pool.on('acquire', acquired).on('release', released);
    try {
      expect(await statusesOf('/metrics', 50)).toEqual(Array.from({ length: 50 }, () => 200));
      expect(read).toHaveBeenCalledTimes(1);
      expect(most).toBeLessThan(POOL_SIZE);
    } finally {
      pool.off('acquire', acquired).off('release', released);
      read.mockRestore();
    }
  });
});
