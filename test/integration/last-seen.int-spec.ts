import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeyService } from '../../src/auth';
import { LastUsedTracker } from '../../src/auth/last-used-tracker';
import { ApiKeyRepository } from '../../src/auth/store/api-key.repository';
import { MerchantService } from '../../src/merchants';
import { OperatorSightings } from '../../src/operators';
import { OperatorRepository } from '../../src/operators/store/operator.repository';
import { Clock } from '../../src/platform/clock';
import { openContext } from '../support/context';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { statement } from '../support/statements';

describe('when callers were last seen', () => {
  let database: TestDatabase;
  let app: INestApplicationContext;
  beforeAll(async () => {
    database = await migratedDatabase();
    app = await openContext({ DATABASE_URL: database.url });
  }, 120_000);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  const sql = (text: string, values: unknown[] = []) => statement<Record<string, unknown>>(database.url, text, values);
  /** Each has its own memory, as a process has. */
  const sightings = () => new OperatorSightings(app.get(OperatorRepository, { strict: false }), app.get(Clock));
  const seen = async (by: OperatorSightings, subject: string, role: string) => {
    by.mark(subject, [role]);
    await by.flush();
  };
  const rowOf = async (subject: string) =>
    (await sql('SELECT roles, last_seen_at, xmin::text FROM operators WHERE subject = $1', [subject]))[0];

  it('has the roles of the token that was used last, whichever process saw it', async () => {
    const [first, second] = [sightings(), sightings()];
    await seen(first, 'ned', 'viewer');
    await seen(second, 'ned', 'admin');
    expect(await rowOf('ned')).toMatchObject({ roles: ['admin'] });
    await seen(first, 'ned', 'viewer');
    expect(await rowOf('ned')).toMatchObject({ roles: ['viewer'] });
  });

  it('touches no row for a minute where the roles are the same', async () => {
    const [first, second] = [sightings(), sightings()];
    await seen(first, 'ola', 'viewer');
    const written = await rowOf('ola');
    await seen(first, 'ola', 'viewer');
    await seen(second, 'ola', 'viewer');
    expect(await rowOf('ola')).toEqual(written);
    await sql(`UPDATE operators SET last_seen_at = now() - interval '61 s' WHERE subject = 'ola'`);
    await seen(first, 'ola', 'viewer');
    expect((await rowOf('ola'))!['last_seen_at']).toBeInstanceOf(Date);
    expect(
      await sql(`SELECT 1 FROM operators WHERE subject = 'ola' AND last_seen_at > now() - interval '30 s'`),
    ).toEqual([expect.anything()]);
  });

  it('does not have an older session of the OpenID provider change its roles', async () => {
    await sql(`INSERT INTO operators (subject, roles, sign_in_method, last_seen_at)
               VALUES ('oidc:pia', '{}', 'openid_connect', now() - interval '1 hour')`);
    await seen(sightings(), 'oidc:pia', 'admin');
    const { roles } = (await rowOf('oidc:pia'))!;
    expect(roles).toEqual([]);
  });

  it('writes the next use when a write has failed', async () => {
    const { id: merchantId } = await app
      .get(MerchantService, { strict: false })
      .create({ name: 'M', defaultCurrency: 'GBP' });
    const keys = app.get(ApiKeyService, { strict: false });
    const { id } = (await keys.create({ merchantId, environment: 'live', name: 'k', scopes: ['integrations:*'] }))
      .apiKey;
    const tracker = new LastUsedTracker(app.get(ApiKeyRepository, { strict: false }), app.get(Clock));
    tracker.mark(id, null);
    await sql('ALTER TABLE api_keys RENAME COLUMN last_used_at TO away');
    await expect(tracker.flush()).rejects.toThrow(/last_used_at/);
    await sql('ALTER TABLE api_keys RENAME COLUMN away TO last_used_at');
    tracker.mark(id, null);
    await tracker.flush();
    expect((await keys.find(id))!.lastUsedAt).not.toBeNull();
  });
});
