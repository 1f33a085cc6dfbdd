import request from 'supertest';
import { adminToken, type AdminRole } from '../support/admin';
import { describeOnBothQueues, startTestApp } from '../support/app';
import { makeClinic } from '../support/clinic';
import { startTestRedis } from '../support/redis';

describeOnBothQueues('the queue board', (application) => {
  const call = async (method: 'get' | 'put' | 'post' | 'delete', path: string, role: AdminRole | null) => {
    const test = request(application().url)[method](`/admin/queues${path}`);
    return role === null ? test : test.set('authorization', `Bearer ${await adminToken(application(), role)}`);
  };

  it('is for admins', async () => {
    expect((await call('get', '', null)).status).toBe(401);
    expect((await call('get', '/api/queues', 'viewer')).status).toBe(403);
    const refused = await call('get', '/static/js/main.js', 'operator');
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({ code: 'permission_denied', requestId: expect.any(String) });
    const page = await call('get', '', 'admin');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self'/);
  });

  it('shows the queue of runs', async () => {
    const clinic = await makeClinic(application(), { sizes: { patients: 3, '*': 0 } });
    await clinic.activate().expect(200);
    await clinic.settled();
    const { status, body } = await call('get', '/api/queues', 'admin');
    expect(status).toBe(200);
    expect(body.queues).toEqual([expect.objectContaining({ name: 'runs', readOnlyMode: true })]);
  });

  it.each([
    ['/api/queues/runs/nobody', 404, 'not_found'],
    ['/api/queues/runs/nobody/flow', 404, 'not_found'],
    ['/api/queues?activeQueue=runs&page=-1', 400, 'invalid_request'],
    ['/api/queues?activeQueue=runs&status=none', 400, 'invalid_request'],
    ['/api/nothing', 404, 'not_found'],
    ['/static/nothing.js', 404, 'not_found'],
  ] as const)('refuses in the one shape of errors: %s', async (path, status, code) => {
    const answer = await call('get', path, 'admin');
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: expect.any(String), code, requestId: answer.headers['x-request-id'] });
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('does not say what serves it', async () => {
    for (const path of ['', '/api/queues']) {
      const { headers } = await call('get', path, 'admin');
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('etag');
    }
  });

  it.each([
    ['put', '/api/queues/runs/pause'],
    ['put', '/api/queues/runs/clean/failed'],
    ['put', '/api/queues/runs/empty'],
    ['post', '/api/queues/runs/add'],
    ['delete', '/api/queues/runs'],
  ] as const)('takes no act: %s %s', async (method, path) => {
    const { status, body } = await call(method, path, 'admin');
    expect([status, body.error]).toEqual([403, 'The queue board is read-only.']);
  });
});

describe('the queue board while Redis is away', () => {
  it('refuses what it cannot answer, and answers again afterwards', async () => {
    const redis = await startTestRedis();
    if (!redis) return;
    const running = (await startTestApp({ queue: 'redis', redisUrl: redis.url, environment: { ROLE: 'api' } }))!;
    try {
      const token = await adminToken(running, 'admin');
      const ask = (path: string) =>
        request(running.url).get(`/admin/queues${path}`).set('authorization', `Bearer ${token}`);
      expect((await ask('/api/queues')).status).toBe(200);
      process.kill(redis.pid, 'SIGSTOP');
      const refused = await ask('/api/queues');
      expect(refused.status).toBe(503);
      expect(refused.body).toMatchObject({ code: 'unavailable', requestId: refused.headers['x-request-id'] });
      process.kill(redis.pid, 'SIGCONT');
      expect((await ask('/api/queues')).status).toBe(200);
      // what was refused is answered now, to nobody
      expect(running.logs.filter((line) => line.includes('ERR_HTTP_HEADERS_SENT'))).toEqual([]);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
      await running.close();
      await redis.stop();
    }
  }, 60_000);
});
