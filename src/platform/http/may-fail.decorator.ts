import { ApiExtension } from '@nestjs/swagger';
import type { ErrorCode } from '../errors';

/** Where an operation of the OpenAPI document lists every error code that it can answer. */
export const ERROR_CODES_EXTENSION = 'x-error-codes';

/**
 * `@MayFail('not_active')`: the errors of a handler that do not follow from its method, path and access rule. Those
 * that do (401, 403, 413, 415, 429 and so on) the document adds by itself.
 */
export const MayFail = (...codes: ErrorCode[]): MethodDecorator => ApiExtension(ERROR_CODES_EXTENSION, codes);
