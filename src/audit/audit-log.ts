import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { currentActor, RequestContext, type Actor, type Environment } from '../platform/http';
import { AuditRepository, type AuditRow } from './store/audit.repository';

/** One security-relevant event. Details hold ids, counts and fingerprints; never a secret or a personal field. */
export interface AuditEvent {
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

/** The append-only log. An operation writes its entry in its own transaction: both commit, or neither. */
@Injectable()
export class AuditLog {
  constructor(private readonly repository: AuditRepository) {}

  async record(tx: Tx, event: AuditEvent): Promise<void> {
    await this.recordAll(tx, [event]);
  }

  /** Many operations of one transaction in one statement. */
  async recordAll(tx: Tx, events: readonly AuditEvent[]): Promise<void> {
    if (events.length > 0) await this.repository.append(tx, events.map(toRow));
  }
}

function toRow(event: AuditEvent): AuditRow {
  const request = RequestContext.current();
  const actor = event.actor ?? currentActor();
  return {
    id:
      event.once === undefined ? randomUUID() : idOf([event.action, event.subject.type, event.subject.id, event.once]),
    mayExist: event.once !== undefined,
    action: event.action,
    merchantId: event.merchantId ?? null,
    environment: event.environment ?? null,
    actorKind: actor.kind,
    actorId: actor.id,
    requestId: request?.requestId ?? null,
    subjectType: event.subject.type,
    subjectId: event.subject.id,
    reason: event.reason ?? request?.reason ?? null,
    details: event.details ?? {},
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
