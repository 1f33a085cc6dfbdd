import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline, createIndexOnline, dropIndexOnline } from '../online-schema';

/** When the credentials of an integration end at the provider, and which end its merchant was told. */
export class CredentialExpiry1796097385849 implements MigrationInterface {
  readonly name = 'CredentialExpiry1796097385849';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `ALTER TABLE integrations ADD COLUMN IF NOT EXISTS credential_expires_at timestamptz,
         ADD COLUMN IF NOT EXISTS credential_expiry_told timestamptz,
         ADD COLUMN IF NOT EXISTS previous_credential_expires_at timestamptz`,
      // what other modules read of them
      `CREATE OR REPLACE VIEW credential_expiry_view AS
       SELECT id AS integration_id, credential_expires_at AS expires_at FROM integrations`,
    );
    // most providers say no end, and an end is told once
    await createIndexOnline(runner, {
      name: 'integrations_credential_expiry_to_tell',
      table: 'integrations',
      on: `(credential_expires_at) WHERE credential_expires_at IS NOT NULL
        AND credential_expiry_told IS DISTINCT FROM credential_expires_at`,
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexOnline(runner, 'integrations_credential_expiry_to_tell');
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS credential_expiry_view`,
      `ALTER TABLE integrations DROP COLUMN IF EXISTS credential_expires_at, DROP COLUMN IF EXISTS credential_expiry_told,
         DROP COLUMN IF EXISTS previous_credential_expires_at`,
    );
  }
}
