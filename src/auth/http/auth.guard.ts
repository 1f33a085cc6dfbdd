import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { InterlockError } from '../../platform/errors';
import { PUBLIC_ROUTE, RequestContext, type Caller } from '../../platform/http';
import { isAllowed, READING_METHODS, type AccessRule } from '../access-rule';
import { AddressRefusals } from '../address-refusals';
import { KeyAuthority, type VerifiedKey } from '../key-authority';
import { RateLimiter } from '../rate-limiter';
import type { RateDecision } from '../rate-policy';
import { StepUp } from '../step-up';
import { TokenVerifier } from '../token-verifier';
import { TryLimits } from '../try-limits';
import { ACCESS_RULE } from './authenticated.decorator';

const UNDER_ADMIN = /^\/admin(\/|$)/i;
const BEARER = /^Bearer +(\S+)$/i;

type RouteAccess = AccessRule | 'public' | 'closed';

/** The one guard of every route, closed unless the handler says who may call it. When warm it asks no database. */
@Injectable()
export class AuthGuard implements CanActivate {
  /** By class and handler: classes that inherit a method may each decorate it differently. */
  private readonly routes = new WeakMap<object, WeakMap<object, RouteAccess>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly keys: KeyAuthority,
    private readonly tokens: TokenVerifier,
    private readonly rateLimiter: RateLimiter,
    private readonly tryLimits: TryLimits,
    private readonly addressRefusals: AddressRefusals,
    private readonly stepUp: StepUp,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.accessOf(context);
    if (access === 'public') {
      await this.limitAnonymous(context.switchToHttp().getRequest<Request>());
      return true;
    }
    // a forgotten decorator: the boot check names it, and the guard refuses every call
    if (access === 'closed') throw new InterlockError('permission_denied');
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const caller =
      access.scope === undefined && !access.anyCaller
        ? await this.tokenCaller(request)
        : await this.merchantCaller(request, response);
    if (!caller) throw new InterlockError('unauthenticated');
    const state = RequestContext.current();
    if (!state) throw new Error('the guard runs outside of a request context');
    state.caller = caller;
    const decision = await this.rateLimiter.take(caller);
    if (decision) applyDecision(response, decision);
    // a session of the console is no key to the other surfaces
    if (caller.signIn !== null && !UNDER_ADMIN.test(request.path)) throw new InterlockError('permission_denied');
    if (!isAllowed(caller, access, request.method)) throw new InterlockError('permission_denied');
    if (access.recentSignIn) this.stepUp.require(caller);
    return true;
  }

  /** A public operation that does more than read is limited per address and route. */
  private async limitAnonymous(request: Request): Promise<void> {
    if (READING_METHODS.has(request.method)) return;
    const { path } = request.route as { path: string };
    await this.tryLimits.takeAnonymous(`${request.method} ${path}`, request.ip ?? '');
  }

  private async merchantCaller(request: Request, response: Response): Promise<Caller | null> {
    const key = request.headers['x-api-key'];
    const hasBearer = /^Bearer\b/i.test(request.headers.authorization ?? '');
    if (key === undefined) return hasBearer ? this.tokenCaller(request) : null;
    if (hasBearer) {
      throw new InterlockError('invalid_request', { message: 'Send an API key or a Bearer token, not both.' });
    }
    const verified = typeof key === 'string' ? await this.keys.verify(key) : null;
    if (verified?.allowedFrom && !verified.allowedFrom.has(request.ip ?? '')) {
      const { id, merchantId, environment } = verified;
      await this.addressRefusals.refuse(
        'api_key',
        { subject: { type: 'api_key', id }, merchantId, environment },
        request.ip ?? '',
      );
    }
    if (verified?.limited) applyDecision(response, verified.limited);
    return verified && callerOf(verified);
  }

  private async tokenCaller(request: Request): Promise<Caller | null> {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? null : this.tokens.verify(token);
  }

  private accessOf(context: ExecutionContext): RouteAccess {
    const handler = context.getHandler();
    const controller = context.getClass();
    let routes = this.routes.get(controller);
    if (!routes) this.routes.set(controller, (routes = new WeakMap()));
    let access = routes.get(handler);
    if (access === undefined) routes.set(handler, (access = readAccess(this.reflector, handler, controller)));
    return access;
  }
}

/**
 * What stands on the handler goes before what stands on its class; asking for a caller goes before letting in anyone.
 */
export function readAccess(reflector: Reflector, handler: NonNullable<unknown>, controller: object): RouteAccess {
  for (const target of [handler, controller] as Parameters<Reflector['get']>[1][]) {
    const rule = reflector.get<AccessRule | undefined>(ACCESS_RULE, target);
    if (rule) return rule;
    if (reflector.get<boolean | undefined>(PUBLIC_ROUTE, target)) return 'public';
  }
  return 'closed';
}

const NOTHING: readonly string[] = [];
const callers = new WeakMap<VerifiedKey, Caller>();

function callerOf(key: VerifiedKey): Caller {
  let caller = callers.get(key);
  if (!caller) {
    caller = {
      kind: 'api_key',
      id: key.id,
      merchantId: key.merchantId,
      environment: key.environment,
      scopes: key.scopes,
      roles: NOTHING,
      nodeIds: NOTHING,
      permissions: NOTHING,
      heldUntil: key.expiresAt,
      tokenId: null,
      signIn: null,
    };
    callers.set(key, caller);
  }
  return caller;
}

function applyDecision(response: Response, decision: RateDecision): void {
  response.setHeader('X-RateLimit-Limit', String(decision.limit));
  response.setHeader('X-RateLimit-Remaining', String(decision.remaining));
  response.setHeader('X-RateLimit-Reset', String(decision.resetAtSeconds));
  if (!decision.allowed) {
    throw new InterlockError('rate_limited', { retryAfterSeconds: decision.retryAfterSeconds });
  }
}
