import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SRC = path.join(__dirname, '../../src');

/** What modules publish of their tables: docs/adr/0027. A migration makes them. */
export const VIEW_OWNERS: Readonly<Record<string, string>> = {
  access_token_view: 'auth',
  api_key_view: 'auth',
  audit_entry_view: 'audit',
  credential_expiry_view: 'integrations',
  database_generation_view: 'platform',
  deletion_plan_view: 'sync',
  event_log_view: 'events',
  integration_status_view: 'sync',
  integration_view: 'integrations',
  merchant_view: 'merchants',
  node_integration_view: 'nodes',
  open_payment_view: 'payments',
  operator_view: 'operators',
  payment_review_view: 'payments',
  webhook_parked_view: 'webhooks',
  unproven_filter_view: 'sync',
  key_management_gate_view: 'integrations',
  provider_breaker_view: 'sync',
  provider_clock_view: 'sync',
  provider_sighting_view: 'integrations',
  quarantine_view: 'sync',
  record_view: 'sync',
  sync_log_view: 'sync',
  sync_run_view: 'sync',
  webhook_endpoint_view: 'webhooks',
};

/** A table belongs to the module that declares its entity; a test holds the entities against the migrated schema. */
export function readTableOwners(): Record<string, string> {
  const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => file.endsWith('.entity.ts'));
  return Object.fromEntries(
    files.flatMap((file) =>
      [...readFileSync(path.join(SRC, file), 'utf8').matchAll(/@Entity\('(\w+)'\)/g)].map(([, table]) => [
        table!,
        file.split(path.sep)[0]!,
      ]),
    ),
  );
}

/** The last definition of each view in the migrations. */
export function readViews(): Record<string, string> {
  const folder = path.join(SRC, 'database/migrations');
  const sources = readdirSync(folder)
    .filter((file) => /^\d+-/.test(file))
    .sort();
  const up = (file: string) => readFileSync(path.join(folder, file), 'utf8').split('async down(')[0]!;
  return Object.fromEntries(
    sources.flatMap((file) =>
      [...up(file).matchAll(/`\s*CREATE (?:OR REPLACE )?VIEW (\w+) AS([^`]*)`/g)].map(([, view, text]) => [
        view!,
        text!,
      ]),
    ),
  );
}
