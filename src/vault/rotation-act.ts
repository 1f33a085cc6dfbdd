import type { AuditAct } from '../audit';

/** Left out: the caller of the request. */
export function rotationActor(requestedBy: string): AuditAct['actor'] {
  return requestedBy.startsWith('cli') ? { kind: 'cli', id: requestedBy } : undefined;
}

export function rotationAct(verb: string, id: string, requestedBy: string, details: Record<string, unknown>): AuditAct {
  return {
    action: `vault.rotation_${verb}`,
    subject: { type: 'vault_rotation', id },
    actor: rotationActor(requestedBy),
    details: { requestedBy, ...details },
  };
}
