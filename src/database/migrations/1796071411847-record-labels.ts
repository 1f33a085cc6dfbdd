import type { MigrationInterface, QueryRunner } from 'typeorm';
import { alterOnline } from '../online-schema';

/** What a record is called beside its id, where that names no person: a held deletion shows it. */
export class RecordLabels1796071411847 implements MigrationInterface {
  readonly name = 'RecordLabels1796071411847';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `CREATE OR REPLACE VIEW record_view AS
       SELECT r.integration_id, r.resource_type, r.operation <> 'deleted' AND r.epoch = i.epoch AS is_live, r.synced_at, r.external_id,
         -- of the merchant's money only: no personal field
         coalesce(r.data->>'totalMinor', r.data->>'amountMinor')::bigint AS amount_minor, r.data->>'currency' AS currency,
         CASE WHEN r.resource_type = 'invoices' THEN r.data->>'number'
           WHEN r.resource_type IN ('products', 'devices') THEN r.data->>'name' END AS label
       FROM records r JOIN integration_view i ON i.id = r.integration_id`,
    );
  }

  /** The view of before does not have the column, which only a new view can leave out. */
  async down(runner: QueryRunner): Promise<void> {
    await alterOnline(
      runner,
      `DROP VIEW IF EXISTS record_view`,
      `CREATE OR REPLACE VIEW record_view AS
       SELECT r.integration_id, r.resource_type, r.operation <> 'deleted' AND r.epoch = i.epoch AS is_live, r.synced_at, r.external_id,
         -- of the merchant's money only: no personal field
         coalesce(r.data->>'totalMinor', r.data->>'amountMinor')::bigint AS amount_minor, r.data->>'currency' AS currency
       FROM records r JOIN integration_view i ON i.id = r.integration_id`,
    );
  }
}
