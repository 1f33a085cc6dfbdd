import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TokenRevocations } from '../auth';
import type { Tx } from '../platform/database';
import { ACCESS_TTL_SECONDS } from './session-rules';
import { NodeIntegrationRepository } from './store/node-integration.repository';
import { NodeSessionRepository } from './store/node-session.repository';

const CHANNEL = 'node_tokens_ended';
/** The life of an access token, and the clock skew that the guard grants it, with a minute to spare. */
export const MEMORY_SECONDS = ACCESS_TTL_SECONDS + 60 + 60;

/**
 * Access tokens of nodes that ended early: their key was deleted, expired, narrowed, rotated without overlap, or its
 * refresh token used twice.
 */
@Injectable()
export class RevokedTokens implements OnModuleInit {
  constructor(
    private readonly integrations: NodeIntegrationRepository,
    private readonly sessions: NodeSessionRepository,
    private readonly revocations: TokenRevocations,
  ) {}

  onModuleInit(): void {
    this.revocations.register({
      channel: CHANNEL,
      load: async () => {
        const [ended, revoked] = await Promise.all([
          this.integrations.listEnded(MEMORY_SECONDS),
          this.sessions.listRevokedJtis(MEMORY_SECONDS),
        ]);
        // by integration: tokens issued up to this second are refused
        const endedAt = new Map(
          ended.map((each) => [each.id, each.forGood ? Infinity : Math.floor((each.endedAt?.getTime() ?? 0) / 1000)]),
        );
        const jtis = new Set(revoked);
        return (token) => jtis.has(token.jti) || (token.issuedAt ?? 0) <= (endedAt.get(token.subject) ?? -1);
      },
    });
  }

  /** In the transaction of the operation that ended them. */
  async announce(tx: Tx, integrationId: string): Promise<void> {
    await this.revocations.announce(tx, CHANNEL, integrationId);
  }
}
