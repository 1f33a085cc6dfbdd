import request from 'supertest';
import { EventLog, exampleData } from '../../src/events';
import { UnitOfWork } from '../../src/platform/database';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver';

describe('the metrics of webhooks', () => {
  let running: TestApp;
  let receiver: WebhookReceiver;
  let clinic: Clinic;
  const start = async (environment: Record<string, string> = {}) => {
    receiver = await startReceiver();
    running = await startTestApp({ environment: { OUTBOUND_ALLOW_PRIVATE: 'true', ...environment } });
    clinic = await makeClinic(running);
  };
  afterEach(async () => {
    await receiver?.close();
    await running?.close();
  });

  const register = async (): Promise<string> =>
    (await clinic.call('post', '/v2/webhook-endpoints', { url: receiver.url }).expect(201)).body.data.id;
  const append = () =>
    running.app.get(UnitOfWork).run(async (tx) => {
      const scope = { merchantId: clinic.merchantId, environment: 'sandbox' } as const;
      running.app
        .get(EventLog, { strict: false })
        .append(tx, scope, 'sync.completed', exampleData('sync.completed') as never);
    });
  const metric = async (line: string): Promise<number> => {
    const { text } = await request(running.url).get('/metrics').expect(200);
    return Number(
      text
        .split('\n')
        .find((each) => each.startsWith(`interlock_webhook_${line} `))
        ?.split(' ')[1],
    );
  };

  it('tell how late first tries are, replays and later tries aside', async () => {
    await start({ WEBHOOK_RETRY_SCHEDULE: '0,1' });
    const id = await register();
    let answered = 0;
    receiver.answerWith(() => (answered++ === 0 ? 500 : 204));
    await append();
    await eventually(() => expect(receiver.taken()).toHaveLength(1));
    const replay = { from: '2020-01-01T00:00:00Z' };
    await clinic.call('post', `/v2/webhook-endpoints/${id}/replay`, replay).expect(200);
    await eventually(async () => expect(await metric('attempts_total{result="delivered"}')).toBe(2));
    expect(await metric('attempts_total{result="failed"}')).toBe(1);
    expect(await metric('first_try_delay_seconds_count')).toBe(1);
    expect(await metric('first_try_delay_seconds_bucket{le="30"}')).toBe(1);
    expect(await metric('endpoints_waiting')).toBe(0);
  }, 120_000);

  it('tell endpoints for which no worker is there, and of those that are off none', async () => {
    await start({ ROLE: 'api' });
    const id = await register();
    await append();
    await eventually(async () => expect(await metric('endpoints_waiting')).toBe(1));
    await clinic.call('patch', `/v2/webhook-endpoints/${id}`, { enabled: false }).expect(200);
    await eventually(async () => expect(await metric('endpoints_waiting')).toBe(0));
  }, 120_000);
});
