import type { NextFunction, Request, Response } from 'express';
import { InterlockError } from '../../errors';

export const API_VERSION_HEADER = 'RevKeen-Version';
export const API_VERSION = '2026-05-01';

/** Every answer says which version it is of. */
export function echoApiVersion(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader(API_VERSION_HEADER, API_VERSION);
  next();
}

/** For a request that could not be read. One of unknown path may have been one of /v2. */
export function apiVersionOf(bytes: string): Record<string, string> {
  const target = /^[A-Z]+ (\S*)/.exec(bytes)?.[1];
  return target !== undefined && !/^\/v2(?![^/?])/i.test(target) ? {} : { [API_VERSION_HEADER]: API_VERSION };
}

/** A client may pin the version it was written for; there is one so far. */
export function checkApiVersion(request: Request, _response: Response, next: NextFunction): void {
  const asked = request.headers[API_VERSION_HEADER.toLowerCase()];
  const known = asked === undefined || asked === API_VERSION;
  next(known ? undefined : InterlockError.invalidField(API_VERSION_HEADER, `must be ${API_VERSION}`));
}
