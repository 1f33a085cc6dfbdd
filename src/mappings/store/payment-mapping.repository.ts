import { Injectable } from '@nestjs/common';
import type { IntegrationKey } from '../../integrations';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface PaymentMapping {
  /** The caller's own name for the row. */
  readonly id: string;
  readonly revkeenMethod: string;
  /** The provider's id of the payment method, as text. */
  readonly providerMethodId: string;
}

const OF_KEY = `merchant_id = $1 AND environment = $2 AND provider = $3`;
const COLUMNS = `id, revkeen_method AS "revkeenMethod", provider_method_id AS "providerMethodId"`;
const valuesOf = (key: IntegrationKey): string[] => [key.merchantId, key.environment, key.provider];

@Injectable()
export class PaymentMappingRepository {
  constructor(private readonly database: Database) {}

  list(key: IntegrationKey): Promise<PaymentMapping[]> {
    return this.database.query<PaymentMapping>(
      `SELECT ${COLUMNS} FROM payment_mappings WHERE ${OF_KEY} ORDER BY id COLLATE "C"`,
      valuesOf(key),
    );
  }

  async find(tx: Tx, key: IntegrationKey, revkeenMethod: string): Promise<PaymentMapping | null> {
    const rows = await sqlOf(tx).query<PaymentMapping>(
      `SELECT ${COLUMNS} FROM payment_mappings WHERE ${OF_KEY} AND revkeen_method = $4`,
      [...valuesOf(key), revkeenMethod],
    );
    return rows[0] ?? null;
  }

  /** Precondition: neither an id nor a method occurs twice, and no other call writes the key's mappings. */
  async replaceAll(tx: Tx, key: IntegrationKey, mappings: readonly PaymentMapping[]): Promise<void> {
    await this.removeAll(tx, key);
    await sqlOf(tx).execute(
      `INSERT INTO payment_mappings (merchant_id, environment, provider, id, revkeen_method, provider_method_id)
       SELECT $1, $2, $3, m.id, m.revkeen_method, m.provider_method_id
       FROM unnest($4::text[], $5::text[], $6::text[]) AS m (id, revkeen_method, provider_method_id)`,
      [
        ...valuesOf(key),
        mappings.map((mapping) => mapping.id),
        mappings.map((mapping) => mapping.revkeenMethod),
        mappings.map((mapping) => mapping.providerMethodId),
      ],
    );
  }

  async removeAll(tx: Tx, key: IntegrationKey): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM payment_mappings WHERE ${OF_KEY}`, valuesOf(key));
  }
}
