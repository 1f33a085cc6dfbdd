import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payments1780000000050 implements MigrationInterface {
  readonly name = 'Payments1780000000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbound_payments (
        id uuid PRIMARY KEY,
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        -- the account it was asked for: a payment is never pushed to another one
        epoch integer NOT NULL,
        reference text NOT NULL,
        -- what an unknown outcome is searched by: two payments with one token would be taken for each other
        provider_reference text NOT NULL CONSTRAINT outbound_payments_one_per_token UNIQUE,
        external_invoice_id text NOT NULL,
        external_customer_id text NOT NULL,
        external_method_id text NOT NULL,
        method text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 9007199254740991),
        currency char(3) NOT NULL,
        paid_at timestamptz NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'pushed', 'failed', 'needs_review')),
        step text NOT NULL
          CHECK (step IN ('queued', 'creating', 'created', 'allocating', 'allocated', 'logging', 'logged')),
        external_payment_id text,
        attempts integer NOT NULL DEFAULT 0,
        searches smallint NOT NULL DEFAULT 0 CHECK (searches BETWEEN 0 AND 3),
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        -- the run that does, or did last, something about it; no foreign key: runs may be forgotten before payments
        run_id uuid NOT NULL,
        error_code text,
        error_verdict text,
        error text,
        next_action text,
        allocated_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- the merchant's word for one payment, whoever asks how often
        CONSTRAINT outbound_payments_one_per_reference UNIQUE (integration_id, reference),
        CONSTRAINT outbound_payments_pushed_is_logged CHECK ((status = 'pushed') = (step = 'logged')),
        -- beyond the creation there is a payment to speak of
        CONSTRAINT outbound_payments_created_has_id
          CHECK ((external_payment_id IS NULL) = (step IN ('queued', 'creating'))),
        CONSTRAINT outbound_payments_allocated_has_time
          CHECK ((allocated_at IS NOT NULL) = (step IN ('allocated', 'logging', 'logged'))),
        -- only an outcome that is unknown is reviewed; and a failure that nobody can explain helps nobody
        CONSTRAINT outbound_payments_review_is_of_creation CHECK (status <> 'needs_review' OR step = 'creating'),
        CONSTRAINT outbound_payments_creating_never_fails CHECK (status <> 'failed' OR step <> 'creating'),
        CONSTRAINT outbound_payments_failure_has_error
          CHECK (status IN ('queued', 'pushed') OR (error_code IS NOT NULL AND error IS NOT NULL))
      ) WITH (fillfactor = 80)`);
    await runner.query(`
      CREATE INDEX outbound_payments_due ON outbound_payments (next_attempt_at, integration_id) WHERE status = 'queued'`);
    await runner.query(`
      CREATE INDEX outbound_payments_open ON outbound_payments (integration_id, next_attempt_at)
      WHERE status IN ('queued', 'failed')`);
    await runner.query(`
      CREATE INDEX outbound_payments_by_invoice ON outbound_payments (integration_id, external_invoice_id)`);
    await runner.query(`CREATE INDEX outbound_payments_by_run ON outbound_payments (run_id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbound_payments');
  }
}
