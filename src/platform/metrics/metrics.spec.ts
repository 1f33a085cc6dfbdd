import { Metrics } from './metrics';

describe('metrics', () => {
  it('prefixes names and returns the same metric for the same name', async () => {
    const metrics = new Metrics();
    metrics.counter('runs_total', 'Runs.', ['kind']).inc({ kind: 'sync' });
    metrics.counter('runs_total', 'Runs.', ['kind']).inc({ kind: 'sync' });
    metrics.gauge('lag_seconds', 'Lag.').set(3);
    const text = await metrics.text();
    expect(text).toContain('interlock_runs_total{kind="sync"} 2');
    expect(text).toContain('interlock_lag_seconds 3');
  });

  it('keeps applications of one process apart', async () => {
    new Metrics().counter('here_total', 'Here.').inc();
    expect(await new Metrics().text()).not.toContain('here_total');
  });
});
