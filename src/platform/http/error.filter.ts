import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { isDatabaseReadOnly, isDatabaseUnavailable } from '../database/database-unavailable';
import { InterlockError, type ErrorCode } from '../errors/index';
import { redisRefusal } from '../queue/redis-refusal';
import { challengesFor } from './challenges';
import { toErrorBody } from './error-body';
import { RequestContext } from './request-context';

/** Framework errors (unknown route, body parser) by status; anything else is ours and a 500. */
const CODE_BY_STATUS: Record<number, ErrorCode> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'not_found',
  405: 'not_found',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  422: 'unprocessable_entity',
  429: 'rate_limited',
  503: 'unavailable',
};

const READ_ONLY = 'The database is read-only: nothing can be changed until that is over.';

export function toInterlockError(error: unknown): InterlockError {
  if (error instanceof InterlockError) return error;
  const status = statusOf(error);
  const code = status === undefined ? undefined : codeOf(status);
  if (code) return new InterlockError(code, { cause: error });
  if (isDatabaseReadOnly(error)) return new InterlockError('unavailable', { message: READ_ONLY, cause: error });
  if (isUnavailable(error)) return new InterlockError('unavailable', { cause: error });
  return new InterlockError('internal_error', { cause: error });
}

/** A client's error stays one, also where the catalogue has no code for its status. */
function codeOf(status: number): ErrorCode | undefined {
  return CODE_BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : undefined);
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  // body-parser and express mark their client errors this way
  if (error instanceof Error && 'status' in error && 'expose' in error && error.expose === true) {
    return typeof error.status === 'number' ? error.status : undefined;
  }
  return undefined;
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // errors of our own parts say so themselves (key management that is away)
  if ('transient' in error && error.transient === true) return true;
  return isDatabaseUnavailable(error) || redisRefusal(error) !== null;
}

/** Turns whatever was thrown into the one error shape, and logs what the caller must not see. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const request = http.getRequest<Request>();
    const error = toInterlockError(thrown);
    if (error.status >= 500) {
      this.logger.error({ msg: 'request failed', code: error.code, method: request.method, err: error.cause ?? error });
    }
    if (response.headersSent) {
      response.end();
      return;
    }
    if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(error.retryAfterSeconds));
    if (error.status === 401) {
      const parameters = error.challenge === undefined ? '' : `, ${error.challenge}`;
      response.setHeader('WWW-Authenticate', `${challengesFor(request.originalUrl)}${parameters}`);
    }
    const requestId = RequestContext.requestId() ?? String(response.getHeader('x-request-id') ?? '');
    // a file that could not be sent has set its own
    response.type('application/json');
    response.status(error.status).json(toErrorBody(error, requestId));
  }
}
