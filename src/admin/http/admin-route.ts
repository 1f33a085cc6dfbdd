import { applyDecorators, UseInterceptors, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiParam, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Authenticated, type AccessRule } from '../../auth';
import { isBound, MayFail, RequestContext, type Caller } from '../../platform/http';
import { ApprovalDto } from './dto/approval.dto';
import { OperatorSeenInterceptor } from './operator-seen.interceptor';

const TEAM = ['admin', 'operator', 'viewer'] as const;

/** For routes without the guard: the exchange of a token, and the queue board. */
export function isOfTheTeam(caller: Caller, roles: readonly string[] = TEAM): boolean {
  return !isBound(caller) && caller.roles.some((role) => roles.includes(role));
}

/** Who may call a route of the admin API: readers, operators, or admins alone for what touches keys. */
export const Reads = (): MethodDecorator => forTheTeam({ roles: TEAM });
export const Operates = (more: Pick<AccessRule, 'recentSignIn'> = {}): MethodDecorator =>
  forTheTeam({ roles: ['admin', 'operator'], ...more });
export const ChangesKeys = (): MethodDecorator =>
  forTheTeam({ roles: ['admin'], changesCredentials: true, recentSignIn: true });

const forTheTeam = (rule: AccessRule): MethodDecorator =>
  applyDecorators(Authenticated({ ...rule, acrossMerchants: true }), UseInterceptors(OperatorSeenInterceptor));

/** Every audit entry of this request carries the reason, whichever module writes it. */
export function setAuditReason(reason: string): string {
  const state = RequestContext.current();
  if (state) state.reason = reason;
  return reason;
}

/** The token's subject: precondition, the guard let it in. */
export function actor(): string {
  return RequestContext.current()!.caller!.id;
}

const NEXT_CURSOR = { type: 'string', nullable: true, description: 'null: that was the last page.' } as const;

interface Answer {
  /** What a reader needs to know before calling. */
  readonly about: string;
  /** Of the answer. */
  readonly description: string;
  /** Of `data`, or of each member of a list; several: one of them. */
  readonly type: Type | readonly Type[];
  /** `whole`: a list that is never more than one page has no cursor. */
  readonly list?: boolean | 'whole';
  readonly status?: number;
}

/** Summary and answer of a route: `{ data }`, or one page `{ data, nextCursor }`. */
export function AdminOperation(operationId: string, summary: string, answer: Answer): MethodDecorator {
  const types = [answer.type].flat() as Type[];
  const references = types.map((type) => ({ $ref: getSchemaPath(type) }));
  const item = references.length === 1 ? references[0]! : { oneOf: references };
  return applyDecorators(
    ApiExtraModels(...types),
    ApiOperation({ operationId, summary, description: answer.about }),
    ApiResponse({
      status: answer.status ?? 200,
      description: answer.description,
      schema: {
        type: 'object',
        required: ['data', ...(answer.list === true ? ['nextCursor'] : [])],
        properties: {
          data: answer.list ? { type: 'array', items: item } : item,
          ...(answer.list === true ? { nextCursor: NEXT_CURSOR } : {}),
        },
      },
    }),
  );
}

/** Where a second operator may have to approve: 202 with the request instead of the act. */
export const MayNeedApproval = (): MethodDecorator =>
  applyDecorators(
    MayFail('conflict'),
    ApiExtraModels(ApprovalDto),
    ApiResponse({
      status: 202,
      description: 'Nothing is done yet: another operator must approve this request.',
      schema: { type: 'object', required: ['data'], properties: { data: { $ref: getSchemaPath(ApprovalDto) } } },
    }),
  );

export const ApiId = (): MethodDecorator => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
