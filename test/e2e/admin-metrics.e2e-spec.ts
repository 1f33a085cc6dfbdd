import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { GaugeRepository } from '../../src/admin/store/gauge.repository';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { KmsStandIn } from '../support/kms-stand-in';

interface Sample {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

function parse(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!match) return [];
    const labels = Object.fromEntries(
      [...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, k, v]) => [k, v]),
    );
    return [{ name: match[1]!, labels: labels as Record<string, string>, value: Number(match[3]) }];
  });
}

describe('/metrics', () => {
  let running: TestApp;
  let kms: KmsStandIn;
  const before = { ...process.env };

  beforeAll(async () => {
    kms = await KmsStandIn.start();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    running = await startTestApp({
      environment: { KMS_KEY_ID: kms.createKey(), KMS_ENDPOINT: kms.endpoint, SANDBOX_RATE_PER_SECOND: '4' },
    });
  }, 60_000);
  afterAll(async () => {
    process.env = before;
    await running?.close();
    await kms?.stop();
  });

  const scrape = async (): Promise<Sample[]> =>
    parse(
      (
        await request(running.url)
          .get('/metrics')
          .expect(200)
          .expect('content-type', /text\/plain/)
      ).text,
    );

  it('shows every series after work of every kind, with bounded labels and no id in any', async () => {
    const clinics = [await makeClinic(running, { sizes: { patients: 300, '*': 0 } }), await makeClinic(running)];
    for (const clinic of clinics) {
      await clinic.activate().expect(200);
      await clinic.settled(60_000);
    }
    const [one, two] = clinics as [(typeof clinics)[0], (typeof clinics)[0]];
    await one.sync();
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 401, match: { apiKey: two.accountKey } }]);
    await two.sync();
    running.sandbox.practicehub.clearFaults();
    const key = randomUUID();
    for (let times = 0; times < 2; times++) await one.call('post', '/sync', {}).set('Idempotency-Key', key).expect(200);
    await one.settled();
    // a day behind
    await one.sql(`UPDATE sync_health SET last_sync_at = now() - interval '1 day' WHERE last_sync_at IS NOT NULL`);
    // what nobody should be able to make a label of
    await request(running.url).get(`/v2/integrations/${one.merchantId}/sync-state`).set('x-api-key', one.key);
    await request(running.url).get(`/nowhere/${one.merchantId}`);
    await request(running.url).get(`/SaNdBoX/nothing/${one.merchantId}`);

    const samples = await scrape();
    const find = (name: string, labels: Record<string, string> = {}): Sample | undefined =>
      samples.find(
        (sample) =>
          sample.name === `interlock_${name}` &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value) &&
          sample.value > 0,
      );
    const place = { provider: 'practicehub', environment: 'sandbox' };
    const expected: [string, Record<string, string>][] = [
      ['sync_lateness_seconds_count', { trigger: 'manual' }],
      ['sync_lateness_seconds_count', { trigger: 'scheduled' }],
      ['freshness_lag_seconds', { ...place, quantile: '1' }],
      ['runs_total', { kind: 'sync', result: 'succeeded', cause: 'none' }],
      ['runs_total', { kind: 'sync', result: 'failed', cause: 'auth' }],
      ['records_total', { resource: 'customers', change: 'created' }],
      ['records_total', { resource: 'customers', change: 'unchanged' }],
      ['provider_call_duration_seconds_count', { ...place, method: 'GET', status: '200', verdict: 'ok' }],
      ['provider_call_duration_seconds_count', { ...place, status: '401', verdict: 'auth' }],
      ['breakers', { ...place, state: 'open' }],
      ['integrations', { ...place, health: 'healthy' }],
      ['integrations', { ...place, health: 'paused' }],
      ['kms_call_duration_seconds_count', { action: 'GenerateDataKey', outcome: 'ok' }],
      ['kms_call_duration_seconds_count', { action: 'Decrypt', outcome: 'ok' }],
      ['vault_cache_hits_total', {}],
      ['vault_cache_misses_total', {}],
      ['idempotency_replays_total', {}],
      [
        'http_request_duration_seconds_count',
        { method: 'POST', route: '/v2/integrations/:provider/activate', status: '200' },
      ],
    ];
    const missing = expected.filter(([name, labels]) => find(name, labels) === undefined);
    expect(missing).toEqual([]);
    // there, if only at zero
    for (const name of [
      'provider_incident',
      'live_runs',
      'oldest_live_run_seconds',
      'deletion_plans_held',
      'quarantined_rows',
    ]) {
      expect(samples.map((sample) => sample.name)).toContain(`interlock_${name}`);
    }

    const values = samples.flatMap((sample) => Object.values(sample.labels));
    const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|acct-|@|https?:|rk_(sandbox|live)_/i;
    expect(values.filter((value) => ids.test(value))).toEqual([]);
    const ours = samples.filter((sample) => sample.name.startsWith('interlock_'));
    expect(new Set(ours.flatMap((sample) => Object.keys(sample.labels)))).not.toContain('merchant');
    const routes = new Set(ours.map((sample) => sample.labels['route']).filter((route) => route !== undefined));
    for (const route of routes) expect(route).toMatch(/^(\(none\)|\/[a-z0-9/_:.{}*-]*)$/i);
  }, 120_000);

  it('counts waits for a call budget', async () => {
    const clinic = await makeClinic(running, { sizes: { patients: 900, '*': 400 } });
    await clinic.activate().expect(200);
    await clinic.settled(60_000);
    const waits = (await scrape()).filter(({ name }) => name === 'interlock_budget_wait_seconds_count');
    expect(waits.find(({ labels }) => labels['outcome'] === 'granted')?.value).toBeGreaterThan(0);
  }, 90_000);

  it('stays bounded whatever is asked: a hundred unknown paths make one series', async () => {
    const count = async () =>
      (await scrape()).filter(({ name }) => name === 'interlock_http_request_duration_seconds_count').length;
    await request(running.url).get('/nothing/at/all');
    const begun = await count();
    for (let i = 0; i < 100; i++) await request(running.url).get(`/made-up-${randomUUID()}/${i}`);
    for (const path of ['/ADMIN/queues', '/aDmIn/queues', '/admin/QUEUES/x']) await request(running.url).get(path);
    const paths = (await scrape()).map(({ labels }) => labels['route'] ?? '');
    expect(await count()).toBeLessThanOrEqual(begun + 2);
    expect(paths.filter((path) => /made-up|ADMIN|aDmIn|QUEUES/.test(path))).toEqual([]);
  });

  it('goes on counting while the database is away', async () => {
    const repository = running.app.get(GaugeRepository, { strict: false });
    const read = jest.spyOn(repository, 'read').mockRejectedValue(new Error('away'));
    await new Promise((resolve) => setTimeout(resolve, 5_100));
    const samples = await scrape();
    read.mockRestore();
    expect(samples.find(({ name }) => name === 'interlock_metrics_refresh_failures_total')?.value).toBe(1);
    expect(samples.some(({ name }) => name === 'interlock_runs_total')).toBe(true);
  }, 20_000);
});
