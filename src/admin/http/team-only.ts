import type { RequestHandler } from 'express';
import type { TokenVerifier } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { isOfTheTeam } from './admin-route';

const BEARER = /^Bearer +(\S+)$/i;

/** Guards what is no controller under /admin. Without `roles`: everybody of the team. */
export function teamOnly(tokens: TokenVerifier, roles?: readonly string[]): RequestHandler {
  return async (request, _response, next) => {
    try {
      const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
      const caller = token === undefined ? null : await tokens.verify(token);
      if (!caller) throw new InterlockError('unauthenticated');
      if (!isOfTheTeam(caller, roles)) throw new InterlockError('permission_denied');
      next();
    } catch (error) {
      next(error);
    }
  };
}
