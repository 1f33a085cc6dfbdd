import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { ExchangeTriesRepository } from './store/exchange-tries.repository';

/** Twice the window in which they count. */
const TRIES_KEPT_SECONDS = 120;

/** Forgets tries that do not count any more. */
@Injectable()
export class TryCleanup extends Daemon {
  protected readonly name = 'try-cleanup';
  protected readonly intervalMs = 60_000;

  constructor(private readonly tries: ExchangeTriesRepository) {
    super();
  }

  protected async tick(): Promise<boolean> {
    await this.tries.removeOld(TRIES_KEPT_SECONDS);
    return false;
  }
}
