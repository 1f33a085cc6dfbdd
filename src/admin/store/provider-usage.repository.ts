import { Injectable } from '@nestjs/common';
import { Database, sqlOf, type Tx } from '../../platform/database';

export interface ProviderUsage {
  readonly provider: string;
  readonly activeIntegrations: number;
}

/** How many integrations depend on a provider. */
@Injectable()
export class ProviderUsageRepository {
  constructor(private readonly database: Database) {}

  list(): Promise<ProviderUsage[]> {
    return this.database.query<ProviderUsage>(
      `SELECT provider, count(*) AS "activeIntegrations" FROM integration_view WHERE state = 'active'
       GROUP BY provider ORDER BY provider`,
    );
  }

  async count(tx: Tx, provider: string): Promise<number> {
    const rows = await sqlOf(tx).query<{ count: number }>(
      `SELECT count(*) AS count FROM integration_view WHERE state = 'active' AND provider = $1`,
      [provider],
    );
    return rows[0]!.count;
  }
}
