import request from 'supertest';
import { adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { makePushingClinic } from '../support/pushes';
import { startTraceCollector, type SpanRow, type TraceCollector } from '../support/trace-collector';

describe('traces', () => {
  let collector: TraceCollector;
  let running: TestApp;

  beforeAll(async () => {
    collector = await startTraceCollector();
    running = await startTestApp({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  }, 60_000);
  afterAll(async () => {
    await running?.close();
    await collector?.stop();
  });

  it('are one from the request through the queue into the run and its provider calls', async () => {
    const clinic = await makeClinic(running);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    await clinic.activate().expect(200);
    await clinic.settled();
    await clinic.call('post', '/sync', {}).set('traceparent', `00-${traceId}-b7ad6b7169203331-01`).expect(200);
    await clinic.settled();
    await eventually(() => {
      const trace = collector.spans.filter((span) => span.traceId === traceId);
      const named = (name: string) => trace.filter((span) => span.name === name);
      const [request] = named('POST /v2/integrations/:provider/sync');
      const [queued] = named('queue run');
      const [run] = named('run sync');
      expect(request?.parentSpanId).toBe('b7ad6b7169203331');
      expect(queued?.parentSpanId).toBe(request!.spanId);
      expect(run?.parentSpanId).toBe(queued!.spanId);
      const calls = named('provider call');
      expect(calls.length).toBeGreaterThan(2);
      for (const call of calls) expect(call.parentSpanId).toBe(run!.spanId);
    }, 15_000);
  }, 60_000);

  it('are one for a payment too, from the request to what the provider was asked', async () => {
    const clinic = await makePushingClinic(running);
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const pushed = await clinic.push('R-1').set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`).expect(202);
    await clinic.becomes(pushed.body.data.id, 'pushed');
    await eventually(() => {
      const trace = collector.spans.filter((span) => span.traceId === traceId);
      const run = trace.find((span) => span.name === 'run push');
      const above = (span: SpanRow | undefined) => trace.find(({ spanId }) => spanId === span?.parentSpanId);
      expect(above(run)?.name).toBe('queue run');
      expect(above(above(run))?.name).toBe('POST /v2/integrations/:provider/payments');
      const calls = trace.filter((span) => span.name === 'provider call' && span.parentSpanId === run!.spanId);
      expect(calls.length).toBeGreaterThan(0);
    }, 15_000);
  }, 60_000);

  it('hold no credential, no key, no address and no personal field', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 5, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    await clinic.call('get', '/records/customers?limit=5');
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 500, body: { error: 'canary-in-a-body' } }]);
    await clinic.sync();
    running.sandbox.practicehub.clearFaults();
    const rejected = { apiKey: 'canary-of-a-credential', baseUrl: clinic.credentials.baseUrl };
    await clinic.call('post', '/test', { credentials: rejected }).expect(200);
    await clinic.call('post', '/sync', {}).set('Idempotency-Key', 'canary-of-a-key').expect(200);
    await clinic.settled();
    // the console: its cookie, a search for a person, a reason
    const token = await adminToken(running, 'admin', { ttlSeconds: 900 });
    const signedIn = await request(running.url).post('/admin/session').set('origin', running.url).send({ token });
    const cookie = String(signedIn.headers['set-cookie']?.[0]).split(';')[0]!;
    const asAdmin = (method: 'get' | 'post', path: string) =>
      request(running.url)[method](`/admin/api${path}`).set('cookie', cookie).set('origin', running.url);
    await asAdmin('get', '/integrations?search=canary-of-a-search').expect(200);
    const { id } = await clinic.integration();
    await asAdmin('post', `/integrations/${id}/pause`).send({ reason: 'canary-of-a-reason' }).expect(200);
    const made = await asAdmin('post', `/merchants/${clinic.merchantId}/api-keys`)
      .send({ reason: 'ticket', environment: 'sandbox', name: 'canary-of-a-name', scopes: ['sync:read'] })
      .expect(201);
    const people = (await clinic.records('customers')).flatMap(({ data }) => [data.name, data.email]).filter(Boolean);
    expect(people.length).toBeGreaterThan(5);
    // the end of the process sends what is left
    await running.close();
    const sent = collector.raw.join('');
    const secrets = [clinic.accountKey, clinic.key, token, made.body.data.key, '/sandbox/', ...people];
    expect(secrets.filter((secret) => sent.includes(secret))).toEqual([]);
    expect(/canary[\w-]*|\w+@example/.exec(sent)?.[0]).toBeUndefined();
    // what was looked at was there: every one of those calls left its span
    const names = new Set(collector.spans.map(({ name }) => name));
    for (const name of [
      'POST /v2/integrations/:provider/test',
      'POST /admin/session',
      'GET /admin/api/integrations',
      'POST /admin/api/integrations/:id/pause',
      'POST /admin/api/merchants/:id/api-keys',
    ]) {
      expect(names).toContain(name);
    }
    const attributes = new Set(collector.spans.flatMap((span) => span.attributes.map(({ key }) => key)));
    expect([...attributes].sort()).toEqual(
      [
        'error.type',
        'http.request.method',
        'http.response.status_code',
        'http.route',
        'interlock.provider',
        'interlock.request_id',
        'interlock.result',
        'interlock.run_id',
        'interlock.run_kind',
        'interlock.trigger',
      ].filter((key) => key !== 'error.type' || attributes.has(key)),
    );
  }, 60_000);
});
