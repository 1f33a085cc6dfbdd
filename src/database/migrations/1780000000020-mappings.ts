import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Mappings1780000000020 implements MigrationInterface {
  readonly name = 'Mappings1780000000020';

  /** Mappings belong to the slot, not to the integration: they outlive a deactivation, and need none to exist. */
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE product_mappings (
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        provider text NOT NULL,
        -- the provider's bare id
        external_id text NOT NULL,
        -- no foreign key: a mapping may come before its product, and stays when the product goes
        internal_id uuid NOT NULL,
        metadata jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        -- an external product means one product of the merchant
        PRIMARY KEY (merchant_id, environment, provider, external_id)
      )`);
    await runner.query(`
      CREATE TABLE payment_mappings (
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        provider text NOT NULL,
        id text NOT NULL,
        revkeen_method text NOT NULL,
        provider_method_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (merchant_id, environment, provider, id),
        -- a payment that goes out needs one answer
        CONSTRAINT payment_mappings_one_per_method UNIQUE (merchant_id, environment, provider, revkeen_method)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE payment_mappings');
    await runner.query('DROP TABLE product_mappings');
  }
}
