import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { type Environment, RequestContext } from '../platform/http';
import { AuditRepository } from './store/audit.repository';

/** One security-relevant act. Details hold ids, counts and fingerprints; never a secret or a personal field. */
export interface AuditAct {
  /** `noun.verb`, for example `api_key.created` or `credential.opened`. */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly merchantId?: string | null;
  readonly environment?: Environment | null;
  /** Left out: the caller of the request, or the system when there is none. */
  readonly actor?: { readonly kind: 'api_key' | 'token' | 'cli' | 'run' | 'system'; readonly id: string };
  readonly reason?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The append-only log. An act writes its entry in its own transaction: both commit, or neither. */
@Injectable()
export class AuditLog {
  constructor(private readonly repository: AuditRepository) {}

  async record(tx: Tx, act: AuditAct): Promise<void> {
    const request = RequestContext.current();
    const caller = request?.caller;
    const actor = act.actor ?? (caller ? { kind: caller.kind, id: caller.id } : { kind: 'system', id: 'interlock' });
    await this.repository.append(tx, {
      id: randomUUID(),
      action: act.action,
      merchantId: act.merchantId ?? null,
      environment: act.environment ?? null,
      actorKind: actor.kind,
      actorId: actor.id,
      requestId: request?.requestId ?? null,
      subjectType: act.subject.type,
      subjectId: act.subject.id,
      reason: act.reason ?? null,
      details: act.details ?? {},
    });
  }
}
