import { Metrics } from '../metrics';
import { Retention } from './retention';
import { RetentionTasks, type RetentionTask } from './retention-tasks';

/** A table of so many old rows. */
class Table implements RetentionTask {
  readonly asked: number[] = [];

  constructor(
    readonly name: string,
    private rows: number,
    readonly batch?: number,
  ) {}

  trim(limit: number): Promise<number> {
    this.asked.push(limit);
    const removed = Math.min(limit, this.rows);
    this.rows -= removed;
    return Promise.resolve(removed);
  }
}

const retentionOf = (...tasks: RetentionTask[]) => {
  const metrics = new Metrics();
  const registry = new RetentionTasks();
  registry.register(...tasks);
  return { metrics, retention: new Retention(registry, metrics) };
};

describe('retention', () => {
  it('removes in batches until one comes back short, and counts what it removed', async () => {
    const [many, few] = [new Table('many', 2_500), new Table('few', 30, 20)];
    const { metrics, retention } = retentionOf(many, few);
    expect(await retention.tick()).toBe(false);
    expect(many.asked).toEqual([1_000, 1_000, 1_000]);
    expect(few.asked).toEqual([20, 20]);
    const text = await metrics.text();
    expect(text).toContain('interlock_retention_rows_total{what="many"} 2500');
    expect(text).toContain('interlock_retention_rows_total{what="few"} 30');
  });

  it('gives the others their turn while one table has no end, and comes back to it at once', async () => {
    const [endless, other] = [new Table('endless', Infinity), new Table('other', 1)];
    const { retention } = retentionOf(endless, other);
    expect(await retention.tick()).toBe(true);
    expect(endless.asked).toHaveLength(50);
    expect(other.asked).toHaveLength(1);
  });

  it('goes on where one table fails, and says so', async () => {
    const broken: RetentionTask = { name: 'broken', trim: () => Promise.reject(new Error('no')) };
    const other = new Table('other', 1);
    const { metrics, retention } = retentionOf(broken, other);
    expect(await retention.tick()).toBe(false);
    expect(other.asked).toHaveLength(1);
    expect(await metrics.text()).toContain('interlock_retention_failures_total{what="broken"} 1');
  });

  it('ends between two batches when the process is told to stop', async () => {
    const endless = new Table('endless', Infinity);
    const { retention } = retentionOf(endless);
    const ticking = retention.tick();
    await retention.beforeApplicationShutdown();
    await ticking;
    expect(endless.asked.length).toBeLessThan(50);
  });
});
