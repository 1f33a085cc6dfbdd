import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { InterlockError } from '../../errors';
import { MAX_BODY_BYTES, MAX_BODY_DEPTH, MAX_BODY_VALUES, MAX_MEMBERS, MAX_OPEN_BODY_BYTES } from '../body-limits';
import { networkOf } from '../caller-network';
import { PUBLIC_ROUTE } from '../public.decorator';
import { RequestContext } from '../request-context';
import { BodyBudget, type BodyReservation } from './body-budget';
import { exceeds, type JsonSize } from './json-scan';
import { readBytes, type ByteRule } from './request-bytes';

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** A stranger sends a credential, nothing else. */
const OPEN: ByteRule = { maxBytes: MAX_OPEN_BODY_BYTES, packed: false };
const KNOWN: ByteRule = { maxBytes: MAX_BODY_BYTES, packed: true };

const LIMITS: JsonSize = { depth: MAX_BODY_DEPTH, members: MAX_MEMBERS, values: MAX_BODY_VALUES };
const TOO_MUCH: Readonly<Record<keyof JsonSize, string>> = {
  depth: `The body is nested deeper than ${MAX_BODY_DEPTH} levels.`,
  members: `The body has an object of more than ${MAX_MEMBERS} members.`,
  values: `The body has more than ${MAX_BODY_VALUES} members and items.`,
};

/**
 * Reads the body as JSON, after the guard that knows the caller: no byte of a refused caller is read. It looks at the
 * bytes before the content type, because outside clients send neither where nothing is required: no byte counts as
 * `{}`, whatever the headers say, and only a body that is there can be of a wrong type.
 */
@Injectable()
export class JsonBodyGuard implements CanActivate {
  private readonly budget = new BodyBudget();

  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if (!METHODS_WITH_BODY.has(request.method)) return true;
    const open = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_ROUTE, [
      context.getHandler(),
      context.getClass(),
    ]);
    request.body = await jsonOf(request, open ? OPEN : KNOWN, this.shareOf(request));
    return true;
  }

  /** Who stalls is refused alone. */
  private shareOf(request: Request): BodyReservation {
    const caller = RequestContext.current()?.caller;
    if (caller) return this.budget.shareOf(`${caller.kind} ${caller.id}`);
    return this.budget.reservationOfStranger(networkOf(request.ip ?? ''));
  }
}

async function jsonOf(request: Request, rule: ByteRule, share: BodyReservation): Promise<object> {
  // refused at once, without reading a megabyte of something else first
  if (Number(request.headers['content-length'] ?? 0) > 0) requireJson(request);
  const bytes = await readBytes(request, rule, share);
  if (bytes.length === 0) return {};
  // a chunked body announces itself only by its first byte
  requireJson(request);
  const exceeded = exceeds(bytes, LIMITS);
  if (exceeded) throw new InterlockError('invalid_request', { message: TOO_MUCH[exceeded] });
  const body = parsed(bytes);
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new InterlockError('invalid_request', { message: 'The body must be a JSON object.' });
  }
  return body;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(UTF_8.decode(bytes));
  } catch (cause) {
    throw new InterlockError('invalid_request', { message: 'The body is not valid JSON.', cause });
  }
}

function requireJson(request: Request): void {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  const isJson = /^\s*application\/([a-z0-9!#$&^_.+-]+\+)?json\s*$/.test(type) && (charset ?? 'utf-8') === 'utf-8';
  if (!isJson) throw new InterlockError('unsupported_media_type');
}
