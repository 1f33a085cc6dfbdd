import { Injectable, Optional, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { InterlockError } from '../../platform/errors';
import { LIST_QUERY, RequestContext, toInterlockError } from '../../platform/http';
import { ServiceMetrics } from '../../platform/metrics';
import { answerOfError, errorOf, type RepeatableAnswer } from '../answer';
import { IdempotencyService, type Ticket } from '../idempotency.service';
import { SECRET_RESPONSE } from './secret-response.decorator';

const METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const ROUTES = /^\/(v2|api\/v1(?!\/auth(\/|$)))(\/|$)/;
const KEY_FORM = /^[\x20-\x7e]{1,255}$/;
const UUID_FORM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Runs after the guard, so that 401 and 403 are decided before the key is looked at, and before pipes, so that 400s are
 * kept.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly idempotency: IdempotencyService,
    private readonly reflector: Reflector,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const key = request.headers['idempotency-key'];
    const caller = RequestContext.current()?.caller;
    const route = templateOf(request);
    if (key === undefined || !caller || !METHODS.has(request.method) || !ROUTES.test(route)) return next.handle();
    // Node joins repeated headers to one text
    const once = request.headersDistinct['idempotency-key']?.length === 1;
    if (typeof key !== 'string' || !once || !KEY_FORM.test(key)) {
      throw InterlockError.invalidField('Idempotency-Key', 'must be sent once, as 1 to 255 printable characters');
    }
    const response = http.getResponse<Response>();
    const claim = await this.idempotency.claim({
      caller,
      method: request.method,
      path: filled(route, request.params),
      key,
      body: request.body as unknown,
      query: this.queryOf(context, request),
    });
    if ('replay' in claim) {
      this.metrics?.answerReplayed();
      return replay(response, claim.replay);
    }
    RequestContext.current()!.idempotencyId = claim.run.id;
    const secret = this.reflector.getAllAndOverride<boolean | undefined>(SECRET_RESPONSE, [
      context.getHandler(),
      context.getClass(),
    ]);
    return of(await this.run(claim.run, next, response, secret === true));
  }

  /** What the handler reads of it: a parameter that it ignores makes no other request. */
  private queryOf(context: ExecutionContext, { query }: Request): Readonly<Record<string, unknown>> {
    const names = this.reflector.get<readonly string[] | undefined>(LIST_QUERY, context.getHandler()) ?? [];
    return Object.fromEntries(names.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));
  }

  /** Waits here, not in the stream: it goes on to its end and keeps the answer also when the client has gone. */
  private async run(ticket: Ticket, next: CallHandler, response: Response, secret: boolean): Promise<unknown> {
    const letGo = this.idempotency.hold(ticket);
    try {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.idempotency.finish(
        ticket,
        { status: response.statusCode, headers: contentHeaders(response), body },
        { secret },
      );
      return body;
    } catch (thrown) {
      const error = toInterlockError(thrown);
      await this.idempotency.finish(ticket, answerOfError(error, contentHeaders(response)), { secret });
      throw thrown;
    } finally {
      letGo();
    }
  }
}

function replay(response: Response, answer: RepeatableAnswer): Observable<unknown> {
  response.setHeader('Idempotency-Replayed', 'true');
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  // the error filter writes it with the present request's id
  if ('error' in answer) throw errorOf(answer.error);
  response.status(answer.status);
  return of(answer.body);
}

/** What a handler may have set; type and length of the body follow from the body. */
function contentHeaders(response: Response): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (/^(location|content-(?!length$|security-policy).+)$/.test(name) && value !== undefined)
      headers[name] = String(value);
  }
  return headers;
}

function templateOf(request: Request): string {
  const { path } = request.route as { path: unknown };
  return typeof path === 'string' ? path : '';
}

/** What was matched, in one spelling: the request may write the same path in many. */
function filled(template: string, params: Request['params']): string {
  return template.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(params[name]);
    return encodeURIComponent(UUID_FORM.test(value) ? value.toLowerCase() : value);
  });
}
