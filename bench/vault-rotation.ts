import 'reflect-metadata';
import { Client } from 'pg';
import { VaultRotation } from '../src/vault';
import { ALGORITHM, encrypt, fingerprintOf } from '../src/vault/envelope';
import { KeyManagement } from '../src/vault/key-management';
import { AAD_VERSION, encryptionContext } from '../src/vault/seal-context';
import { randomUUID } from 'node:crypto';
import { startTestPostgres } from '../test/support/postgres';
import { POSTGRES_URL_VARIABLE } from '../test/support/global-postgres';
import { migratedDatabase } from '../test/support/database';
import { credentialOf, startVaultProcess, temporaryFolder } from '../test/integration/vault-context';

const SECRETS = Number(process.argv[2] ?? 20_000);
const TARGET_PER_SECOND = 3_000;

/** How many credentials a second are re-wrapped on the local keyring, with their audit entries, and opened at the end. */
async function main(): Promise<void> {
  const server = process.env[POSTGRES_URL_VARIABLE] ? null : await startTestPostgres();
  if (server) process.env[POSTGRES_URL_VARIABLE] = server.url;
  const database = await migratedDatabase();
  const folder = await temporaryFolder();
  const vault = await startVaultProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path });
  const db = new Client({ connectionString: database.url });
  await db.connect();
  try {
    await fill(db, vault.get(KeyManagement));
    const rotation = vault.get(VaultRotation);
    for (const mode of ['rewrap', 'reencrypt'] as const) {
      await rotation.rotateKeyring('bench');
      const { id } = await rotation.start({ mode, requestedBy: 'bench' });
      const begun = performance.now();
      let movedAt = begun;
      const ended = await rotation.run(id, {
        onProgress: (progress) => {
          if (progress.state === 'moving') movedAt = performance.now();
        },
      });
      const moving = (movedAt - begun) / 1000;
      const verifying = (performance.now() - movedAt) / 1000;
      if (ended.state !== 'done' || ended.moved !== SECRETS) throw new Error(JSON.stringify(ended));
      console.log(
        `${mode}: ${Math.round(SECRETS / moving)}/s moved (${moving.toFixed(2)} s for ${SECRETS}), ` +
          `${Math.round(SECRETS / verifying)}/s opened (${verifying.toFixed(2)} s)` +
          (mode === 'rewrap'
            ? `, ratio to the target of ${TARGET_PER_SECOND}/s: ${(SECRETS / moving / TARGET_PER_SECOND).toFixed(2)}`
            : ''),
      );
    }
  } finally {
    await db.end();
    await vault.close();
    await database.drop();
    await folder.remove();
    await server?.stop();
  }
}

async function fill(db: Client, keys: KeyManagement): Promise<void> {
  for (let done = 0; done < SECRETS; done += 1_000) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(1_000, SECRETS - done) }, async () => {
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

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
