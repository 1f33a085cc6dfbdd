import type { SimulatorSettings } from '../settings';

const errorCodes: Record<number, string> = {
  400: 'InvalidRequest',
  401: 'Unauthorized',
  404: 'NotFound',
  429: 'TooManyRequests',
};

/** An error in one of the envelopes that have been seen. */
export function wodifyErrorBody(status: number, message: string, settings?: SimulatorSettings): object {
  const ErrorCode = errorCodes[status] ?? 'Error';
  const envelope = settings?.variants['errorEnvelope'] ?? 'flat';
  if (envelope === 'api-error') return { APIError: { ErrorMessage: message } };
  const rest = {
    ErrorCode,
    DeveloperMessage: message,
    UserMessage: message,
    MoreInfo: 'https://docs.wodify.com/errors',
  };
  return envelope === 'error-code' ? rest : { HTTPCode: status, ...rest };
}
