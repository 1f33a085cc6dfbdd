import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Nodes1780000000040 implements MigrationInterface {
  readonly name = 'Nodes1780000000040';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE nodes (
        id uuid PRIMARY KEY,
        -- a node that has children is not to be deleted over them
        parent_id uuid REFERENCES nodes (id) ON DELETE RESTRICT,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
        type text NOT NULL CHECK (type IN ('organization', 'account', 'sub_account')),
        -- the ids from the root down to the node itself, as /<id>/<id>/
        path text NOT NULL,
        merchant_id uuid REFERENCES merchants (id) ON DELETE RESTRICT,
        environment text CHECK (environment IN ('sandbox', 'live')),
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        -- half a binding would let a token call for nobody in particular
        CONSTRAINT nodes_binding_is_whole CHECK ((merchant_id IS NULL) = (environment IS NULL)),
        CONSTRAINT nodes_path_ends_here CHECK (
          CASE WHEN parent_id IS NULL THEN path = '/' || id || '/'
               ELSE right(path, 75) = '/' || parent_id || '/' || id || '/' END),
        -- 32 levels: a longer path would not fit into an index entry
        CONSTRAINT nodes_depth CHECK (length(path) <= 32 * 37 + 1)
      )`);
    // byte order, so that a subtree is one range of the index whatever the database's collation
    await runner.query(`CREATE UNIQUE INDEX nodes_by_path ON nodes (path text_pattern_ops)`);
    await runner.query(`CREATE INDEX nodes_by_parent ON nodes (parent_id, name, id)`);
    await runner.query(`
      CREATE TABLE node_integrations (
        id uuid PRIMARY KEY,
        -- keys are kept as evidence of who could act: no node goes away under them
        node_id uuid NOT NULL REFERENCES nodes (id) ON DELETE RESTRICT,
        name text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
        api_key text NOT NULL UNIQUE,
        secret_hash text NOT NULL CHECK (secret_hash LIKE '$argon2id$%'),
        -- counts the secrets that there were: a session belongs to the secret that opened it
        secret_number integer NOT NULL DEFAULT 1,
        previous_secret_hash text CHECK (previous_secret_hash LIKE '$argon2id$%'),
        previous_secret_until timestamptz,
        permissions text[] NOT NULL CHECK (cardinality(permissions) <= 100),
        expires_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz,
        -- access tokens issued up to here are refused: the deny list
        tokens_ended_at timestamptz,
        CONSTRAINT node_integrations_overlap_ends CHECK ((previous_secret_hash IS NULL) = (previous_secret_until IS NULL)),
        CONSTRAINT node_integrations_deleted_end CHECK (deleted_at IS NULL OR tokens_ended_at IS NOT NULL)
      )`);
    await runner.query(
      `CREATE INDEX node_integrations_by_node ON node_integrations (node_id, created_at, id) WHERE deleted_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX node_integrations_ended ON node_integrations (tokens_ended_at) WHERE tokens_ended_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX node_integrations_expiring ON node_integrations (expires_at) WHERE expires_at IS NOT NULL`,
    );
    await runner.query(`
      CREATE TABLE node_sessions (
        id uuid PRIMARY KEY,
        -- a session means nothing without its integration
        integration_id uuid NOT NULL REFERENCES node_integrations (id) ON DELETE CASCADE,
        secret_number integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      )`);
    await runner.query(`CREATE INDEX node_sessions_by_integration ON node_sessions (integration_id)`);
    await runner.query(`CREATE INDEX node_sessions_revoked ON node_sessions (revoked_at) WHERE revoked_at IS NOT NULL`);
    await runner.query(`
      CREATE TABLE node_refresh_tokens (
        token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
        session_id uuid NOT NULL REFERENCES node_sessions (id) ON DELETE CASCADE,
        -- the access token that was issued with it: refused when the session is revoked
        access_jti uuid NOT NULL,
        issued_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query(`CREATE INDEX node_refresh_tokens_by_session ON node_refresh_tokens (session_id)`);
    await runner.query(`CREATE INDEX node_refresh_tokens_expiring ON node_refresh_tokens (expires_at)`);
    // unlogged: what a crash empties is a count of the last minute
    await runner.query(`
      CREATE UNLOGGED TABLE node_exchange_tries (
        bucket bytea PRIMARY KEY,
        tries timestamptz[] NOT NULL,
        allowed boolean NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE node_exchange_tries');
    await runner.query('DROP TABLE node_refresh_tokens');
    await runner.query('DROP TABLE node_sessions');
    await runner.query('DROP TABLE node_integrations');
    await runner.query('DROP TABLE nodes');
  }
}
