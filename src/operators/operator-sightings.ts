import { Injectable } from '@nestjs/common';
import { LastSeen, type Seen } from '../auth';
import { Clock } from '../platform/clock';
import { OperatorRepository } from './store/operator.repository';

/** When operators used the admin API last, and with which roles. */
@Injectable()
export class OperatorSightings extends LastSeen<readonly string[]> {
  constructor(
    private readonly operators: OperatorRepository,
    clock: Clock,
  ) {
    // each use: another process may have noted other roles since
    super('operators', clock, 0);
  }

  protected write(seen: readonly Seen<readonly string[]>[], minIntervalSeconds: number): Promise<void> {
    return this.operators.seen(seen, minIntervalSeconds);
  }
}
