import request from 'supertest';
import { adminOf, adminToken } from '../support/admin';
import { startTestApp, type TestApp } from '../support/app';
import { makeClinic, type Clinic } from '../support/clinic';
import { eventually } from '../support/eventually';
import { freshOverview } from '../support/shown-finding';

type Call = Awaited<ReturnType<typeof adminOf>>;

const why = { reason: 'ticket 4711' };

describe('the admin API', () => {
  let running: TestApp;
  let admin: Call;
  let operator: Call;
  let viewer: Call;

  beforeAll(async () => {
    running = await startTestApp();
    admin = await adminOf(running, 'admin');
    operator = await adminOf(running, 'operator');
    viewer = await adminOf(running, 'viewer');
  }, 60_000);
  afterAll(async () => running.close());
  afterEach(() => running.sandbox.practicehub.clearFaults());

  const activated = async (options: Parameters<typeof makeClinic>[1] = {}): Promise<{ clinic: Clinic; id: string }> => {
    const clinic = await makeClinic(running, options);
    const { body } = await clinic.activate().expect(200);
    expect(await clinic.settled()).toBe('succeeded');
    return { clinic, id: body.data.id ?? (await clinic.integration())['id'] };
  };
  const rejected = async (): Promise<{ clinic: Clinic; id: string }> => {
    const made = await activated();
    running.sandbox.practicehub.addFaults([{ kind: 'status', status: 401, match: { apiKey: made.clinic.accountKey } }]);
    await made.clinic.sync();
    return made;
  };

  describe('who may do what', () => {
    const acts: [string, object][] = [
      ['/integrations/00000000-0000-4000-8000-000000000000/sync', why],
      ['/integrations/00000000-0000-4000-8000-000000000000/pause', why],
      ['/integrations/00000000-0000-4000-8000-000000000000/resume', why],
      ['/deletion-plans/00000000-0000-4000-8000-000000000000/approve', why],
      ['/retries', why],
    ];
    const keyActions: [string, object][] = [
      [
        '/merchants/00000000-0000-4000-8000-000000000000/api-keys',
        { ...why, environment: 'live', name: 'x', scopes: ['sync:read'] },
      ],
      ['/api-keys/00000000-0000-4000-8000-000000000000/revoke', why],
      ['/api-keys/00000000-0000-4000-8000-000000000000/rotate', why],
      ['/vault/rotation', why],
    ];

    it.each([...acts, ...keyActions])('a viewer may not POST %s', async (path, body) => {
      await viewer('post', path, body).expect(403);
    });

    it.each(keyActions)('an operator may not POST %s: it changes keys', async (path, body) => {
      await operator('post', path, body).expect(403);
    });

    it.each(acts)('an operator may POST %s', async (path, body) => {
      expect([200, 404]).toContain((await operator('post', path, body)).status);
    });

    it('a viewer reads; a token without a role, an API key and nobody do not', async () => {
      await viewer('get', '/overview').expect(200);
      const clinic = await makeClinic(running);
      await request(running.url).get('/admin/api/overview').expect(401);
      await request(running.url).get('/admin/api/overview').set('x-api-key', clinic.key).expect(401);
    });

    it('refuses an operation without a reason, and a reason of blanks', async () => {
      const { id } = await activated();
      const refused = await operator('post', `/integrations/${id}/pause`, {}).expect(400);
      expect(refused.body.details.fields).toHaveProperty('reason');
      await operator('post', `/integrations/${id}/pause`, { reason: '  ' }).expect(400);
    });
  });

  describe('lists', () => {
    it('pages through every row once, also rows of one moment', async () => {
      const seen: string[] = [];
      const made = await Promise.all([activated(), activated(), activated()]);
      await made[0]!.clinic.sql(`UPDATE integrations SET created_at = '2026-01-01T00:00:00.123456Z'`);
      let cursor = '';
      do {
        const { body } = await viewer('get', `/integrations?limit=2&cursor=${cursor}`).expect(200);
        seen.push(...body.data.map((row: { id: string }) => row.id));
        cursor = body.nextCursor ?? '';
      } while (cursor);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
      const merchants = await viewer('get', '/merchants?limit=1').expect(200);
      const next = await viewer('get', `/merchants?limit=1&cursor=${merchants.body.nextCursor}`).expect(200);
      expect(next.body.data[0].id).not.toBe(merchants.body.data[0].id);
    });

    it.each(['/integrations', '/merchants', '/deletion-plans', '/audit', '/quarantine', '/incidents'])(
      'answers 400 to a cursor and a limit that are none: %s',
      async (path) => {
        const bad = ['xx', Buffer.from('99999999999999999.x').toString('base64url'), '%00', 'a'.repeat(300)];
        for (const cursor of bad) await viewer('get', `${path}?cursor=${cursor}`).expect(400);
        await viewer('get', `${path}?limit=many`).expect(400);
        await viewer('get', `${path}?limit=1000`).expect(200);
      },
    );

    it('filters by what is wrong, and finds by name and by id', async () => {
      const { id, clinic } = await rejected();
      const list = async (query: string): Promise<string[]> =>
        (await viewer('get', `/integrations?limit=100&${query}`).expect(200)).body.data.map(
          (row: { id: string }) => row.id,
        );
      expect(await list('health=paused&errorCode=provider_credentials_rejected')).toContain(id);
      expect(await list('health=healthy')).not.toContain(id);
      expect(await list('status=error&provider=practicehub&environment=sandbox')).toContain(id);
      expect(await list(`search=${id}`)).toEqual([id]);
      expect(await list(`search=${clinic.merchantId.toUpperCase()}`)).toEqual([id]);
      expect(await list('search=clin')).toContain(id);
      // a pattern is no pattern here
      expect(await list('search=%25')).toEqual([]);
      expect(await list('lateByMinutes=100000')).toEqual([]);
      await viewer('get', '/integrations?provider=nobody').expect(400);
      await viewer('get', '/integrations?search=a%00b').expect(400);
    });
  });

  describe('what could not be understood', () => {
    it('is listed across merchants, page by page, without the row', async () => {
      const { clinic, id } = await activated();
      const fields = { total: 'not money', amount: 'not money' };
      running.sandbox.practicehub.change({ resource: 'invoices', count: 3, fields, apiKey: clinic.accountKey });
      await clinic.sync();
      const of = (query: string) => viewer('get', `/quarantine?${query}`).expect(200);
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await of(`merchantId=${clinic.merchantId}&limit=1&cursor=${cursor}`);
        seen.push(...body.data.map((row: { id: string }) => row.id));
        cursor = body.nextCursor ?? '';
      } while (cursor);
      expect(new Set(seen).size).toBe(3);
      const { body } = await of(`integrationId=${id}&resourceType=invoices&provider=practicehub&environment=sandbox`);
      expect(body.data.map((row: { id: string }) => row.id)).toEqual(seen);
      expect(body.data[0]).toMatchObject({ integrationId: id, merchantName: 'Clinic', resourceType: 'invoices' });
      expect(JSON.stringify(body)).not.toContain('not money');
      const own = await viewer('get', `/integrations/${id}/quarantine`).expect(200);
      expect(own.body.data).toEqual(body.data);
      expect((await of(`integrationId=${id}&resourceType=customers`)).body.data).toEqual([]);
      expect((await of(`integrationId=${id}&environment=live`)).body.data).toEqual([]);
    }, 60_000);
  });

  describe('acts on an integration', () => {
    it('pauses with a reason that explain repeats, resumes, and both stand in audit and timeline with who and why', async () => {
      const { id } = await activated();
      const paused = await operator('post', `/integrations/${id}/pause`, { reason: 'The clinic moves house' }).expect(
        200,
      );
      expect(paused.body.data).toMatchObject({
        operatorPaused: true,
        pauseReason: 'The clinic moves house',
        nextDueAt: null,
      });
      const explained = await viewer('get', `/integrations/${id}/explain`).expect(200);
      expect(explained.body.data).toMatchObject({ willRun: false });
      expect(explained.body.data.reasons[0]).toMatchObject({ code: 'paused_by_operator' });
      await operator('post', `/integrations/${id}/resume`, why).expect(200);
      await eventually(async () => {
        const { body } = await viewer('get', `/integrations/${id}`).expect(200);
        expect(body.data).toMatchObject({ operatorPaused: false, health: 'healthy', status: 'connected' });
      });
      const { body: timeline } = await viewer('get', `/integrations/${id}/timeline?limit=100`).expect(200);
      const audit = timeline.data.filter((entry: { kind: string }) => entry.kind === 'audit');
      expect(audit[0].details).toMatchObject({
        action: 'integration.resumed',
        actorId: 'operator@example.test',
        reason: 'ticket 4711',
      });
      expect(audit[1].details).toMatchObject({ action: 'integration.paused', reason: 'The clinic moves house' });
      const kinds = new Set(timeline.data.map((entry: { kind: string }) => entry.kind));
      expect(kinds).toEqual(new Set(['run', 'audit', 'schedule']));
      const times = timeline.data.map((entry: { at: string }) => entry.at);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('shows a rejected credential: paused, why, the breaker in the timeline; a sync is refused, a resume runs again', async () => {
      const { id, clinic } = await rejected();
      const { body } = await viewer('get', `/integrations/${id}`).expect(200);
      expect(body.data).toMatchObject({
        health: 'paused',
        breakerCause: 'auth',
        lastErrorCode: 'provider_credentials_rejected',
      });
      expect(JSON.stringify(body)).not.toContain(clinic.accountKey);
      expect((await operator('post', `/integrations/${id}/sync`, why).expect(400)).body.code).toBe('sync_paused');
      running.sandbox.practicehub.clearFaults();
      await operator('post', `/integrations/${id}/resume`, why).expect(200);
      await clinic.settled();
      const after = (await viewer('get', `/integrations/${id}`).expect(200)).body.data;
      expect(after).toMatchObject({ health: 'healthy', status: 'connected', lastError: null });
      const { body: timeline } = await viewer('get', `/integrations/${id}/timeline?limit=100`).expect(200);
      const breaker = timeline.data.filter((entry: { kind: string }) => entry.kind === 'breaker');
      expect(breaker.map((entry: any) => [entry.details.from, entry.details.to])).toEqual([
        ['open', 'closed'],
        ['closed', 'open'],
      ]);
    });

    it('syncs now, and says which run', async () => {
      const { id, clinic } = await activated();
      const { body } = await operator('post', `/integrations/${id}/sync`, { ...why, fullResync: true }).expect(200);
      await clinic.settled();
      const [run] = await clinic.sql('SELECT state, full_resync FROM sync_runs WHERE id = $1', [body.data.runId]);
      expect(run).toEqual({ state: 'succeeded', full_resync: true });
      const days = (await viewer('get', `/integrations/${id}/activity`).expect(200)).body.data;
      expect(days).toContainEqual(expect.objectContaining({ resourceType: 'customers', created: 30 }));
      const { records } = (await viewer('get', `/integrations/${id}`).expect(200)).body.data;
      expect(records).toContainEqual(expect.objectContaining({ resourceType: 'customers', live: 30 }));
    });
  });

  describe('held deletion plans', () => {
    const held = async (): Promise<{ clinic: Clinic; id: string; planId: string; gone: string[] }> => {
      const { clinic, id } = await activated({ sizes: { patients: 60, '*': 0 } });
      const gone = running.sandbox.practicehub
        .delete({ resource: 'patients', count: 30, apiKey: clinic.accountKey })
        .map(String);
      await clinic.sync({ fullResync: true });
      const { body } = await viewer('get', `/deletion-plans?state=held&integrationId=${id}`).expect(200);
      expect(body.data).toHaveLength(1);
      expect(body.data[0]).toMatchObject({ rows: 30, liveRecords: 60, state: 'held', resourceType: 'customers' });
      return { clinic, id, planId: body.data[0].id, gone };
    };
    const live = async (clinic: Clinic) =>
      (await clinic.records('customers')).filter(({ operation }) => operation !== 'deleted');

    it('approved: what is still live and still missing becomes a tombstone, once', async () => {
      const { clinic, planId, gone } = await held();
      // one of them is back, and a sync that reads changes alone sees it again
      const fields = { id: gone[0], first_name: 'Back' };
      running.sandbox.practicehub.create({ resource: 'patients', apiKey: clinic.accountKey, fields });
      await clinic.sql(
        `UPDATE sync_cursors c SET cursor = jsonb_set(cursor, '{filter,state}', '"honoured"') FROM integrations i
         WHERE i.id = c.integration_id AND i.merchant_id = $1 AND c.stream = 'patients'`,
        [clinic.merchantId],
      );
      await clinic.sync();
      const [log] = await clinic.sql(
        `SELECT l.records_fetched AS fetched FROM sync_logs l JOIN integrations i ON i.id = l.integration_id
         WHERE i.merchant_id = $1 AND l.resource_type = 'customers' ORDER BY l.created_at DESC LIMIT 1`,
        [clinic.merchantId],
      );
      expect(log!['fetched']).toBeLessThan(30);
      const answers = await Promise.all([
        operator('post', `/deletion-plans/${planId}/approve`, why),
        operator('post', `/deletion-plans/${planId}/approve`, why),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const approved = answers.find(({ status }) => status === 200)!;
      expect(approved.body.data).toMatchObject({ deleted: 29, state: 'approved', decidedBy: 'operator@example.test' });
      expect(await live(clinic)).toHaveLength(31);
      expect((await live(clinic)).map(({ externalId }) => externalId)).toContain(gone[0]);
      const { body } = await viewer('get', '/audit?action=deletion_plan.').expect(200);
      expect(body.data[0]).toMatchObject({ action: 'deletion_plan.approved', reason: 'ticket 4711' });
    });

    it('of a hundred thousand records is read page by page, from any place, and its loss is counted apart', async () => {
      const { clinic, id } = await activated({ sizes: { patients: 60, '*': 0 } });
      const [{ plan } = {}] = await clinic.sql(
        `INSERT INTO sync_deletion_plans (id, integration_id, stream, resource_type, run_id, state, external_ids, live_records)
         SELECT gen_random_uuid(), $1, 'patients', 'customers', gen_random_uuid(), 'held', array_agg(g::text ORDER BY g), 100000
         FROM generate_series(1, 100000) AS g RETURNING id AS plan`,
        [id],
      );
      await clinic.sql(
        `UPDATE records SET data = data || '{"totalMinor": 150, "currency": "GBP"}' WHERE integration_id = $1
           AND resource_type = 'customers' AND external_id IN ('1', '60')`,
        [id],
      );
      const page = async (query: string) =>
        (await viewer('get', `/deletion-plans/${plan}/records?limit=100&${query}`).expect(200)).body;
      const from = (place: number) => Buffer.from(`${place}.${String(plan)}`).toString('base64url');
      const ids = (body: { data: { externalId: string }[] }) => body.data.map(({ externalId }) => Number(externalId));
      const first = await page('');
      expect([ids(first).at(0), ids(first).at(-1)]).toEqual([1, 100]);
      expect(first.data[0]).toMatchObject({ isLive: true, amountMinor: 150, currency: 'GBP' });
      expect(first.data[60]).toMatchObject({ externalId: '61', isLive: false, lastChangeAt: null });
      const second = await page(`cursor=${first.nextCursor}`);
      expect([ids(second).at(0), ids(second).at(-1)]).toEqual([101, 200]);
      expect(second.nextCursor).toBe(from(200));
      const last = await page(`cursor=${from(99_900)}`);
      expect([ids(last).at(0), ids(last).at(-1), last.nextCursor]).toEqual([99_901, 100_000, null]);
      expect((await page(`cursor=${from(9_000_000_000_000_000)}`)).data).toEqual([]);
      const { body } = await viewer('get', `/deletion-plans/${plan}/loss`).expect(200);
      expect(body.data).toEqual({ records: 60, amounts: [{ currency: 'GBP', amountMinor: 300, rows: 2 }] });
      await viewer('get', `/deletion-plans/${id}/loss`).expect(404);
    });

    it('discarded: everything stays, and the marks are gone', async () => {
      const { clinic, planId } = await held();
      await operator('post', `/deletion-plans/${planId}/discard`, why).expect(200);
      expect(await live(clinic)).toHaveLength(60);
      const [marks] = await clinic.sql(
        `SELECT count(*)::int AS n FROM records r JOIN integrations i ON i.id = r.integration_id
         WHERE i.merchant_id = $1 AND missed_scans > 0`,
        [clinic.merchantId],
      );
      expect(marks!['n']).toBe(0);
      await operator('post', `/deletion-plans/${planId}/approve`, why).expect(409);
    });
  });

  describe('bulk retry', () => {
    it('shows in a dry run what then happens, and writes nothing before', async () => {
      const { clinic, id } = await activated();
      running.sandbox.practicehub.addFaults([
        { kind: 'status', status: 503, match: { apiKey: clinic.accountKey, path: '/invoices' } },
      ]);
      await clinic.sync();
      running.sandbox.practicehub.clearFaults();
      await operator('post', '/retries', { dryRun: false }).expect(400);
      const ask = { ...why, filter: { merchantId: clinic.merchantId } };
      // what shows and writes nothing needs no reason
      const dry = (await operator('post', '/retries', { filter: ask.filter }).expect(200)).body.data;
      expect(dry).toMatchObject({
        dryRun: true,
        queued: 1,
        integrations: [{ integrationId: id, queued: 1, because: null }],
      });
      expect(
        await clinic.sql(
          `SELECT 1 FROM sync_log_retries t JOIN sync_logs l ON l.id = t.log_id WHERE l.integration_id = $1`,
          [id],
        ),
      ).toEqual([]);
      const wet = (await operator('post', '/retries', { ...ask, dryRun: false }).expect(200)).body.data;
      expect({ ...wet, dryRun: true }).toEqual(dry);
      expect(await clinic.settled()).toBe('succeeded');
      const again = (await operator('post', '/retries', { ...ask, dryRun: false }).expect(200)).body.data;
      expect(again).toMatchObject({ queued: 0, integrations: [{ because: 'nothing_retryable' }] });
      for (const [cause, because] of [
        ['auth', 'credentials_rejected'],
        ['failures', 'paused'],
      ]) {
        await clinic.sql(
          `UPDATE sync_health SET breaker = 'open', breaker_cause = $2, breaker_opened_at = now() WHERE integration_id = $1`,
          [id, cause],
        );
        const { data } = (await operator('post', '/retries', { filter: ask.filter }).expect(200)).body;
        expect(data).toMatchObject({ queued: 0, integrations: [{ because }] });
      }
      const { body } = await viewer('get', '/audit?action=sync_logs.').expect(200);
      expect(body.data[0]).toMatchObject({ reason: 'ticket 4711', actorId: 'operator@example.test' });
    }, 60_000);
  });

  describe('keys and vault', () => {
    it('creates, lists, rotates and revokes a key; the audit says who and why, and holds no key', async () => {
      const clinic = await makeClinic(running);
      const path = `/merchants/${clinic.merchantId}/api-keys`;
      const made = await admin('post', path, {
        ...why,
        environment: 'sandbox',
        name: 'till',
        scopes: ['sync:read'],
      }).expect(201);
      const { id, key } = made.body.data;
      await request(running.url).get('/v2/providers').set('x-api-key', key).expect(403);
      const rotated = await admin('post', `/api-keys/${id}/rotate`, { ...why, overlapSeconds: 0 }).expect(200);
      await request(running.url).get('/v2/providers').set('x-api-key', key).expect(401);
      await admin('post', `/api-keys/${rotated.body.data.id}/revoke`, why).expect(200);
      const listed = await viewer('get', path).expect(200);
      const first = await viewer('get', `${path}?limit=2`).expect(200);
      const rest = await viewer('get', `${path}?limit=2&cursor=${first.body.nextCursor}`).expect(200);
      expect([...first.body.data, ...rest.body.data]).toEqual(listed.body.data);
      expect(rest.body.nextCursor).toBeNull();
      expect(listed.body.data).toHaveLength(3);
      expect(JSON.stringify(listed.body)).not.toContain(key);
      const audit = await viewer('get', `/audit?merchantId=${clinic.merchantId}&action=api_key.`).expect(200);
      const mine = audit.body.data.filter((entry: { actorKind: string }) => entry.actorKind === 'token');
      expect(mine.map((entry: { action: string }) => entry.action)).toEqual([
        'api_key.revoked',
        'api_key.rotated',
        'api_key.created',
      ]);
      expect(mine.every((entry: { reason: string }) => entry.reason === 'ticket 4711')).toBe(true);
      expect(JSON.stringify(audit.body)).not.toContain(key);
    });

    it('starts a rotation of the vault and shows its progress to its end', async () => {
      await activated();
      await admin('post', '/vault/rotation', { ...why, mode: 'reencrypt' }).expect(202);
      await eventually(async () => {
        const { rotation } = (await viewer('get', '/vault/rotation').expect(200)).body.data;
        expect(rotation).toMatchObject({
          state: 'done',
          mode: 'reencrypt',
          requestedBy: 'admin@example.test',
          remaining: 0,
        });
      });
    });
  });

  describe('incidents and overview', () => {
    it('names an outage once several merchants see it, and forgets it when it is over', async () => {
      const made = [await activated(), await activated(), await activated()];
      running.sandbox.practicehub.addFaults(
        made.map(({ clinic }) => ({ kind: 'status' as const, status: 503, match: { apiKey: clinic.accountKey } })),
      );
      // who asked in the tests before is not asked about
      await made[0]!.clinic.sql(
        `UPDATE sync_runs SET finished_at = finished_at - interval '1 hour' WHERE integration_id <> ALL($1)`,
        [made.map(({ id }) => id)],
      );
      for (const { clinic } of made) await clinic.sync();
      const open = (await viewer('get', '/incidents?state=open').expect(200)).body.data[0];
      expect(open).toMatchObject({ provider: 'practicehub', environment: 'sandbox', closedAt: null });
      const overview = await freshOverview(viewer);
      expect(overview.headline.level).toBe('warning');
      expect(overview.findings[0]).toMatchObject({ code: 'provider_incident', severity: 'warning' });
      expect(overview.errors.length).toBeGreaterThan(0);
      expect(overview.runs).toHaveLength(24);
      running.sandbox.practicehub.clearFaults();
      const { clinic } = made[0]!;
      await clinic.sql(`UPDATE provider_breakers SET retry_at = now()`);
      await operator('post', `/integrations/${made[0]!.id}/sync`, why).expect(200);
      await clinic.settled();
      await eventually(async () => {
        const closed = (await viewer('get', '/incidents?state=closed&provider=practicehub').expect(200)).body.data[0];
        expect(closed).toMatchObject({ id: open.id, closedAt: expect.any(String) });
      });
    }, 90_000);

    it('streams what is running', async () => {
      const { clinic, id } = await activated({ sizes: { patients: 400, '*': 0 } });
      const token = await adminToken(running, 'viewer');
      const stop = new AbortController();
      const stream = await fetch(`${running.url}/admin/api/live`, {
        headers: { authorization: `Bearer ${token}` },
        signal: stop.signal,
      });
      expect(stream.headers.get('content-type')).toMatch('text/event-stream');
      running.sandbox.practicehub.addFaults([{ kind: 'delay', delayMs: 1_500, match: { apiKey: clinic.accountKey } }]);
      await operator('post', `/integrations/${id}/sync`, { ...why, fullResync: true }).expect(200);
      const text: string[] = [];
      for await (const chunk of stream.body!) {
        text.push(Buffer.from(chunk).toString());
        if (text.join('').includes(id)) break;
      }
      expect(text.join('')).toContain('event: runs');
      stop.abort();
      running.sandbox.practicehub.clearFaults();
      await clinic.settled();
    }, 30_000);
  });
});
