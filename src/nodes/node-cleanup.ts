import { Injectable } from '@nestjs/common';
import { Daemon } from '../platform/daemon';
import { MEMORY_SECONDS } from './revoked-tokens';
import { NodeSessionRepository } from './store/node-session.repository';

const TOKENS_AT_ONCE = 5_000;
const SESSIONS_AT_ONCE = 500;

/** Forgets sessions and refresh tokens that mean nothing any more. */
@Injectable()
export class NodeCleanup extends Daemon {
  protected readonly name = 'node-cleanup';
  protected readonly intervalMs = 60_000;

  constructor(private readonly sessions: NodeSessionRepository) {
    super();
  }

  protected async tick(): Promise<boolean> {
    const expired = await this.sessions.removeExpired(TOKENS_AT_ONCE);
    const ended = await this.sessions.removeEnded(MEMORY_SECONDS, SESSIONS_AT_ONCE);
    return expired >= TOKENS_AT_ONCE || ended >= SESSIONS_AT_ONCE;
  }
}
