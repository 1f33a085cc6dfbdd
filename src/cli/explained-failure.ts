import { InterlockError } from '../platform/errors';
import { DestinationRefused, ProviderFailure, VERDICT_POLICIES } from '../platform/outbound';

/** In our words alone: a provider's message may quote what it was asked for. */
export function explained(error: unknown): unknown {
  if (!(error instanceof ProviderFailure)) return error;
  const where = error.field === null ? '' : `${error.field.replace('credentials.', '')}: `;
  const hint =
    error instanceof DestinationRefused
      ? '. OUTBOUND_ALLOW_PRIVATE=true lets this command reach stand-ins and simulators.'
      : '';
  const status = error.status === null ? '' : ` (HTTP ${error.status})`;
  return new InterlockError(VERDICT_POLICIES[error.verdict].code, {
    message: `${where}${error.message}${status}${hint}`,
  });
}
