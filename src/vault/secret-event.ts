import type { AuditEvent } from '../audit';
import type { EncryptionContext } from './seal-context';

/** What the audit log holds of an operation on a secret: whose it is and which one, never what it is. */
export function secretEvent(
  action: string,
  secret: { readonly id: string; readonly context: EncryptionContext; readonly fingerprint: string },
  details: Readonly<Record<string, unknown>> = {},
): AuditEvent {
  const { context } = secret;
  return {
    action: `secret.${action}`,
    subject: { type: 'secret', id: secret.id },
    merchantId: context['merchant_id'] ?? null,
    environment: (context['environment'] as 'sandbox' | 'live' | undefined) ?? null,
    details: {
      fingerprint: secret.fingerprint,
      secretPurpose: context['purpose'],
      ownerId: context['owner_id'],
      ...details,
    },
  };
}
