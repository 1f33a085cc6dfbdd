import { setTimeout as sleep } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import { Daemon } from './daemon';
import { Daemons } from './daemons';

class Looping extends Daemon {
  protected readonly name = 'looping';
  protected readonly intervalMs = 5;
  protected override readonly tickLimitMs = 40;
  protected override readonly vital = true;
  ticks = 0;
  next: () => Promise<boolean> = async () => false;

  async tick(): Promise<boolean> {
    this.ticks++;
    return this.next();
  }
}

describe('a daemon', () => {
  const daemons = new Daemons();
  const abandoned = jest.spyOn(daemons, 'abandoned');
  const silent = () => daemons.silentFor(100).map(({ name }) => name);
  let daemon: Looping;

  beforeEach(async () => {
    const made = await Test.createTestingModule({
      providers: [Looping, { provide: Daemons, useValue: daemons }],
    }).compile();
    daemon = made.get(Looping);
    abandoned.mockClear();
    daemon.onApplicationBootstrap();
  });
  afterEach(async () => {
    daemon.next = async () => false;
    await daemon.beforeApplicationShutdown();
  });

  it('comes round again and again, also when a tick fails', async () => {
    daemon.next = () => Promise.reject(new Error('the database is away'));
    await sleep(150);
    expect(daemon.ticks).toBeGreaterThan(2);
    expect(silent()).toEqual([]);
    expect(abandoned).not.toHaveBeenCalled();
  });

  it('no longer waits for a tick that takes longer than its limit, and counts it', async () => {
    let hangs = 1;
    daemon.next = async () => (hangs-- > 0 ? new Promise<boolean>(() => undefined) : false);
    await sleep(150);
    expect(abandoned).toHaveBeenCalledTimes(1);
    expect(daemon.ticks).toBeGreaterThan(2);
    expect(silent()).toEqual([]);
  });

  it('is silent when no tick ends any more, and no longer when one does', async () => {
    daemon.next = () => new Promise<boolean>(() => undefined);
    await sleep(200);
    expect(abandoned.mock.calls.length).toBeGreaterThan(1);
    expect(silent()).toEqual(['looping']);
    daemon.next = async () => false;
    await sleep(80);
    expect(silent()).toEqual([]);
  });

  it('is not silent but gone once it was stopped', async () => {
    await daemon.beforeApplicationShutdown();
    await sleep(150);
    expect(silent()).toEqual([]);
  });
});
