import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Incident } from '../finding-facts';
import type { Position } from '../page-cursor';
import { microsOf, olderThan, positionValues } from './keyset';
import { INCIDENT_COLUMNS, INCIDENT_SOURCE } from './overview.repository';

export interface IncidentFilter {
  readonly provider?: string;
  readonly environment?: string;
  readonly state?: string;
}

/** The outages of providers. */
@Injectable()
export class IncidentListRepository {
  constructor(private readonly database: Database) {}

  page(filter: IncidentFilter, after: Position | null, limit: number): Promise<(Incident & { micros: string })[]> {
    return this.database.query(
      `SELECT ${INCIDENT_COLUMNS}, ${microsOf('p.opened_at')} AS micros FROM ${INCIDENT_SOURCE}
       WHERE ($1::text IS NULL OR p.provider = $1) AND ($2::text IS NULL OR p.environment = $2)
         AND ($3::text IS NULL OR (p.closed_at IS NULL) = ($3 = 'open'))
         AND ${olderThan('p.opened_at', 'p.id', '$4', '$5')}
       ORDER BY p.opened_at DESC, p.id DESC LIMIT $6`,
      [filter.provider ?? null, filter.environment ?? null, filter.state ?? null, ...positionValues(after), limit + 1],
    );
  }
}
