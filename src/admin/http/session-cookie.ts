import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { decodeJwt } from 'jose';
import { readSignInRequest, writeSignInRequest, type SignInRequest } from '../../operators';
import { InterlockError } from '../../platform/errors';

export const SESSION_COOKIE = 'interlock_admin';

const SIGN_IN_COOKIE = 'interlock_sign_in';
const SIGN_IN_PATH = '/admin/sign-in';
/** How long a person may take at the provider. */
const MAX_SIGN_IN_MS = 15 * 60_000;

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const TOKEN_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** A day of work: then a browser that was left open asks for the token again, however long that lives. */
const MAX_SESSION_MS = 12 * 3_600_000;

/**
 * Mounted under /admin only: there, and nowhere else, the cookie stands for the header that the guard reads. A header
 * that was sent goes before the cookie. What the cookie authenticates may write only from a page of the console's
 * origin.
 */
export function sessionCookie(publicOrigin: string | null): RequestHandler {
  return (request, _response, next) => {
    const token = request.headers.authorization === undefined ? sessionToken(request) : null;
    if (token === null) return next();
    if (WRITES.has(request.method) && !sameOrigin(request, publicOrigin, { required: true })) {
      return next(new InterlockError('wrong_origin'));
    }
    request.headers.authorization = `Bearer ${token}`;
    next();
  };
}

/** Browsers send Origin with every write; a client that sends none is no browser, and carries no cookie by accident. */
export function sameOrigin(
  request: Request,
  publicOrigin: string | null,
  options: { required: boolean } = { required: false },
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return !options.required;
  return origin === consoleOrigin(request, publicOrigin);
}

/** Precondition: the token was verified. The cookie ends with it, or with the day. */
export function setSession(request: Request, response: Response, publicOrigin: string | null, token: string): void {
  const endsAtMs = (decodeJwt(token).exp ?? 0) * 1000;
  const maxAge = Math.max(0, Math.min(endsAtMs - Date.now(), MAX_SESSION_MS));
  response.cookie(SESSION_COOKIE, token, { ...cookieOptions(request, publicOrigin), maxAge });
}

export function clearSession(request: Request, response: Response, publicOrigin: string | null): void {
  response.clearCookie(SESSION_COOKIE, cookieOptions(request, publicOrigin));
}

/** The origin in the browser's address bar: the configured one, or that of the request or of a trusted proxy. */
export function consoleOrigin(request: Request, publicOrigin: string | null): string {
  return publicOrigin ?? `${request.protocol}://${request.host ?? ''}`;
}

function cookieOptions(request: Request, publicOrigin: string | null): CookieOptions {
  const secure = consoleOrigin(request, publicOrigin).startsWith('https:');
  return { httpOnly: true, sameSite: 'strict', secure, path: '/admin', encode: String };
}

/** The provider sends the browser back from its own site, so the cookie is lax; it goes to the sign-in alone. */
export function setSignIn(
  request: Request,
  response: Response,
  publicOrigin: string | null,
  begun: SignInRequest,
): void {
  const options = { ...signInOptions(request, publicOrigin), maxAge: MAX_SIGN_IN_MS };
  response.cookie(SIGN_IN_COOKIE, writeSignInRequest(begun), options);
}

export function clearSignIn(request: Request, response: Response, publicOrigin: string | null): void {
  response.clearCookie(SIGN_IN_COOKIE, signInOptions(request, publicOrigin));
}

function signInOptions(request: Request, publicOrigin: string | null): CookieOptions {
  return { ...cookieOptions(request, publicOrigin), sameSite: 'lax', path: SIGN_IN_PATH };
}

/** What this browser began; null: nothing. */
export function signInOf(request: Request): SignInRequest | null {
  const value = cookieNamed(request, SIGN_IN_COOKIE);
  return value === null ? null : readSignInRequest(value);
}

/** Of the cookie, whatever header was sent beside it; null: there is none. */
export function sessionToken(request: Request): string | null {
  const value = cookieNamed(request, SESSION_COOKIE);
  return value !== null && TOKEN_FORM.test(value) ? value : null;
}

function cookieNamed(request: Request, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at >= 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}
