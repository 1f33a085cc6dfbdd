import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';

export interface AuditRow {
  id: string;
  action: string;
  merchantId: string | null;
  environment: string | null;
  actorKind: string;
  actorId: string;
  requestId: string | null;
  subjectType: string;
  subjectId: string;
  reason: string | null;
  details: Record<string, unknown>;
}

@Injectable()
export class AuditRepository {
  async append(tx: Tx, row: AuditRow): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO audit_entries (id, action, merchant_id, environment, actor_kind, actor_id, request_id, subject_type,
                                  subject_id, reason, details)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        row.id,
        row.action,
        row.merchantId,
        row.environment,
        row.actorKind,
        row.actorId,
        row.requestId,
        row.subjectType,
        row.subjectId,
        row.reason,
        JSON.stringify(row.details),
      ],
    );
  }
}
