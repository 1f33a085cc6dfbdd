import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { type Actor, currentActor, type Environment, RequestContext } from '../platform/http';
import { AuditRepository, type AuditRow } from './store/audit.repository';

/** One security-relevant act. Details hold ids, counts and fingerprints; never a secret or a personal field. */
export interface AuditAct {
  /** `noun.verb`, for example `api_key.created` or `credential.opened`. */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly merchantId?: string | null;
  readonly environment?: Environment | null;
  /** Left out: the caller of the request, the operator at the command line, or the system. */
  readonly actor?: Actor;
  readonly reason?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
  /** The same action on the same subject with the same value is one entry, however often it is recorded. */
  readonly once?: string;
}

/** The append-only log. An act writes its entry in its own transaction: both commit, or neither. */
@Injectable()
export class AuditLog {
  constructor(private readonly repository: AuditRepository) {}

  async record(tx: Tx, act: AuditAct): Promise<void> {
    await this.recordAll(tx, [act]);
  }

  /** Many acts of one transaction in one statement. */
  async recordAll(tx: Tx, acts: readonly AuditAct[]): Promise<void> {
    if (acts.length > 0) await this.repository.append(tx, acts.map(toRow));
  }
}

function toRow(act: AuditAct): AuditRow {
  const request = RequestContext.current();
  const actor = act.actor ?? currentActor();
  return {
    id: act.once === undefined ? randomUUID() : idOf([act.action, act.subject.type, act.subject.id, act.once]),
    mayExist: act.once !== undefined,
    action: act.action,
    merchantId: act.merchantId ?? null,
    environment: act.environment ?? null,
    actorKind: actor.kind,
    actorId: actor.id,
    requestId: request?.requestId ?? null,
    subjectType: act.subject.type,
    subjectId: act.subject.id,
    reason: act.reason ?? request?.reason ?? null,
    details: act.details ?? {},
  };
}

/** A UUID (version 8) that is the same for the same parts. */
function idOf(parts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
