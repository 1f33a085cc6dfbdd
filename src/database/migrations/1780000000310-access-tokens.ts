import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccessTokens1780000000310 implements MigrationInterface {
  readonly name = 'AccessTokens1780000000310';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE access_tokens (
        id uuid PRIMARY KEY,
        -- of another issuer it may be any text
        jti text NOT NULL UNIQUE CHECK (length(jti) BETWEEN 1 AND 255),
        subject text,
        roles text[] NOT NULL,
        permissions text[] NOT NULL,
        node_ids text[] NOT NULL,
        -- a merchant with tokens is not to be deleted under them
        merchant_id uuid REFERENCES merchants (id) ON DELETE RESTRICT,
        environment text CHECK (environment IN ('sandbox', 'live')),
        created_at timestamptz NOT NULL DEFAULT now(),
        -- null: issued elsewhere, known by its revocation alone
        issued_by text,
        -- null: not known, so the revocation is kept for ever
        expires_at timestamptz,
        revoked_at timestamptz,
        revoked_by text,
        CONSTRAINT access_tokens_of_ours CHECK (issued_by IS NULL OR (subject IS NOT NULL AND expires_at IS NOT NULL)),
        CONSTRAINT access_tokens_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
        CONSTRAINT access_tokens_have_a_reason CHECK (issued_by IS NOT NULL OR revoked_at IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX access_tokens_by_time ON access_tokens (created_at DESC, id DESC)`);
    // the deny list is read as a whole
    await runner.query(
      `CREATE INDEX access_tokens_revoked_now ON access_tokens (expires_at) WHERE revoked_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX access_tokens_expiring ON access_tokens (expires_at) WHERE expires_at IS NOT NULL`,
    );
    // sessions that have ended are removed early
    await runner.query(
      `CREATE INDEX node_integrations_deleted ON node_integrations (deleted_at) WHERE deleted_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX node_integrations_deleted');
    await runner.query('DROP TABLE access_tokens');
  }
}
