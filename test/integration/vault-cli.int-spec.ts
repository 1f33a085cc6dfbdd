import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { run } from '../../src/cli/program';
import { Database, UnitOfWork } from '../../src/platform/database';
import { PlaintextSecret, Vault, VaultRotation } from '../../src/vault';
import { migratedDatabase, type TestDatabase } from '../support/database';
import { KmsStandIn } from '../support/kms-stand-in';
import { credentialOf, startVaultProcess, temporaryFolder, type VaultProcess } from './vault-context';

describe('vault and audit from the command line', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let vault: VaultProcess;
  const before = { ...process.env };

  beforeAll(async () => {
    database = await migratedDatabase();
    folder = await temporaryFolder();
    Object.assign(process.env, { DATABASE_URL: database.url, DATA_DIR: folder.path });
    vault = await startVaultProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path });
    for (let index = 0; index < 12; index++) {
      const context = credentialOf(randomUUID());
      await vault
        .get(UnitOfWork)
        .run((tx) => vault.get(Vault).seal(tx, context, PlaintextSecret.fromString(`secret ${index}`)));
    }
  }, 60_000);
  afterAll(async () => {
    process.env = before;
    await vault?.close();
    await database?.drop();
    await folder?.remove();
  });

  async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const written = { out: '', err: '' };
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += String(text)), true));
    const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += String(text)), true));
    try {
      return { code: await run(args), ...written };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  }

  it('rotates the keyring, then every secret, and says so', async () => {
    const keyring = await cli('vault', 'keyring', 'rotate', '--json');
    expect(JSON.parse(keyring.out)).toMatchObject({ keyVersion: 2 });
    expect(JSON.parse((await cli('vault', 'status', '--json')).out)).toMatchObject({ secrets: 12, onOtherKeys: 12 });
    const rotated = await cli('vault', 'rotate', '--json');
    expect(rotated.code).toBe(0);
    expect(JSON.parse(rotated.out)).toMatchObject({ state: 'done', moved: 12, verified: 12, remaining: 0 });
    const steps = rotated.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { state: string });
    expect(steps.at(-1)).toMatchObject({ state: 'done' });
    expect(JSON.parse((await cli('vault', 'status', '--json')).out)).toMatchObject({ secrets: 12, onOtherKeys: 0 });
    expect(JSON.parse((await cli('vault', 'rotate', '--reencrypt', '--json')).out)).toMatchObject({ moved: 12 });
  }, 60_000);

  it('moves every secret to a KMS key by name, and back to the local keyring, and says where new ones go', async () => {
    const kms = await KmsStandIn.start();
    const key = kms.createKey();
    Object.assign(process.env, {
      KMS_OTHER_KEY_ID: key,
      KMS_ENDPOINT: kms.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    try {
      const moved = await cli('vault', 'rotate', '--to', key, '--json');
      expect(moved.code).toBe(0);
      expect(JSON.parse(moved.out)).toMatchObject({ state: 'done', moved: 12, target: `${key}#1`, activity: null });
      expect(moved.err).toMatch(/New secrets are still sealed under local-/);
      expect(JSON.parse((await cli('vault', 'status', '--json')).out)).toMatchObject({
        onOtherKeys: 12,
        keys: [{ key: `${key}#1`, secrets: 12 }],
      });
      const back = await cli('vault', 'rotate', '--to', 'local', '--json');
      expect(JSON.parse(back.out)).toMatchObject({ state: 'done', moved: 12 });
      expect(back.err).not.toMatch(/still sealed/);
      expect(JSON.parse((await cli('vault', 'status', '--json')).out)).toMatchObject({ secrets: 12, onOtherKeys: 0 });
    } finally {
      await kms.stop();
      delete process.env['KMS_OTHER_KEY_ID'];
    }
  }, 60_000);

  it('shows the progress of a rotation that another process works on, and takes it over when that one is gone', async () => {
    const rotation = vault.get(VaultRotation);
    const { id } = await rotation.start({ mode: 'reencrypt', requestedBy: 'test' });
    const runner = randomUUID();
    const held = (until: string) =>
      vault
        .get(Database)
        .execute(`UPDATE vault_rotations SET runner = $2, lease_until = now() + $3::interval WHERE id = $1`, [
          id,
          runner,
          until,
        ]);
    await held('1 minute');
    const command = cli('vault', 'rotate', '--reencrypt', '--json');
    await sleep(1_500);
    expect(await rotation.progress(id)).toMatchObject({ activity: 'working', moved: 0 });
    await held('-1 second');
    const { code, out, err } = await command;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id, state: 'done', moved: 12 });
    expect(JSON.parse(err.split('\n')[0]!)).toMatchObject({ activity: 'working', moved: 0 });
  }, 60_000);

  it('says in words what key it does not know, and ends with 1', async () => {
    const refused = await cli('vault', 'rotate', '--to', 'nosuch');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/^The vault says: the key .* does not exist here\.$/m);
  });

  it('verifies against an anchor and moves it on; a cut tail ends with 1 and leaves the anchor', async () => {
    const anchor = path.join(folder.path, 'anchor.json');
    const first = await cli('audit', 'verify', '--anchor', anchor, '--json');
    expect(first.code).toBe(0);
    const { lastSequence } = JSON.parse(first.out) as { lastSequence: number };
    expect(lastSequence).toBeGreaterThan(12);
    const db = new Client({ connectionString: database.url });
    await db.connect();
    await db.query(`SET session_replication_role = 'replica'`);
    await db.query('DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_chain WHERE sequence = $1)', [
      lastSequence,
    ]);
    await db.query('DELETE FROM audit_chain WHERE sequence = $1', [lastSequence]);
    await db.end();
    const second = await cli('audit', 'verify', '--anchor', anchor, '--json');
    expect(second.code).toBe(1);
    expect(JSON.parse(second.out)).toMatchObject({ intact: false, faults: [{ kind: 'cut', sequence: lastSequence }] });
    expect(await cli('audit', 'verify', '--anchor', anchor)).toMatchObject({ code: 1 });
  }, 60_000);

  it('exports a line of JSON per entry', async () => {
    const { code, out } = await cli('audit', 'export');
    expect(code).toBe(0);
    const entries = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string });
    expect(entries.filter((entry) => entry.action === 'secret.sealed')).toHaveLength(12);
    expect(entries.filter((entry) => entry.action === 'secret.rewrapped')).toHaveLength(36);
  });
});
