import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { InterlockError } from '../../platform/errors';

export const SESSION_COOKIE = 'interlock_admin';

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const TOKEN_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * Mounted under /admin only: there, and nowhere else, the cookie stands for the header that the guard reads. A header that
 * was sent goes before the cookie. What the cookie authenticates may write only from a page of this very origin.
 */
export const sessionCookie: RequestHandler = (request, _response, next) => {
  const token = request.headers.authorization === undefined ? tokenOf(request) : null;
  if (token === null) return next();
  if (WRITES.has(request.method) && !sameOrigin(request, { required: true })) {
    return next(new InterlockError('permission_denied', { message: 'The request does not come from the console.' }));
  }
  request.headers.authorization = `Bearer ${token}`;
  next();
};

/** Browsers send Origin with every write; a client that sends none is no browser, and carries no cookie by accident. */
export function sameOrigin(request: Request, options: { required: boolean } = { required: false }): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return !options.required;
  return origin === `${request.protocol}://${request.headers.host ?? ''}`;
}

export function setSession(request: Request, response: Response, token: string): void {
  response.cookie(SESSION_COOKIE, token, cookieOptions(request));
}

export function clearSession(request: Request, response: Response): void {
  response.clearCookie(SESSION_COOKIE, cookieOptions(request));
}

function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/admin', encode: String };
}

function tokenOf(request: Request): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 0 || part.slice(0, at).trim() !== SESSION_COOKIE) continue;
    const value = part.slice(at + 1).trim();
    if (TOKEN_FORM.test(value)) return value;
  }
  return null;
}
