import { Injectable } from '@nestjs/common';
import { Notifications, type Tx } from '../platform/database';
import type { SignIn } from '../platform/http';

/** The origin that a valid token states. */
export interface TokenOrigin {
  readonly subject: string;
  /** Names this one token: its `jti`, or a digest of what was signed where it has none. */
  readonly jti: string;
  /** Unix seconds. */
  readonly issuedAt: number | null;
  /** null: the token stands for no sign-in. */
  readonly signIn: SignIn | null;
}

/** A list of ended tokens, as it was read: whether it names this one. */
export type EndedList = (token: TokenOrigin) => boolean;

/** Where ends are known. `load` throws when it cannot know: the caller is then answered 503, never let in. */
export interface RevocationSource {
  /** The signal that an operation on any process sends. */
  readonly channel: string;
  load(): Promise<EndedList>;
}

/**
 * The bound: an end is obeyed at once by the process that made it and within milliseconds by the others, which hear a
 * signal and read the list anew; where no signal arrives, within this age of the list.
 */
const MAX_AGE_MS = 20_000;

/**
 * Whether a token was ended before its time. A module that ends tokens registers its list; each is asked for every
 * request, also when the token's signature was believed from memory.
 */
@Injectable()
export class TokenRevocations {
  private readonly lists: CachedList[] = [];

  constructor(private readonly notifications: Notifications) {}

  register(source: RevocationSource): void {
    const list = new CachedList(source);
    const changed = (): void => list.forget();
    this.notifications.subscribe(source.channel, changed, changed);
    this.lists.push(list);
  }

  /** In the transaction of the operation that ended a token. */
  async announce(tx: Tx, channel: string, payload: string): Promise<void> {
    await this.notifications.publish(tx, channel, payload);
    // this process does not wait for the signal
    tx.afterCommit(() => this.lists.filter((list) => list.channel === channel).forEach((list) => list.forget()));
  }

  async isRevoked(token: TokenOrigin): Promise<boolean> {
    for (const list of this.lists) {
      const known = list.fresh ?? (await list.read());
      if (known(token)) return true;
    }
    return false;
  }
}

class CachedList {
  private list: { readonly names: EndedList; readonly loadedAt: number } | null = null;
  private loading: Promise<EndedList> | null = null;

  constructor(private readonly source: RevocationSource) {}

  get channel(): string {
    return this.source.channel;
  }

  get fresh(): EndedList | null {
    return this.list && performance.now() - this.list.loadedAt < MAX_AGE_MS ? this.list.names : null;
  }

  read(): Promise<EndedList> {
    if (this.loading) return this.loading;
    const loadedAt = performance.now();
    const loading: Promise<EndedList> = this.source
      .load()
      .then((names) => {
        // evicted meanwhile: valid for earlier callers, and not kept
        if (this.loading === loading) this.list = { names, loadedAt };
        return names;
      })
      .finally(() => {
        if (this.loading === loading) this.loading = null;
      });
    this.loading = loading;
    return loading;
  }

  forget(): void {
    this.list = null;
    this.loading = null;
  }
}
