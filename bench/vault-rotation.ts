import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { VaultRotation } from '../src/vault';
import { ALGORITHM, encrypt, fingerprintOf } from '../src/vault/envelope';
import { KeyManagement } from '../src/vault/key-management';
import { AAD_VERSION, encryptionContext } from '../src/vault/seal-context';
import { credentialOf, startVaultProcess, temporaryFolder } from '../test/integration/vault-context';
import { migratedDatabase } from '../test/support/database';
import { benchmark, type Sample } from './support/benchmark';
import { startBenchPostgres } from './support/postgres';

/**
 * How many credentials a second move to a new key on the local keyring, with their audit entries, and open at the end.
 */
const MODES = ['rewrap', 'reencrypt'] as const;

benchmark({ sizes: { secrets: { full: 20_000, quick: 300 } } }, async ({ runs, sizes: { secrets }, log, report }) => {
  const server = await startBenchPostgres();
  const database = await migratedDatabase();
  const folder = await temporaryFolder();
  const vault = await startVaultProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path });
  const db = new Client({ connectionString: database.url });
  await db.connect();
  try {
    await fill(db, vault.get(KeyManagement), secrets);
    const rotation = vault.get(VaultRotation);
    const moved: Record<(typeof MODES)[number], Sample[]> = { rewrap: [], reencrypt: [] };
    for (let run = 0; run < runs; run++) {
      for (const mode of MODES) {
        await rotation.rotateKeyring('bench');
        const { id } = await rotation.start({ mode, requestedBy: 'bench' });
        const begun = performance.now();
        let movedAt = begun;
        const ended = await rotation.run(id, {
          onProgress: (progress) => {
            if (progress.state === 'moving') movedAt = performance.now();
          },
        });
        if (ended.state !== 'done' || ended.moved !== secrets) throw new Error(JSON.stringify(ended));
        const perSecond = secrets / ((movedAt - begun) / 1000);
        const openedPerSecond = secrets / ((performance.now() - movedAt) / 1000);
        log(
          `${mode}: ${Math.round(perSecond)}/s moved, ${Math.round(openedPerSecond)}/s opened, ${secrets} credentials`,
        );
        moved[mode].push({ ours: perSecond });
      }
    }
    for (const mode of MODES) report(`vault-rotation.${mode}`, moved[mode], `${secrets} credentials`);
  } finally {
    await db.end();
    await vault.close();
    await database.drop();
    await folder.remove();
    await server.stop();
  }
});

async function fill(db: Client, keys: KeyManagement, secrets: number): Promise<void> {
  for (let done = 0; done < secrets; done += 1_000) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(1_000, secrets - done) }, async () => {
        const owner = randomUUID();
        const context = encryptionContext(credentialOf(owner));
        const { plaintext, wrapped } = await keys.generateDataKey(context);
        const sealed = encrypt(
          plaintext,
          context,
          Buffer.from(`{"apiKey":"phx-${owner}","baseUrl":"https://a.example"}`),
        );
        return { owner, context, wrapped, sealed };
      }),
    );
    await db.query(
      `INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext, wrapped_key,
         key_id, key_version, fingerprint)
       SELECT gen_random_uuid(), 'integration_credential', v.owner, v.context, '${ALGORITHM}', ${AAD_VERSION}, v.nonce, v.tag,
         v.ciphertext, v.wrapped, v.key_id, v.key_version, v.fingerprint
       FROM unnest($1::text[], $2::jsonb[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[], $8::integer[], $9::text[])
         AS v (owner, context, nonce, tag, ciphertext, wrapped, key_id, key_version, fingerprint)`,
      [
        rows.map((row) => row.owner),
        rows.map((row) => JSON.stringify(row.context)),
        rows.map((row) => row.sealed.nonce),
        rows.map((row) => row.sealed.tag),
        rows.map((row) => row.sealed.ciphertext),
        rows.map((row) => row.wrapped.bytes),
        rows.map((row) => row.wrapped.keyId),
        rows.map((row) => row.wrapped.keyVersion),
        rows.map((row) => fingerprintOf(row.sealed)),
      ],
    );
  }
}
