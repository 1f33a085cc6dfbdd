import { startWebhookWorld, webhookChaos } from './webhooks/webhook-chaos';

describe('chaos: an endpoint is a cursor over the log', () => {
  it('nothing is lost or doubled under another id, order is kept where asked for, and what was deleted is not sent', async () => {
    const world = await startWebhookWorld('postgres');
    try {
      const { faults, ...report } = await webhookChaos(world, { seed: 3, seconds: 10 });
      // what it takes to see it again
      expect(faults.length === 0 ? [] : [JSON.stringify(report), ...faults]).toEqual([]);
      // how many the time was enough for depends on the machine
      expect(report.events).toBeGreaterThan(20);
    } finally {
      await world.stop();
    }
  }, 300_000);
});
