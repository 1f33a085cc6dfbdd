import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TokenRevocations } from '../auth';
import { Notifications, type Tx } from '../platform/database';
import { NodeIntegrationRepository } from './store/node-integration.repository';
import { NodeSessionRepository } from './store/node-session.repository';

const CHANNEL = 'node_tokens_ended';
/**
 * The bound: an end is obeyed at once by the process that made it and within milliseconds by the others, which hear a signal
 * and read the list anew; where no signal arrives, within this age of the list.
 */
const MAX_AGE_MS = 20_000;
/** The life of an access token, and the clock skew that the guard grants it, with a minute to spare. */
const MEMORY_SECONDS = 3_600 + 60 + 60;

interface EndedList {
  /** By integration: access tokens issued up to this second are refused. */
  readonly endedAt: ReadonlyMap<string, number>;
  readonly jtis: ReadonlySet<string>;
  readonly loadedAt: number;
}

/** The deny list of access tokens: what was deleted, expired, narrowed, rotated without overlap or used twice in the last hour. */
@Injectable()
export class EndedTokens implements OnModuleInit {
  private list: EndedList | null = null;
  private loading: Promise<EndedList> | null = null;

  constructor(
    private readonly integrations: NodeIntegrationRepository,
    private readonly sessions: NodeSessionRepository,
    private readonly notifications: Notifications,
    private readonly revocations: TokenRevocations,
  ) {}

  onModuleInit(): void {
    const changed = (): void => this.forget();
    this.notifications.subscribe(CHANNEL, changed, changed);
    this.revocations.register((token) => {
      const judge = ({ endedAt, jtis }: EndedList): boolean =>
        (token.jti !== null && jtis.has(token.jti)) || (token.issuedAt ?? 0) <= (endedAt.get(token.subject) ?? -1);
      const fresh = this.list && performance.now() - this.list.loadedAt < MAX_AGE_MS;
      return fresh ? judge(this.list!) : this.load().then(judge);
    });
  }

  /** In the transaction of the act that ended them. */
  async announce(tx: Tx, integrationId: string): Promise<void> {
    await this.notifications.publish(tx, CHANNEL, integrationId);
    // this process does not depend on the channel
    tx.afterCommit(() => this.forget());
  }

  private load(): Promise<EndedList> {
    if (this.loading) return this.loading;
    const loadedAt = performance.now();
    const loading: Promise<EndedList> = Promise.all([
      this.integrations.listEnded(MEMORY_SECONDS),
      this.sessions.listRevokedJtis(MEMORY_SECONDS),
    ])
      .then(([ended, jtis]) => {
        const endedAt = new Map(
          ended.map((each) => [each.id, each.forGood ? Infinity : Math.floor((each.endedAt?.getTime() ?? 0) / 1000)]),
        );
        const list = { endedAt, jtis: new Set(jtis), loadedAt };
        // forgotten meanwhile: good for who asked before, not to be kept
        if (this.loading === loading) this.list = list;
        return list;
      })
      .finally(() => {
        if (this.loading === loading) this.loading = null;
      });
    this.loading = loading;
    return loading;
  }

  private forget(): void {
    this.list = null;
    this.loading = null;
  }
}
