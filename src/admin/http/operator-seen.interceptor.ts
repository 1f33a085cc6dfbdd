import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { OperatorSightings } from '../../operators';
import { RequestContext } from '../../platform/http';

/** Notes who used the admin API. */
@Injectable()
export class OperatorSeenInterceptor implements NestInterceptor {
  constructor(private readonly sightings: OperatorSightings) {}

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { id, roles } = RequestContext.current()!.caller!;
    this.sightings.mark(id, roles);
    return next.handle();
  }
}
