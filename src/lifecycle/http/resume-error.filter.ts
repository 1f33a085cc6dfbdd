import { Catch, type ArgumentsHost } from '@nestjs/common';
import { InterlockError } from '../../platform/errors';
import { ErrorFilter, toInterlockError } from '../../platform/http';

/** The contract's page of resume-sync shows its errors with `success: false`, and clients branch on it. */
@Catch()
export class ResumeErrorFilter extends ErrorFilter {
  override catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toInterlockError(thrown);
    const { code, message, nextAction, fields, retryAfterSeconds, cause, body } = error;
    const options = { message, nextAction, fields, retryAfterSeconds, cause, body: { success: false, ...body } };
    // oxlint-disable-next-line promise/valid-params -- a filter's, not a promise's
    super.catch(new InterlockError(code, options), host);
  }
}
