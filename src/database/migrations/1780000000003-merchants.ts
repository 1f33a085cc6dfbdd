import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Merchants1780000000003 implements MigrationInterface {
  readonly name = 'Merchants1780000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE merchants (
        id uuid PRIMARY KEY,
        name text NOT NULL,
        default_currency char(3) NOT NULL CHECK (default_currency ~ '^[A-Z]{3}$'),
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE products (
        -- products mean nothing without their merchant
        merchant_id uuid NOT NULL REFERENCES merchants (id) ON DELETE CASCADE,
        environment text NOT NULL CHECK (environment IN ('sandbox', 'live')),
        id uuid NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        -- a number in JSON is exact only up to here
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 0 AND 9007199254740991),
        currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (merchant_id, environment, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE products');
    await runner.query('DROP TABLE merchants');
  }
}
