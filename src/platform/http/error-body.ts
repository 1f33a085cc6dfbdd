import { InterlockError, type ErrorCode } from '../errors/index';

/** The one shape of every non-2xx answer. */
export interface ErrorBody {
  error: string;
  code: ErrorCode;
  requestId: string;
  nextAction: string;
  details?: { fields: Record<string, string[]> };
}

export function toErrorBody(error: InterlockError, requestId: string): ErrorBody & Record<string, unknown> {
  return {
    ...error.body,
    error: error.message,
    code: error.code,
    requestId,
    nextAction: error.nextAction,
    ...(error.fields ? { details: { fields: error.fields } } : {}),
  };
}
