import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { ExchangeTriesRepository } from './store/exchange-tries.repository';
import { NodeSessionRepository } from './store/node-session.repository';

/** Twice the window in which they count. */
const TRIES_KEPT_SECONDS = 120;
const TOKENS_AT_ONCE = 5_000;

/** Forgets tries and refresh tokens that mean nothing any more. */
@Injectable()
export class NodeCleanup extends Daemon {
  protected readonly name = 'node-cleanup';
  protected readonly intervalMs = 60_000;

  constructor(
    private readonly tries: ExchangeTriesRepository,
    private readonly sessions: NodeSessionRepository,
  ) {
    super();
  }

  protected async tick(): Promise<boolean> {
    await this.tries.removeOld(TRIES_KEPT_SECONDS);
    await this.sessions.removeExpired(TOKENS_AT_ONCE);
    return false;
  }
}
