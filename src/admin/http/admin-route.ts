import { applyDecorators, type PipeTransform } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { RequestContext, wholeNumberQuery } from '../../platform/http';

const UUID_FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LIMIT = { fallback: 25, min: 1, max: 100 };

/** Who may call a route of the admin API: readers, operators, or admins alone for what touches keys. */
export const Reads = (): MethodDecorator => Authenticated({ roles: ['admin', 'operator', 'viewer'] });
export const Operates = (): MethodDecorator => Authenticated({ roles: ['admin', 'operator'] });
export const ChangesKeys = (): MethodDecorator => Authenticated({ roles: ['admin'], changesCredentials: true });

/** `{id}` of a path: what cannot be an id is the id of nothing. */
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!UUID_FORM.test(value)) throw new InterlockError('not_found');
    return value.toLowerCase();
  }
}

export function limitOf(query: Readonly<Record<string, unknown>>): number {
  return wholeNumberQuery(query, 'limit', LIMIT);
}

/** Every audit entry of this request carries the reason, whichever module writes it. */
export function because(reason: string): string {
  const state = RequestContext.current();
  if (state) state.reason = reason;
  return reason;
}

/** The token's subject: precondition, the guard let it in. */
export function actor(): string {
  return RequestContext.current()!.caller!.id;
}

export function Described(
  operationId: string,
  summary: string,
  data: { description: string; list?: boolean; status?: number },
): MethodDecorator {
  const item = { type: 'object', additionalProperties: true };
  return applyDecorators(
    ApiOperation({ operationId, summary }),
    ApiResponse({
      status: data.status ?? 200,
      description: data.description,
      schema: {
        type: 'object',
        required: data.list ? ['data', 'nextCursor'] : ['data'],
        properties: data.list
          ? { data: { type: 'array', items: item }, nextCursor: { type: 'string', nullable: true } }
          : { data: item },
      },
    }),
  );
}

export const ApiId = (): MethodDecorator => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });

export const ApiLimit = (): MethodDecorator =>
  ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: LIMIT.min, maximum: LIMIT.max, default: LIMIT.fallback },
    description: 'A larger one is clamped; anything that is no whole number is 400.',
  });
