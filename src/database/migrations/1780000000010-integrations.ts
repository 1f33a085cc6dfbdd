import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Integrations1780000000010 implements MigrationInterface {
  readonly name = 'Integrations1780000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE integrations (
        id uuid PRIMARY KEY,
        merchant_id uuid NOT NULL,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        provider text NOT NULL,
        state text NOT NULL CHECK (state IN ('active', 'inactive')),
        sync_enabled boolean NOT NULL,
        configuration jsonb NOT NULL,
        -- whose account the credentials opened; another one begins a new epoch
        account_id text NOT NULL,
        epoch integer NOT NULL DEFAULT 1,
        credential_id uuid REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        credential_version integer NOT NULL DEFAULT 1,
        previous_credential_id uuid REFERENCES sealed_secrets (id) ON DELETE RESTRICT,
        -- what a rollback restores along with the credential: base URL, hint, account
        previous_configuration jsonb,
        previous_account_id text,
        rollback_until timestamptz,
        activated_at timestamptz NOT NULL DEFAULT now(),
        -- the idempotent request that activated it: repeated after a crash, it finds its own work done
        activated_by_request uuid,
        deactivated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- one integration, and so one active one, per merchant, environment and provider
        CONSTRAINT integrations_slot UNIQUE (merchant_id, environment, provider),
        -- an active integration without a credential could never sync
        CONSTRAINT integrations_active_has_credential CHECK (state <> 'active' OR credential_id IS NOT NULL)
      )`);
    // rotation and shredding ask who refers to a secret; the foreign keys check it too
    await runner.query(`CREATE INDEX integrations_by_credential ON integrations (credential_id)`);
    await runner.query(`
      CREATE INDEX integrations_by_previous_credential ON integrations (previous_credential_id)
      WHERE previous_credential_id IS NOT NULL`);
    await runner.query(`
      CREATE TABLE integration_claims (
        merchant_id uuid NOT NULL,
        environment text NOT NULL,
        provider text NOT NULL,
        token uuid NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (merchant_id, environment, provider)
      )`);
    await runner.query(`
      CREATE TABLE provider_budgets (
        account_key text PRIMARY KEY,
        tokens double precision NOT NULL,
        refilled_at timestamptz NOT NULL DEFAULT now(),
        blocked_until timestamptz
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provider_budgets');
    await runner.query('DROP TABLE integration_claims');
    await runner.query('DROP TABLE integrations');
  }
}
