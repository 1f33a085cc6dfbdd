import { Injectable, Logger, Optional, type OnApplicationShutdown } from '@nestjs/common';
import { Readiness } from '../platform/health';
import { VaultError, type VaultErrorReason } from './vault-error';

/** Reasons that concern every call. The others concern one secret or one key. */
const SERVES_NOBODY: ReadonlySet<VaultErrorReason> = new Set(['unavailable', 'throttled', 'denied', 'key_disabled']);
/** How soon it is asked again while it fails: nobody else may ask, and what it last answered would stand for ever. */
export const ASK_AGAIN_MS = 30_000;
/** What asks is allowed where other calls are denied: a denial stands until nobody has met it for so long. */
export const DENIAL_STANDS_MS = 5 * 60_000;
const ASKING = 'DescribeKey';

interface Failing {
  readonly reason: VaultErrorReason;
  readonly action: string;
  readonly since: Date;
  /** Monotonic. */
  readonly metAt: number;
}

type Ask = () => Promise<{ readonly keyId: string }>;

/**
 * What AWS KMS last answered to this process, which asks it again while it fails. Readiness reports it as
 * `dependencies.keyManagement` and stays up, because a process serves reads, and opens credentials whose data keys it
 * knows, without KMS.
 */
@Injectable()
export class KeyManagementHealth implements OnApplicationShutdown {
  private readonly logger = new Logger('key-management');
  private readonly listeners: (() => Promise<void>)[] = [];
  private failing: Failing | null = null;
  private askKms: Ask | null = null;
  private timer: NodeJS.Timeout | null = null;
  private ended = false;

  constructor(@Optional() private readonly readiness?: Readiness) {}

  /** From now on it is reported. Each call's outcome goes to `saw`; `ask` makes one that changes nothing. */
  report(ask: Ask): void {
    this.askKms = ask;
    this.readiness?.reportDependency('keyManagement', () =>
      this.failing ? { status: 'down', reason: new VaultError(this.failing.reason).detail } : { status: 'up' },
    );
  }

  /** Why KMS is not available to this process, and since when; null: it is, or was not asked. */
  away(): { readonly reason: string; readonly since: Date } | null {
    return this.failing && { reason: new VaultError(this.failing.reason).detail, since: this.failing.since };
  }

  /** Called when KMS answers that could not be reached. Throttling is no such failure: it goes by the call. */
  whenBack(listener: () => Promise<void>): void {
    this.listeners.push(listener);
  }

  saw(action: string, outcome: 'ok' | VaultErrorReason): void {
    if (outcome === 'ok') this.answered(action);
    else if (SERVES_NOBODY.has(outcome)) this.failed(action, outcome);
  }

  /** Asks once, for the start of a process, and logs the answer. A start without KMS goes on. */
  async ask(currentKey: Ask): Promise<void> {
    try {
      const { keyId } = await currentKey();
      this.logger.log({ msg: 'AWS KMS answers', keyId });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.failed(ASKING, error.reason);
      this.logger.error({
        msg: `AWS KMS does not serve this process: ${error.detail}. No credential can be saved, and no sync can open one, until it does.`,
        reason: error.reason,
      });
    }
  }

  onApplicationShutdown(): void {
    this.ended = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private answered(action: string): void {
    const { failing } = this;
    if (failing === null || stillDenied(failing, action)) return;
    this.failing = null;
    if (failing.reason !== 'unavailable') return;
    for (const listener of this.listeners) {
      listener().catch((error: unknown) => this.logger.warn({ msg: 'the return of AWS KMS was not told', err: error }));
    }
  }

  private failed(action: string, reason: VaultErrorReason): void {
    const since = this.failing?.since ?? new Date();
    this.failing = { reason, action, since, metAt: performance.now() };
    this.askAgain();
  }

  /** Each answer comes by `saw`, as those of all calls do. */
  private askAgain(): void {
    const { askKms } = this;
    if (this.timer || this.ended || askKms === null) return;
    this.timer = setTimeout(() => {
      void askKms()
        .catch(() => undefined)
        .then(() => {
          this.timer = null;
          if (this.failing) this.askAgain();
        });
    }, ASK_AGAIN_MS).unref();
  }
}

function stillDenied({ reason, action, metAt }: Failing, answered: string): boolean {
  return reason === 'denied' && action !== answered && performance.now() - metAt < DENIAL_STANDS_MS;
}
