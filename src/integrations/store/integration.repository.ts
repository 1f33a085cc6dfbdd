import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';
import type { Integration, IntegrationConfiguration, IntegrationKey } from '../integration';

/** Column list of an integration under the alias `i`, for queries of this folder and joins elsewhere. */
const COLUMNS = `i.id, i.merchant_id AS "merchantId", i.environment, i.provider, i.state, i.sync_enabled AS "syncEnabled",
  i.configuration, i.account_id AS "accountId", i.epoch, i.credential_id AS "credentialId",
  i.credential_version AS "credentialVersion", i.credential_expires_at AS "credentialExpiresAt", i.previous_credential_id AS "previousCredentialId",
  i.previous_configuration AS "previousConfiguration", i.previous_account_id AS "previousAccountId",
  i.previous_credential_expires_at AS "previousCredentialExpiresAt", i.rollback_until AS "rollbackUntil", i.activated_at AS "activatedAt", i.activated_by_request AS "activatedByRequest",
  i.deactivated_at AS "deactivatedAt", i.created_at AS "createdAt", i.updated_at AS "updatedAt"`;

const NO_PREVIOUS = `previous_credential_id = NULL, previous_configuration = NULL, previous_account_id = NULL,
  previous_credential_expires_at = NULL, rollback_until = NULL`;

export interface NewActivation extends IntegrationKey {
  readonly id: string;
  readonly configuration: IntegrationConfiguration;
  readonly syncEnabled: boolean;
  readonly accountId: string;
  readonly epoch: number;
  readonly credentialId: string;
  readonly credentialExpiresAt: Date | null;
  readonly activatedByRequest: string | null;
}

@Injectable()
export class IntegrationRepository {
  constructor(private readonly database: Database) {}

  async findById(id: string): Promise<Integration | null> {
    const rows = await this.database.query<Integration>(`SELECT ${COLUMNS} FROM integrations i WHERE i.id = $1`, [id]);
    return rows[0] ?? null;
  }

  async findByKey(key: IntegrationKey): Promise<Integration | null> {
    const rows = await this.database.query<Integration>(
      `SELECT ${COLUMNS} FROM integrations i WHERE i.merchant_id = $1 AND i.environment = $2 AND i.provider = $3`,
      [key.merchantId, key.environment, key.provider],
    );
    return rows[0] ?? null;
  }

  /**
   * Everything that changes an integration or writes its records queues here. Not FOR UPDATE: that would also stop
   * whoever inserts a run, whose foreign key looks at this row, and a dispatcher that waits so could deadlock with the
   * holder.
   */
  async lock(tx: Tx, id: string): Promise<Integration | null> {
    const rows = await sqlOf(tx).query<Integration>(
      `SELECT ${COLUMNS} FROM integrations i WHERE i.id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    return rows[0] ?? null;
  }

  async lockByKey(tx: Tx, key: IntegrationKey): Promise<Integration | null> {
    const rows = await sqlOf(tx).query<Integration>(
      `SELECT ${COLUMNS} FROM integrations i
       WHERE i.merchant_id = $1 AND i.environment = $2 AND i.provider = $3 FOR NO KEY UPDATE`,
      [key.merchantId, key.environment, key.provider],
    );
    return rows[0] ?? null;
  }

  /** First activation inserts, a later one keeps the id. */
  async activate(tx: Tx, activation: NewActivation): Promise<Integration> {
    const rows = await sqlOf(tx).query<Integration>(
      `INSERT INTO integrations AS i (id, merchant_id, environment, provider, state, sync_enabled, configuration, account_id, epoch,
                                      credential_id, activated_by_request, credential_expires_at)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, $7, $8, $9, $10, $11)
       ON CONFLICT (merchant_id, environment, provider) DO UPDATE SET
         state = 'active', sync_enabled = excluded.sync_enabled, configuration = excluded.configuration,
         account_id = excluded.account_id, epoch = excluded.epoch, credential_id = excluded.credential_id,
         credential_expires_at = excluded.credential_expires_at, credential_version = i.credential_version + 1, ${NO_PREVIOUS}, activated_at = now(), activated_by_request = excluded.activated_by_request,
         deactivated_at = NULL, updated_at = now()
       RETURNING ${COLUMNS}`,
      [
        activation.id,
        activation.merchantId,
        activation.environment,
        activation.provider,
        activation.syncEnabled,
        JSON.stringify(activation.configuration),
        activation.accountId,
        activation.epoch,
        activation.credentialId,
        activation.activatedByRequest,
        activation.credentialExpiresAt,
      ],
    );
    return rows[0]!;
  }

  async deactivate(tx: Tx, id: string, keepCredential: boolean): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE integrations SET state = 'inactive', deactivated_at = now(), updated_at = now(),
         credential_id = CASE WHEN $2 THEN credential_id END, credential_expires_at = NULL,
         ${NO_PREVIOUS}
       WHERE id = $1`,
      [id, keepCredential],
    );
  }

  async configure(tx: Tx, id: string, change: Partial<IntegrationConfiguration>): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE integrations SET configuration = configuration || $2::jsonb, updated_at = now() WHERE id = $1`,
      [id, JSON.stringify(change)],
    );
  }

  async setSyncEnabled(tx: Tx, id: string, enabled: boolean): Promise<void> {
    await sqlOf(tx).execute(`UPDATE integrations SET sync_enabled = $2, updated_at = now() WHERE id = $1`, [
      id,
      enabled,
    ]);
  }

  /** Swaps the credential and keeps the old one for the rollback window. */
  async swapCredential(
    tx: Tx,
    id: string,
    swap: {
      credentialId: string;
      credentialExpiresAt: Date | null;
      accountId: string;
      epoch: number;
      configuration: Partial<IntegrationConfiguration>;
      previousCredentialId: string | null;
      previousConfiguration: Pick<IntegrationConfiguration, 'baseUrl' | 'credentialHint'> | null;
      previousAccountId: string | null;
      previousCredentialExpiresAt: Date | null;
      rollbackWindowMs: number | null;
    },
  ): Promise<Integration> {
    const rows = await sqlOf(tx).query<Integration>(
      `UPDATE integrations i SET credential_id = $2, credential_version = credential_version + 1, account_id = $3, epoch = $4,
         configuration = configuration || $5::jsonb, previous_credential_id = $6, previous_configuration = $7,
         previous_account_id = $8, credential_expires_at = $10, previous_credential_expires_at = $11,
         rollback_until = CASE WHEN $9::bigint IS NULL THEN NULL ELSE now() + $9::bigint * interval '1 millisecond' END,
         updated_at = now()
       WHERE i.id = $1 RETURNING ${COLUMNS}`,
      [
        id,
        swap.credentialId,
        swap.accountId,
        swap.epoch,
        JSON.stringify(swap.configuration),
        swap.previousCredentialId,
        swap.previousConfiguration === null ? null : JSON.stringify(swap.previousConfiguration),
        swap.previousAccountId,
        swap.rollbackWindowMs,
        swap.credentialExpiresAt,
        swap.previousCredentialExpiresAt,
      ],
    );
    return rows[0]!;
  }

  /** Those whose credential ends within so many days, once for each end: from now on it counts as told. */
  async takeExpiringCredentials(tx: Tx, days: number, limit: number): Promise<Integration[]> {
    return sqlOf(tx).query<Integration>(
      `UPDATE integrations i SET credential_expiry_told = i.credential_expires_at WHERE i.id IN (
         SELECT id FROM integrations
         WHERE state = 'active' AND credential_expires_at > now() AND credential_expires_at < now() + make_interval(days => $1)
           AND credential_expiry_told IS DISTINCT FROM credential_expires_at
         ORDER BY credential_expires_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [days, limit],
    );
  }

  /** Credentials whose rollback window has passed; the caller shreds them. Rows are locked and skipped when busy. */
  async takeExpiredPrevious(tx: Tx, limit: number): Promise<{ id: string; secretId: string }[]> {
    return sqlOf(tx).query(
      `WITH expired AS (
         SELECT id, previous_credential_id FROM integrations
         WHERE previous_credential_id IS NOT NULL AND rollback_until <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)
       UPDATE integrations i SET ${NO_PREVIOUS} FROM expired WHERE i.id = expired.id RETURNING i.id, expired.previous_credential_id AS "secretId"`,
      [limit],
    );
  }
}
