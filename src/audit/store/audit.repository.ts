import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';

export interface AuditRow {
  id: string;
  /** The entry of the same id is the same entry: it is kept. Else an id that exists is an error. */
  mayExist: boolean;
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
  async append(tx: Tx, rows: readonly AuditRow[]): Promise<void> {
    const written = await sqlOf(tx).query<{ id: string }>(
      `INSERT INTO audit_entries (id, action, merchant_id, environment, actor_kind, actor_id, request_id, subject_type,
                                  subject_id, reason, details)
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS entry (id uuid, action text, merchant_id uuid, environment text,
         actor_kind text, actor_id text, request_id text, subject_type text, subject_id text, reason text, details jsonb)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        JSON.stringify(
          rows.map((row) => ({
            id: row.id,
            action: row.action,
            merchant_id: row.merchantId,
            environment: row.environment,
            actor_kind: row.actorKind,
            actor_id: row.actorId,
            request_id: row.requestId,
            subject_type: row.subjectType,
            subject_id: row.subjectId,
            reason: row.reason,
            details: row.details,
          })),
        ),
      ],
    );
    const ids = new Set(written.map((row) => row.id));
    // an act without its entry must not commit
    if (rows.some((row) => !row.mayExist && !ids.has(row.id))) throw new Error('audit: an entry was not written');
  }
}
