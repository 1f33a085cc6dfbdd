import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock';
import { LastSeen, type Seen } from './last-seen';
import { ApiKeyRepository } from './store/api-key.repository';

/** Notes when API keys were last used. */
@Injectable()
export class LastUsedTracker extends LastSeen<null> {
  constructor(
    private readonly keys: ApiKeyRepository,
    clock: Clock,
  ) {
    super('auth', clock);
  }

  protected write(seen: readonly Seen<null>[], minIntervalSeconds: number): Promise<number> {
    return this.keys.touch(
      seen.map(({ id }) => id),
      seen.map(({ at }) => at),
      minIntervalSeconds,
    );
  }
}
