import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { InterlockError } from '../../errors';

export const MAX_BODY_BYTES = 1024 * 1024;

/** Deeper than any body of the contract, and far from where walking it would exhaust the stack. */
const MAX_DEPTH = 64;

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = Buffer.from('"\\{}[]');
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body as JSON. It looks at the bytes before the content type, because outside clients send neither where
 * nothing is required: no byte counts as `{}`, whatever the headers say, and only a body that is there can be of a wrong type.
 */
export function jsonBody(): RequestHandler {
  const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES });
  return (request, response, next) => {
    if (!METHODS_WITH_BODY.has(request.method)) return next();
    if (announcesBody(request) && !isJson(request)) return next(new InterlockError('unsupported_media_type'));
    readBytes(request, response, (error?: unknown) => {
      if (error) return next(error);
      parse(request, response, next);
    });
  };
}

function parse(request: Request, _response: Response, next: NextFunction): void {
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) {
    request.body = {};
    return next();
  }
  // a chunked body announces itself only by its first byte
  if (!isJson(request)) return next(new InterlockError('unsupported_media_type'));
  let body: unknown;
  try {
    if (isNestedDeeperThan(bytes, MAX_DEPTH)) {
      return next(
        new InterlockError('invalid_request', { message: `The body is nested deeper than ${MAX_DEPTH} levels.` }),
      );
    }
    body = JSON.parse(UTF_8.decode(bytes));
  } catch (cause) {
    return next(new InterlockError('invalid_request', { message: 'The body is not valid JSON.', cause }));
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return next(new InterlockError('invalid_request', { message: 'The body must be a JSON object.' }));
  }
  request.body = body;
  next();
}

/** Looks at the bytes, because what parses may be too deep for whoever walks it next. */
function isNestedDeeperThan(json: Buffer, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth--;
  }
  return false;
}

/** Refused at once, without reading a megabyte of something else first. */
function announcesBody(request: Request): boolean {
  return Number(request.headers['content-length'] ?? 0) > 0;
}

function isJson(request: Request): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  return /^\s*application\/([a-z0-9!#$&^_.+-]+\+)?json\s*$/.test(type) && (charset ?? 'utf-8') === 'utf-8';
}
