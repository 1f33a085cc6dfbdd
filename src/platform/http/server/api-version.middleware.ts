import type { NextFunction, Request, Response } from 'express';
import { InterlockError } from '../../errors';

export const API_VERSION_HEADER = 'RevKeen-Version';
export const API_VERSION = '2026-05-01';

/** A client may pin the version it was written for; there is one so far. */
export function apiVersionMiddleware(request: Request, response: Response, next: NextFunction): void {
  const asked = request.headers[API_VERSION_HEADER.toLowerCase()];
  if (asked === undefined) return next();
  if (asked !== API_VERSION) return next(InterlockError.invalidField(API_VERSION_HEADER, `must be ${API_VERSION}`));
  response.setHeader(API_VERSION_HEADER, API_VERSION);
  next();
}
