import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';

/**
 * That many merchants with one active integration, its schedule and its health each, written in bulk: due once a
 * week, none today, sealed under a key that nobody has. Runs that open a credential need integrations activated over
 * HTTP.
 */
export async function fillIntegrations(client: Client, count: number): Promise<void> {
  const configuration = { syncIntervalMinutes: 10_080, syncProducts: false, syncPackages: false, syncInvoices: false };
  await client.query('BEGIN');
  await client.query(
    `CREATE TEMPORARY TABLE fill ON COMMIT DROP AS
     SELECT gen_random_uuid() AS integration, gen_random_uuid() AS merchant, gen_random_uuid() AS secret, n
     FROM generate_series(1, $1::int) AS n`,
    [count],
  );
  await client.query(
    `INSERT INTO merchants (id, name, default_currency) SELECT merchant, 'Merchant ' || n, 'GBP' FROM fill`,
  );
  await client.query(
    `INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext, wrapped_key,
       key_id, key_version, fingerprint)
     SELECT secret, 'integration_credential', integration, jsonb_build_object('integration', integration), 'aes-256-gcm', 1,
       '\\x000000000000000000000000', '\\x00000000000000000000000000000000', '\\x00', '\\x00', $1, 1, md5(n::text) FROM fill`,
    [`bench-${randomUUID()}`],
  );
  await client.query(
    `INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id, credential_id)
     SELECT integration, merchant, 'live', 'practicehub', 'active', true, $1, 'account-' || n, secret FROM fill`,
    [JSON.stringify(configuration)],
  );
  await client.query(`INSERT INTO sync_health (integration_id) SELECT integration FROM fill`);
  await client.query(
    `INSERT INTO sync_schedules (integration_id, interval_ms, offset_ms, next_due_at)
     SELECT integration, 604800000, (n::bigint * 7919777) % 604800000, now() + interval '1 day' * (1 + random()) FROM fill`,
  );
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE');
}
