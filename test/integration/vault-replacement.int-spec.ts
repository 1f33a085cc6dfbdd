import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { UnitOfWork } from '../../src/platform/database';
import { PlaintextSecret, Vault, VaultRotation } from '../../src/vault';
import { credentialOf, startVaultWorld, type VaultProcess, type VaultWorld } from './vault-context';

describe('what replaces the content of a secret', () => {
  let world: VaultWorld;
  let one: VaultProcess;
  let other: VaultProcess;
  let db: Client;
  let owner: string;
  let id: string;
  beforeAll(async () => {
    world = await startVaultWorld();
    ({ one, other, db } = world);
  }, 60_000);
  afterAll(() => world?.stop());

  const run = <T>(work: Parameters<UnitOfWork['run']>[0]) => one.get(UnitOfWork).run(work) as Promise<T>;
  const sealer = () => one.get(Vault).replacementSealer(id, credentialOf(owner));
  const open = async (process = one) =>
    (await process.get(Vault).open(id, credentialOf(owner), { purpose: 'test' })).reveal();
  const text = (value: string) => PlaintextSecret.fromString(value);
  const replace = (replacement: Parameters<Vault['replace']>[1]) =>
    run<boolean>((tx) => one.get(Vault).replace(tx, replacement));

  beforeEach(async () => {
    owner = randomUUID();
    id = await run((tx) => one.get(Vault).seal(tx, credentialOf(owner), text('first')));
  });

  it('opens in every process, under the same data key and with one audit entry', async () => {
    expect(await open(other)).toBe('first');
    const key = async () => (await db.query('SELECT wrapped_key FROM sealed_secrets WHERE id = $1', [id])).rows[0];
    const before = await key();
    const { seal, end } = await sealer();
    const replacement = seal(text('second'));
    end();
    expect(await replace(replacement)).toBe(true);
    expect([await open(), await open(other)]).toEqual(['second', 'second']);
    expect(await key()).toEqual(before);
    const { rows } = await db.query(
      `SELECT details FROM audit_entries WHERE subject_id = $1 AND action = 'secret.replaced'`,
      [id],
    );
    expect(rows).toMatchObject([{ details: { fingerprint: replacement.fingerprint, was: replacement.was } }]);
    expect(JSON.stringify(rows)).not.toMatch(/first|second/);
  });

  it('does not come where the content was replaced since, or the secret is destroyed', async () => {
    const { seal } = await sealer();
    const [second, third] = [seal(text('second')), seal(text('third'))];
    expect(await replace(second)).toBe(true);
    expect(await replace(third)).toBe(false);
    expect(await open()).toBe('second');
    const late = (await sealer()).seal(text('fourth'));
    await run((tx) => one.get(Vault).destroy(tx, id));
    expect(await replace(late)).toBe(false);
    await expect(open()).rejects.toMatchObject({ reason: 'secret_destroyed' });
  });

  it('does not come where a rotation has sealed the secret anew, and nothing is sealed under a key that is gone', async () => {
    const { seal } = await sealer();
    const rotation = one.get(VaultRotation);
    await rotation.rotateKeyring('test');
    const { id: pass } = await rotation.start({ mode: 'reencrypt', requestedBy: 'test' });
    await rotation.run(pass, { batchSize: 10 });
    expect(await replace(seal(text('second')))).toBe(false);
    expect(await open(other)).toBe('first');
    expect(await replace((await sealer()).seal(text('second')))).toBe(true);
    expect(await open(other)).toBe('second');
  });

  it('is not undone by a rotation that has read the secret before', async () => {
    const { seal } = await sealer();
    const { rows } = await db.query('SELECT generation FROM sealed_secrets WHERE id = $1', [id]);
    expect(await replace(seal(text('second')))).toBe(true);
    const after = await db.query('SELECT generation FROM sealed_secrets WHERE id = $1', [id]);
    expect(after.rows[0].generation).toBe(rows[0].generation + 1);
  });

  it('is sealed by nobody but the owner', async () => {
    await expect(one.get(Vault).replacementSealer(id, credentialOf(randomUUID()))).rejects.toMatchObject({
      reason: 'context_mismatch',
    });
  });
});
