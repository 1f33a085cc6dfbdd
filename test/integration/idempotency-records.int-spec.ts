import { randomBytes, randomUUID } from 'node:crypto';
import { Digests } from '../../src/idempotency/digests';
import { IdempotencyRepository } from '../../src/idempotency/store/idempotency.repository';
import { UnitOfWork, type Tx } from '../../src/platform/database';
import { Vault } from '../../src/vault';
import { startTestApp, type TestApp } from '../support/app';
import { lockWaits } from '../support/lock-waits';
import { statement } from '../support/statements';

const LEASE_MS = 30_000;
const LIFETIME_MS = 3_600_000;
const ANSWER = { status: 201, headers: { location: '/v2/things/1' }, answer: '{"data":1}', secretId: null };

describe('the record of an idempotent request', () => {
  let running: TestApp;
  let records: IdempotencyRepository;
  let request: { scope: Buffer; fingerprint: Buffer };
  let id: string;
  let token: string;

  beforeAll(async () => {
    running = await startTestApp({ environment: { ROLE: 'api' } });
    records = running.app.get(IdempotencyRepository, { strict: false });
  }, 60_000);
  afterAll(() => running.close());
  beforeEach(async () => {
    await sql('DELETE FROM idempotency_records');
    request = { scope: randomBytes(32), fingerprint: randomBytes(32) };
    token = randomUUID();
    id = (await claim(token))!;
  });

  const sql = (text: string, values?: unknown[]) =>
    statement<Record<string, any>>(running.config.database.url, text, values);
  const database = { sql: (text: string, values?: unknown[]): Promise<any[]> => sql(text, values) };
  const inTransaction = <T>(work: (tx: Tx) => Promise<T>) => running.app.get(UnitOfWork).run(work);
  const claim = (leaseToken: string, of = request) =>
    records.claim({ id: randomUUID(), ...of, leaseToken, leaseMs: LEASE_MS, lifetimeMs: LIFETIME_MS });
  const row = async (of = id) => (await sql('SELECT * FROM idempotency_records WHERE id = $1', [of]))[0];
  const lapse = () => sql(`UPDATE idempotency_records SET lease_until = now() WHERE id = $1`, [id]);
  const expire = () => sql(`UPDATE idempotency_records SET expires_at = now() WHERE id = $1`, [id]);
  const complete = (by = token) => inTransaction((tx) => records.complete(tx, id, by, ANSWER));
  const keepEffect = () => inTransaction((tx) => records.keepEffect(tx, id, { effect: '7', secretId: null }));
  const leftMs = async (column: 'lease_until' | 'expires_at') =>
    (await sql(`SELECT 1000 * extract(epoch FROM ${column} - now())::float8 AS ms FROM idempotency_records`))[0]!['ms'];

  it('has digests of one key, which the first of several processes makes', async () => {
    await sql('DELETE FROM idempotency_digest_key');
    const digest = () =>
      new Digests(records, running.app.get(Vault, { strict: false }), running.app.get(UnitOfWork)).digest('scope', 'a');
    let digests: Promise<Buffer[]>;
    await inTransaction(async (tx) => {
      await records.lockDigestKey(tx);
      digests = Promise.all([digest(), digest()]);
      await lockWaits(database, 2);
    });
    const [first, second] = await digests!;
    expect(second).toEqual(first);
    expect(await sql('SELECT 1 FROM idempotency_digest_key')).toHaveLength(1);
  });

  it('has digests that are the same in every process, also after a failure to make one', async () => {
    const process = () => new Digests(records, running.app.get(Vault, { strict: false }), running.app.get(UnitOfWork));
    const [first, second] = [process(), process()];
    jest.spyOn(records, 'findDigestKey').mockRejectedValueOnce(new Error('away'));
    await expect(first.digest('scope', 'a', 'bc')).rejects.toThrow('away');
    const digest = await first.digest('scope', 'a', 'bc');
    expect(await second.digest('scope', 'a', 'bc')).toEqual(digest);
    for (const other of [
      ['scope', 'ab', 'c'],
      ['body', 'a', 'bc'],
      ['scope', 'a'],
      ['scope', 'abc'],
    ] as const) {
      const [domain, ...parts] = other;
      expect(await second.digest(domain, ...parts)).not.toEqual(digest);
    }
  });

  it('is the one of its scope while its lease is good', async () => {
    expect(await claim(randomUUID())).toBeNull();
    expect(await leftMs('lease_until')).toBeLessThanOrEqual(LEASE_MS);
    expect(await leftMs('lease_until')).toBeGreaterThan(LEASE_MS - 20_000);
    expect(await leftMs('expires_at')).toBeGreaterThan(LIFETIME_MS - 20_000);
    expect(await records.find(request.scope)).toMatchObject({ id, state: 'running', expired: false });
    expect(await records.find(randomBytes(32))).toBeNull();
    expect(await claim(randomUUID(), { ...request, scope: randomBytes(32) })).not.toBeNull();
  });

  it('is taken over by the same request once the lease has lapsed', async () => {
    await lapse();
    expect(await claim(randomUUID(), { ...request, fingerprint: randomBytes(32) })).toBeNull();
    const second = randomUUID();
    expect(await claim(second)).toBe(id);
    expect(await row()).toMatchObject({ lease_token: second });
    expect(await leftMs('lease_until')).toBeGreaterThan(LEASE_MS - 20_000);
    expect(await claim(randomUUID())).toBeNull();
  });

  it('is not taken over when it has its answer, nor when its time is over', async () => {
    await complete();
    await lapse();
    expect(await claim(randomUUID())).toBeNull();
    const over = { ...request, scope: randomBytes(32) };
    await claim(randomUUID(), over);
    await sql(`UPDATE idempotency_records SET lease_until = now(), expires_at = now() WHERE state = 'running'`);
    expect(await claim(randomUUID(), over)).toBeNull();
    expect(await records.find(over.scope)).toMatchObject({ expired: true });
  });

  it('is prolonged for its holder while it runs', async () => {
    await lapse();
    expect(await records.renew(id, randomUUID(), LEASE_MS)).toBe(false);
    expect(await records.renew(randomUUID(), token, LEASE_MS)).toBe(false);
    expect(await leftMs('lease_until')).toBeLessThanOrEqual(0);
    expect(await records.renew(id, token, LEASE_MS)).toBe(true);
    expect(await leftMs('lease_until')).toBeGreaterThan(LEASE_MS - 20_000);
    await complete();
    expect(await records.renew(id, token, LEASE_MS)).toBe(false);
  });

  it('takes the answer of its holder, once', async () => {
    const other = (await claim(token, { ...request, scope: randomBytes(32) }))!;
    expect(await complete(randomUUID())).toBe(false);
    expect(await row()).toMatchObject({ state: 'running', status: null, answer: null });
    expect(await complete()).toBe(true);
    const { secretId, ...answer } = ANSWER;
    expect(await row()).toMatchObject({ state: 'done', ...answer, secret_id: secretId });
    expect(await row(other)).toMatchObject({ state: 'running' });
    expect(await complete()).toBe(false);
  });

  it('is gone when its holder gives it up, unless there is an answer', async () => {
    await records.release(id, randomUUID());
    expect(await row()).toBeDefined();
    const other = (await claim(token, { ...request, scope: randomBytes(32) }))!;
    await complete();
    await records.release(id, token);
    await records.release(other, token);
    expect([await row(), await row(other)]).toEqual([expect.anything(), undefined]);
  });

  it('stays with its effect, for the next try, when its holder gives it up', async () => {
    expect(await records.findEffect(id)).toBeNull();
    expect(await keepEffect()).toBe(true);
    expect(await keepEffect()).toBe(false);
    const before = await row();
    await records.release(id, randomUUID());
    expect(await row()).toEqual(before);
    await records.release(id, token);
    expect(await leftMs('lease_until')).toBeLessThanOrEqual(0);
    expect(await claim(randomUUID())).toBe(id);
    expect(await records.findEffect(id)).toEqual({ effect: '7', secretId: null });
    expect(await records.findEffect(randomUUID())).toBeNull();
  });

  it('takes no effect after its answer, and none of another', async () => {
    const other = (await claim(token, { ...request, scope: randomBytes(32) }))!;
    await keepEffect();
    expect(await row(other)).toMatchObject({ effect: null });
    await complete();
    await sql('UPDATE idempotency_records SET effect = NULL WHERE id = $1', [id]);
    expect(await keepEffect()).toBe(false);
  });

  it('is ended when its time is over, by one process, and no other waits for it', async () => {
    const expired = (limit = 10) => inTransaction((tx) => records.lockExpired(tx, limit));
    const ofScope = () => inTransaction((tx) => records.lockExpiredScope(tx, request.scope));
    expect([await expired(), await ofScope()]).toEqual([[], null]);
    await expire();
    const ended = { id, secretId: null, effectSecretId: null };
    await inTransaction(async (tx) => {
      expect(await records.lockExpired(tx, 10)).toEqual([ended]);
      expect(await expired()).toEqual([]);
    });
    let second: Promise<unknown> | undefined;
    await inTransaction(async (tx) => {
      expect(await records.lockExpiredScope(tx, request.scope)).toEqual(ended);
      second = ofScope();
      await lockWaits(database);
      await records.delete(tx, [id]);
    });
    expect(await second).toBeNull();
  });

  it('is ended after those that are over for longer, so many at once', async () => {
    const ids = [id, ...(await Promise.all([1, 2].map(() => claim(token, { ...request, scope: randomBytes(32) }))))];
    const order = [ids[1], ids[2], ids[0]];
    for (const [age, of] of order.entries()) {
      await sql(`UPDATE idempotency_records SET expires_at = now() - $2 * interval '1 minute' WHERE id = $1`, [
        of,
        9 - age,
      ]);
    }
    const found = await inTransaction((tx) => records.lockExpired(tx, 2));
    expect(found.map((one) => one.id)).toEqual(order.slice(0, 2));
    await inTransaction((tx) => records.delete(tx, [ids[1]!]));
    expect(await sql('SELECT 1 FROM idempotency_records')).toHaveLength(2);
  });
});
