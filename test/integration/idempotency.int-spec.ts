import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query, Res, SetMetadata } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { IsString } from 'class-validator';
import type { Response } from 'express';
import request from 'supertest';
import { ApiKeyService, Authenticated, TokenService } from '../../src/auth';
import { IdempotencyModule, IdempotentEffects, SecretResponse } from '../../src/idempotency';
import { IdempotencyService } from '../../src/idempotency/idempotency.service';
import { MerchantService } from '../../src/merchants';
import { Database, sqlOf, UnitOfWork } from '../../src/platform/database';
import { InterlockError } from '../../src/platform/errors';
import { LIST_QUERY } from '../../src/platform/http';
import { createAuthApp } from '../support/auth-app';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { eventually } from '../support/eventually';

let effects = 0;
let gate: Promise<void> | null = null;
let open: () => void = () => undefined;
/** Of who waits behind its effect. */
let end: () => void = () => undefined;

/** What a handler that notes its effect does once that is committed. */
let afterTheEffect: () => void | Promise<void> = () => undefined;

/** Handlers wait from now on, until `open` is called. */
function shutGate(): void {
  gate = new Promise((resolve) => (open = resolve));
}
const CANARY = 'apex_canarysecretcanarysecret';

class ThingDto {
  @IsString()
  name: string;
}

@Controller('v2/things')
class ThingsController {
  constructor(
    private readonly noted: IdempotentEffects,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  @Post('noted')
  @Authenticated({ scope: 'integrations:write' })
  async note(): Promise<object> {
    const outcome = await this.noted.once<{ number: number }>(async (keep) => {
      const number = ++effects;
      await gate;
      return this.unitOfWork.run(async (tx) => {
        await sqlOf(tx).execute('INSERT INTO noted_things VALUES ($1)', [number]);
        return keep(tx, { number });
      });
    });
    await afterTheEffect();
    return outcome;
  }

  @Post()
  @Authenticated({ scope: 'integrations:write' })
  async make(@Body() body: ThingDto): Promise<object> {
    const number = ++effects;
    await gate;
    return { z: number, a: body.name, at: new Date(0) };
  }

  @Put('none')
  @HttpCode(204)
  @Authenticated({ scope: 'integrations:write' })
  none(): void {
    effects++;
  }

  @Put('of/:id')
  @SetMetadata(LIST_QUERY, ['limit'])
  @Authenticated({ scope: 'integrations:write' })
  change(): object {
    return { effect: ++effects };
  }

  @Post('located')
  @Authenticated({ scope: 'integrations:write' })
  located(@Res({ passthrough: true }) response: Response): object {
    response.status(202).setHeader('Location', `/v2/things/${++effects}`);
    return { success: true };
  }

  @Post('fails')
  @Authenticated({ scope: 'integrations:write' })
  fails(
    @Query('with') code: 'conflict' | 'provider_error' | 'permission_denied' | 'rate_limited' | 'internal_error',
  ): never {
    effects++;
    if (code === 'internal_error') throw new Error('a fault');
    throw new InterlockError(code, { message: `failed ${effects}`, body: { success: false } });
  }

  @Get()
  @Authenticated({ scope: 'integrations:read' })
  read(): object {
    return { effect: ++effects };
  }

  @Delete()
  @Authenticated({ scope: 'integrations:write' })
  remove(): object {
    return { effect: ++effects };
  }
}

@Controller('api/v1')
class TokenSurfaceController {
  @Post('integrations')
  @Authenticated({ roles: ['admin'] })
  @SecretResponse()
  secret(): object {
    effects++;
    return { id: effects, secret: CANARY };
  }

  @Post('auth/authenticate')
  @Authenticated({ roles: ['admin'] })
  authenticate(): object {
    return { effect: ++effects };
  }
}

describe('Idempotency-Key', () => {
  let database: TestDatabase;
  let first: NestExpressApplication;
  let second: NestExpressApplication;
  let key: string;
  let otherKey: string;
  let merchantId: string;
  let adminToken: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    const parts = {
      controllers: [ThingsController, TokenSurfaceController],
      imports: [IdempotencyModule],
      env: { RATE_LIMIT_SANDBOX_PER_MINUTE: '0' },
      listen: true,
    };
    first = await createAuthApp(database.url, parts);
    second = await createAuthApp(database.url, parts);
    await first.get(Database).execute('CREATE TABLE noted_things (number int)');
    merchantId = (await first.get(MerchantService).create({ name: 'Acme', defaultCurrency: 'GBP' })).id;
    key = await issue(['integrations:*']);
    otherKey = await issue(['integrations:*']);
    adminToken = (
      await first.get(TokenService).issue({
        subject: 'admin',
        roles: ['admin'],
        permissions: [],
        nodeIds: [],
        ttlSeconds: 600,
        now: new Date(),
      })
    ).token;
  });

  afterAll(async () => {
    await first?.close();
    await second?.close();
    await database?.drop();
  });

  beforeEach(() => {
    effects = 0;
    gate = null;
    afterTheEffect = () => undefined;
  });

  // a test that fails must not leave a request waiting, or the suite waits for ever
  afterEach(() => {
    open();
    end();
  });

  async function issue(scopes: string[]): Promise<string> {
    const issued = await first.get(ApiKeyService).create({ merchantId, environment: 'sandbox', name: 'test', scopes });
    return issued.key.reveal();
  }

  function send(
    app: NestExpressApplication,
    idempotencyKey: string,
    options: { path?: string; body?: object; apiKey?: string; method?: 'post' | 'put' | 'get' | 'delete' } = {},
  ) {
    return request(app.getHttpServer())
      [options.method ?? 'post'](options.path ?? '/v2/things')
      .set('x-api-key', options.apiKey ?? key)
      .set('Idempotency-Key', idempotencyKey)
      .send(options.body ?? { name: 'x' });
  }

  it('replays status and body, on every process, under the present request id', async () => {
    const once = randomUUID();
    const answer = await send(first, once);
    expect([answer.status, answer.body]).toEqual([201, { z: 1, a: 'x', at: '1970-01-01T00:00:00.000Z' }]);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
    for (const app of [first, second]) {
      const again = await send(app, once).set('x-request-id', 'the-present-one');
      expect([again.status, again.text]).toEqual([201, answer.text]);
      expect(again.headers['idempotency-replayed']).toBe('true');
      expect(again.headers['content-type']).toBe(answer.headers['content-type']);
      expect(again.headers['x-request-id']).toBe('the-present-one');
    }
    expect(effects).toBe(1);
  });

  it('compares bodies as canonical JSON; another body is a conflict', async () => {
    const once = randomUUID();
    const post = (text: string) =>
      request(first.getHttpServer())
        .put('/v2/things/none')
        .set('x-api-key', key)
        .set('Idempotency-Key', once)
        .set('Content-Type', 'application/json')
        .send(text);
    expect((await post('{"a":1,"b":{"c":[1,2],"d":null}}')).status).toBe(204);
    const replayed = await post(' { "b" : {"d":null,"c":[1.0,2]}, "a":1e0 } ');
    expect([replayed.status, replayed.text, replayed.headers['idempotency-replayed']]).toEqual([204, '', 'true']);
    for (const other of ['{"a":1,"b":{"c":[2,1],"d":null}}', '{"a":"1","b":{"c":[1,2],"d":null}}', '{"a":1}', '']) {
      const answer = await post(other);
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_conflict']);
    }
    expect(effects).toBe(1);
  });

  it('gives status and content headers again that the handler chose', async () => {
    const once = randomUUID();
    await send(first, once, { path: '/v2/things/located' }).expect(202);
    const again = await send(second, once, { path: '/v2/things/located/' });
    expect([again.status, again.headers['location'], effects]).toEqual([202, '/v2/things/1', 1]);
  });

  it('a key belongs to caller, method and path', async () => {
    const once = randomUUID();
    await send(first, once).expect(201);
    const others = [
      await send(first, once, { apiKey: otherKey }),
      await send(first, once, { path: '/v2/things/located' }),
      await send(first, once, { path: '/v2/things/none', method: 'put' }),
    ];
    expect(others.map((answer) => answer.headers['idempotency-replayed'])).toEqual([undefined, undefined, undefined]);
    expect(effects).toBe(4);
  });

  it('belongs to one path, however its id is spelled', async () => {
    const [once, id] = [randomUUID(), randomUUID()];
    const replayed = async (of: string, idempotencyKey: string = once) =>
      (await send(first, idempotencyKey, { path: `/v2/things/of/${of}`, method: 'put' }).expect(200)).headers[
        'idempotency-replayed'
      ];
    expect([await replayed(id), await replayed(id.toUpperCase()), await replayed(randomUUID())]).toEqual([
      undefined,
      'true',
      undefined,
    ]);
    // what is no UUID may be two things
    expect([await replayed('abc', 'other'), await replayed('ABC', 'other')]).toEqual([undefined, undefined]);
  });

  it('belongs to what is read of the query, and to nothing else of it', async () => {
    const once = randomUUID();
    const answer = async (query: string) => {
      const { status, headers } = await send(first, once, { path: `/v2/things/of/a${query}`, method: 'put' });
      return [status, headers['idempotency-replayed']];
    };
    expect(await answer('?limit=1')).toEqual([200, undefined]);
    expect(await answer('?limit=1&other=2')).toEqual([200, 'true']);
    expect(await answer('?limit=2')).toEqual([409, undefined]);
    expect(await answer('')).toEqual([409, undefined]);
  });

  it('is ignored on GET and DELETE, even a bad one, and on /api/v1/auth', async () => {
    const bad = 'x'.repeat(300);
    for (const method of ['get', 'delete'] as const) {
      for (const sent of [bad, 'same', 'same']) {
        const answer = await send(first, sent, { method });
        expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([200, undefined]);
      }
    }
    const authenticate = () =>
      request(first.getHttpServer())
        .post('/api/v1/auth/authenticate')
        .set('Authorization', `Bearer ${adminToken}`)
        .set('Idempotency-Key', 'same');
    await authenticate().expect(201);
    await authenticate().expect(201);
    expect(effects).toBe(8);
  });

  it.each([[''], ['x'.repeat(256)], ['tab\there'], ['caf\u00e9']])('refuses the key %j', async (bad) => {
    const answer = await send(first, bad);
    expect([answer.status, answer.body.code, effects]).toEqual([400, 'invalid_request', 0]);
    expect(Object.keys(answer.body.details.fields)).toEqual(['Idempotency-Key']);
  });

  it('takes 255 printable characters', async () => {
    await send(first, `${' ~'.repeat(127)}x`.replace(/^ /, '!')).expect(201);
  });

  it('keeps 4xx answers, with the present request id', async () => {
    const once = randomUUID();
    const path = '/v2/things/fails?with=conflict';
    const answer = await send(first, once, { path });
    expect(answer.body).toMatchObject({ code: 'conflict', error: 'failed 1', success: false });
    const again = await send(second, once, { path });
    expect([again.status, again.headers['idempotency-replayed'], effects]).toEqual([409, 'true', 1]);
    expect(again.body).toEqual({ ...answer.body, requestId: again.headers['x-request-id'] });
    expect(again.body.requestId).not.toBe(answer.body.requestId);

    const invalid = randomUUID();
    const refused = await send(first, invalid, { body: { name: 1 } });
    const refusedAgain = await send(second, invalid, { body: { name: 1 } });
    expect([refused.status, refusedAgain.headers['idempotency-replayed']]).toEqual([400, 'true']);
    expect(refusedAgain.body.details).toEqual(refused.body.details);
  });

  it.each(['provider_error', 'internal_error', 'permission_denied', 'rate_limited'])(
    'does not keep %s',
    async (code) => {
      const once = randomUUID();
      const path = `/v2/things/fails?with=${code}`;
      await send(first, once, { path });
      const again = await send(first, once, { path });
      expect([again.body.code, again.headers['idempotency-replayed'], effects]).toEqual([code, undefined, 2]);
    },
  );

  it('401 and 403 are decided before the key is looked at', async () => {
    const once = randomUUID();
    await send(first, once).expect(201);
    await send(first, once, { apiKey: 'rk_sandbox_nothing' }).expect(401);
    await send(first, '', { apiKey: await issue(['sync:*']) }).expect(403);
  });

  it('100 concurrent calls with one key have one effect', async () => {
    const once = randomUUID();
    gate = new Promise((resolve) => setTimeout(resolve, 150));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => send(i % 2 ? first : second, once)));
    expect(effects).toBe(1);
    const byKind = { fresh: 0, replayed: 0, inProgress: 0 };
    for (const answer of answers) {
      if (answer.status === 409) {
        expect(answer.body.code).toBe('idempotency_in_progress');
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        byKind.inProgress++;
      } else {
        expect([answer.status, answer.body.z]).toEqual([201, 1]);
        byKind[answer.headers['idempotency-replayed'] ? 'replayed' : 'fresh']++;
      }
    }
    expect(byKind.fresh).toBe(1);
    expect(byKind.inProgress).toBeGreaterThan(0);
    expect((await send(second, once)).headers['idempotency-replayed']).toBe('true');
  });

  it('while the first one runs: in progress for the same body, conflict for another', async () => {
    const once = randomUUID();
    shutGate();
    const running = send(first, once).then((answer) => answer);
    await eventually(() => expect(effects).toBe(1));
    expect((await send(second, once)).body.code).toBe('idempotency_in_progress');
    expect((await send(second, once, { body: { name: 'other' } })).body.code).toBe('idempotency_conflict');
    open();
    expect((await running).status).toBe(201);
  });

  it('a lease that lapsed is taken over by the same request only, and its old holder stores nothing', async () => {
    const once = randomUUID();
    shutGate();
    // stands for a process that was killed, or stopped for longer than its lease
    const stuck = send(first, once).then((answer) => answer);
    await eventually(() => expect(effects).toBe(1));
    await first.get(Database).execute(`UPDATE idempotency_records SET lease_until = now() WHERE state = 'running'`);
    gate = null;
    expect((await send(second, once, { body: { name: 'other' } })).body.code).toBe('idempotency_conflict');
    const retried = await send(second, once);
    expect([retried.status, retried.body.z, retried.headers['idempotency-replayed']]).toEqual([201, 2, undefined]);
    open();
    expect((await stuck).body.z).toBe(1);
    expect((await send(first, once)).body.z).toBe(2);
  });

  describe('of an operation that notes its effect', () => {
    const path = '/v2/things/noted';
    const done = () => first.get(Database).query('DELETE FROM noted_things RETURNING number');

    it('lets it have one: the second of two tries that run at once is rolled back', async () => {
      const once = randomUUID();
      shutGate();
      const stuck = send(first, once, { path }).then((answer) => answer);
      await eventually(() => expect(effects).toBe(1));
      await first.get(Database).execute(`UPDATE idempotency_records SET lease_until = now() WHERE state = 'running'`);
      gate = null;
      let noted = false;
      const ended = new Promise<void>((resolve) => (end = resolve));
      afterTheEffect = () => {
        noted = true;
        return ended;
      };
      const retried = send(second, once, { path }).then((answer) => answer);
      await eventually(() => expect(noted).toBe(true));
      // the other has had the effect, and no answer yet
      open();
      const { status, body } = await stuck;
      expect([status, body.code]).toEqual([409, 'idempotency_in_progress']);
      end();
      expect((await retried).body).toEqual({ number: 2 });
      expect(await done()).toEqual([{ number: 2 }]);
    });

    it('does not forget it when the answer is an error: the repetition gives the answer and does nothing', async () => {
      const once = randomUUID();
      afterTheEffect = () => {
        afterTheEffect = () => undefined;
        throw new InterlockError('provider_error');
      };
      expect((await send(first, once, { path })).body.code).toBe('provider_error');
      expect((await send(second, once, { path }).expect(201)).body).toEqual({ number: 1 });
      expect([effects, await done()]).toEqual([1, [{ number: 1 }]]);
    });
  });

  it('keeps the answer when the client went away', async () => {
    const once = randomUUID();
    shutGate();
    const call = send(first, once);
    const gone = call.then(
      () => 'answered',
      () => 'gone',
    );
    await eventually(() => expect(effects).toBe(1));
    call.abort();
    expect(await gone).toBe('gone');
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    await eventually(async () => expect((await send(second, once)).headers['idempotency-replayed']).toBe('true'));
    expect(effects).toBe(1);
  });

  it('after 24 hours a key is new', async () => {
    const once = randomUUID();
    await send(first, once).expect(201);
    await first.get(Database).execute(`UPDATE idempotency_records SET expires_at = now()`);
    const again = await send(first, once, { body: { name: 'other' } });
    expect([again.status, again.headers['idempotency-replayed'], effects]).toEqual([201, undefined, 2]);
  });

  it('an answer that holds a secret is kept sealed, and shredded at its end', async () => {
    const post = (app: NestExpressApplication) =>
      request(app.getHttpServer())
        .post('/api/v1/integrations')
        .set('Authorization', `Bearer ${adminToken}`)
        .set('Idempotency-Key', 'a-secret')
        .send({ name: 'x' });
    const answer = await post(first);
    expect([answer.status, answer.body.secret]).toEqual([201, CANARY]);
    const again = await post(second);
    expect([again.text, again.headers['idempotency-replayed']]).toEqual([answer.text, 'true']);
    const sql = first.get(Database);
    const dump = async () => {
      const rows = await sql.query<{ dump: string }>(
        `SELECT concat((SELECT string_agg(r::text, ' ') FROM idempotency_records r),
                       (SELECT string_agg(s::text, ' ') FROM sealed_secrets s),
                       (SELECT string_agg(a::text, ' ') FROM audit_entries a)) AS dump`,
      );
      return rows[0]!.dump;
    };
    expect(await dump()).not.toContain(CANARY);
    expect(await dump()).not.toContain(Buffer.from(CANARY).toString('hex'));
    expect(await dump()).not.toContain('a-secret');
    const sealed = await sql.query<{ id: string }>(
      'SELECT secret_id AS id FROM idempotency_records WHERE secret_id IS NOT NULL',
    );
    expect(sealed).toHaveLength(1);
    await sql.execute(`UPDATE idempotency_records SET expires_at = now() WHERE secret_id IS NOT NULL`);
    expect(await first.get(IdempotencyService).removeExpired(1_000)).toBeGreaterThanOrEqual(1);
    expect(await sql.query('SELECT id FROM idempotency_records WHERE secret_id IS NOT NULL')).toEqual([]);
    expect(
      await sql.query('SELECT wrapped_key AS "wrappedKey" FROM sealed_secrets WHERE id = $1', [sealed[0]!.id]),
    ).toEqual([{ wrappedKey: null }]);
  });

  it('refuses a body that is nested too deeply to be compared', async () => {
    const deep = `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const answer = await request(first.getHttpServer())
      .put('/v2/things/none')
      .set('x-api-key', key)
      .set('Idempotency-Key', randomUUID())
      .set('Content-Type', 'application/json')
      .send(deep);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  });
});
