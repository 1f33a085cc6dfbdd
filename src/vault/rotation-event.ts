import type { AuditEvent } from '../audit';

/** Left out: the caller of the request. */
export function rotationActor(requestedBy: string): AuditEvent['actor'] {
  return requestedBy.startsWith('cli') ? { kind: 'cli', id: requestedBy } : undefined;
}

export function rotationEvent(
  verb: string,
  id: string,
  requestedBy: string,
  details: Record<string, unknown>,
): AuditEvent {
  return {
    action: `vault.rotation_${verb}`,
    subject: { type: 'vault_rotation', id },
    actor: rotationActor(requestedBy),
    details: { requestedBy, ...details },
  };
}
