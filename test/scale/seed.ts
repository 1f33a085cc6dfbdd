import { createHash } from 'node:crypto';
import { ApiKeyService } from '../../src/auth';
import { credentialContext, credentialSecret } from '../../src/integrations';
import { Vault } from '../../src/vault';
import { openContext } from '../support/context';
import { accountKey, slotOf } from './accounts';
import type { Fleet } from './fleet';

const BATCH = 500;
/** Not before anybody is asked to: the phases of the run say when what is due. */
export const NEVER_MS = 1_000_000_000;

export interface SeedOptions {
  readonly seed: number;
  readonly perMerchant: number;
}

/**
 * Integrations as activation leaves them, in bulk: credentials really sealed by the vault, a schedule, a health row.
 * Their accounts are opened at the simulator. Returns the ids, in the order of their numbers.
 */
export async function seedIntegrations(
  fleet: Fleet,
  options: SeedOptions,
  from: number,
  to: number,
): Promise<string[]> {
  const app = await openContext(fleet.environment);
  const ids: string[] = [];
  try {
    const vault = app.get(Vault);
    for (let start = from; start < to; start += BATCH) {
      const end = Math.min(start + BATCH, to);
      await fleet.simulator.open(start, end);
      const rows = [];
      for (let index = start; index < end; index++) {
        const row = await prepare(fleet, vault, options, index);
        ids.push(row.id);
        rows.push(row);
      }
      await insert(fleet, rows);
    }
    return ids;
  } finally {
    await app.close();
  }
}

/** Keys of the first merchants, for readers of their feeds. */
export async function issueKeys(fleet: Fleet, seed: number, merchants: number): Promise<string[]> {
  const app = await openContext(fleet.environment);
  try {
    const keys: string[] = [];
    for (let merchant = 0; merchant < merchants; merchant++) {
      const issued = await app.get(ApiKeyService).create({
        merchantId: idOf(seed, 'merchant', merchant),
        environment: 'sandbox',
        name: 'scale',
        scopes: ['integrations:*', 'sync:*'],
      });
      keys.push(issued.key.reveal());
    }
    return keys;
  } finally {
    await app.close();
  }
}

async function prepare(fleet: Fleet, vault: Vault, { seed, perMerchant }: SeedOptions, index: number) {
  const { provider, environment } = slotOf(index, perMerchant);
  const origin = fleet.simulator.url;
  const path = { practicehub: '/api', wodify: '/v1', terminal: '' }[provider];
  const baseUrl = `${origin}/sandbox/${provider}${path}`;
  const merchant = Math.floor(index / perMerchant);
  const owner = { id: idOf(seed, 'integration', index), merchantId: idOf(seed, 'merchant', merchant) };
  const plaintext = credentialSecret({ apiKey: accountKey(index), baseUrl });
  const secret = await vault.prepare(credentialContext({ ...owner, environment, provider }), plaintext);
  plaintext.wipe();
  const { envelope } = secret;
  return {
    ...owner,
    merchant,
    environment,
    provider,
    configuration: configurationOf(baseUrl, provider === 'terminal' ? 15 : 60, accountKey(index).slice(-4)),
    account_id: origin,
    secret_id: String(secret.id),
    context: secret.context,
    fingerprint: secret.fingerprint,
    algorithm: envelope.algorithm,
    aad_version: envelope.aadVersion,
    nonce: envelope.nonce.toString('hex'),
    tag: envelope.tag.toString('hex'),
    ciphertext: envelope.ciphertext.toString('hex'),
    wrapped_key: envelope.wrappedKey.bytes.toString('hex'),
    key_id: envelope.wrappedKey.keyId,
    key_version: envelope.wrappedKey.keyVersion,
  };
}

function configurationOf(baseUrl: string, syncIntervalMinutes: number, credentialHint: string) {
  return {
    syncIntervalMinutes,
    currency: 'GBP',
    timezone: null,
    invoiceLookbackDays: 90,
    syncPatients: true,
    syncProducts: true,
    syncPackages: true,
    syncInvoices: true,
    pushPayments: false,
    autoSendInvoices: false,
    baseUrl,
    credentialHint,
  };
}

async function insert(fleet: Fleet, rows: readonly object[]): Promise<void> {
  await fleet.sql(
    `WITH seeded AS MATERIALIZED (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, "merchantId" uuid, merchant int, environment text,
         provider text, configuration jsonb, account_id text, secret_id uuid, context jsonb, fingerprint text,
         algorithm text, aad_version smallint, nonce text, tag text, ciphertext text, wrapped_key text, key_id text,
         key_version int)),
     merchants AS (
       INSERT INTO merchants (id, name, default_currency)
       SELECT DISTINCT "merchantId", 'Merchant ' || merchant, 'GBP' FROM seeded ON CONFLICT DO NOTHING),
     secrets AS (
       INSERT INTO sealed_secrets (id, purpose, owner_id, context, algorithm, aad_version, nonce, tag, ciphertext,
         wrapped_key, key_id, key_version, fingerprint)
       SELECT secret_id, context->>'purpose', context->>'owner_id', context, algorithm, aad_version, decode(nonce, 'hex'),
         decode(tag, 'hex'), decode(ciphertext, 'hex'), decode(wrapped_key, 'hex'), key_id, key_version, fingerprint
       FROM seeded),
     integrations AS (
       INSERT INTO integrations (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id,
         credential_id)
       SELECT id, "merchantId", environment, provider, 'active', true, configuration, account_id, secret_id FROM seeded),
     health AS (INSERT INTO sync_health (integration_id) SELECT id FROM seeded)
     INSERT INTO sync_schedules (integration_id, interval_ms, offset_ms, next_due_at)
     SELECT id, $2::bigint, 0, now() + $2::bigint * interval '1 millisecond' FROM seeded`,
    [JSON.stringify(rows), NEVER_MS],
  );
}

function idOf(seed: number, kind: 'integration' | 'merchant', index: number): string {
  const hex = createHash('sha256').update(`${seed}/${kind}/${index}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
