import type { AuditEvent } from '../audit';
import type { Integration } from './integration';

/** An audit event of an integration; of something that belongs to it where a subject is named. */
export function integrationEvent(
  { id, merchantId, environment }: Pick<Integration, 'id' | 'merchantId' | 'environment'>,
  action: string,
  more: Pick<AuditEvent, 'actor' | 'reason' | 'details'> & Partial<Pick<AuditEvent, 'subject'>> = {},
): AuditEvent {
  return { action, subject: { type: 'integration', id }, merchantId, environment, ...more };
}
