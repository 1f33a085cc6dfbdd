import { InterlockError } from '../platform/errors';
import { PROVIDER_SAID, ProviderFailure } from '../platform/outbound';

/**
 * A failed provider call as the API answers it while the merchant waits: 400, 502 or 504. Anything else is passed on as
 * it is.
 */
export function providerFailureToError(
  thrown: unknown,
  providerName: string,
  baseUrlField = 'credentials.baseUrl',
): unknown {
  if (!(thrown instanceof ProviderFailure)) return thrown;
  switch (thrown.verdict) {
    case 'auth': {
      const message = `Credentials were rejected by ${providerName}.`;
      return new InterlockError('provider_credentials_rejected', { message, cause: thrown });
    }
    case 'permission':
      return new InterlockError('provider_credentials_rejected', { message: merchantMessage(thrown), cause: thrown });
    case 'configuration':
      return InterlockError.invalidField(thrown.field ?? baseUrlField, thrown.message);
    default: {
      const code = thrown.timedOut ? 'provider_timeout' : 'provider_error';
      const retryAfterSeconds = thrown.retryAfterMs === null ? undefined : Math.ceil(thrown.retryAfterMs / 1000);
      return new InterlockError(code, { message: merchantMessage(thrown), retryAfterSeconds, cause: thrown });
    }
  }
}

function merchantMessage(failure: ProviderFailure): string {
  return failure.providerMessage ? failure.message + PROVIDER_SAID + failure.providerMessage : failure.message;
}
