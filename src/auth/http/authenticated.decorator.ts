import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { AccessRule } from '../access-rule';

/** Metadata key that the guard reads. */
export const ACCESS_RULE = 'interlock:access';

/** The names of the schemes in the OpenAPI document. */
const API_KEY_SCHEME = 'ApiKeyAuth';
const BEARER_SCHEME = 'BearerAuth';

/**
 * Says who may call a handler, to the guard and to the OpenAPI document alike.
 *
 * - `@Authenticated({ scope: 'integrations:read' })`: every handler under /v2
 * - `@Authenticated({ roles: ['admin'] })`, `@Authenticated({ permission: 'nodes.write' })`, or both (either will do):
 *   handlers under /api/v1 and /admin
 */
export function Authenticated(rule: AccessRule = {}): MethodDecorator & ClassDecorator {
  if (rule.scope !== undefined && (rule.roles !== undefined || rule.permission !== undefined)) {
    throw new Error(
      '@Authenticated: a scope goes with API keys and node tokens, roles and permission with other tokens',
    );
  }
  const decorators: (MethodDecorator & ClassDecorator)[] = [SetMetadata(ACCESS_RULE, rule)];
  if (rule.scope !== undefined) {
    // two requirements in the document mean: either
    decorators.push(
      ApiSecurity(API_KEY_SCHEME),
      ApiSecurity(BEARER_SCHEME),
      ApiExtension('x-required-scope', rule.scope),
    );
  } else {
    decorators.push(ApiBearerAuth(BEARER_SCHEME));
    if (rule.roles) decorators.push(ApiExtension('x-required-roles', [...rule.roles]));
    if (rule.permission) decorators.push(ApiExtension('x-required-permission', rule.permission));
  }
  if (rule.changesCredentials) decorators.push(ApiExtension('x-changes-credentials', true));
  if (rule.recentSignIn) decorators.push(ApiExtension('x-recent-sign-in', true));
  if (rule.internal) decorators.push(ApiExtension('x-internal', true));
  return applyDecorators(...decorators);
}
