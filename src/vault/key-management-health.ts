import { Injectable, Logger, Optional } from '@nestjs/common';
import { Readiness } from '../platform/health';
import { VaultError, type VaultErrorReason } from './vault-error';

/** Reasons that concern every call. The others concern one secret or one key. */
const SERVES_NOBODY: ReadonlySet<VaultErrorReason> = new Set(['unavailable', 'throttled', 'denied', 'key_disabled']);

/**
 * What AWS KMS last answered to this process. Readiness reports it as `dependencies.keyManagement` and stays up,
 * because a process serves reads, and opens credentials whose data keys it knows, without KMS.
 */
@Injectable()
export class KeyManagementHealth {
  private readonly logger = new Logger('key-management');
  private failing: { readonly reason: string; readonly since: Date } | null = null;

  constructor(@Optional() private readonly readiness?: Readiness) {}

  /** From now on it is reported. Each call's outcome goes to `saw`. */
  report(): void {
    this.readiness?.reportDependency('keyManagement', () =>
      this.failing ? { status: 'down', reason: this.failing.reason } : { status: 'up' },
    );
  }

  /** Why KMS is not available to this process, and since when; null: it is, or was not asked. */
  away(): { readonly reason: string; readonly since: Date } | null {
    return this.failing;
  }

  saw(outcome: 'ok' | VaultErrorReason): void {
    if (outcome === 'ok') this.failing = null;
    else if (SERVES_NOBODY.has(outcome)) this.failed(new VaultError(outcome));
  }

  /** Asks once, for the start of a process, and logs the answer. A start without KMS goes on. */
  async ask(currentKey: () => Promise<{ readonly keyId: string }>): Promise<void> {
    try {
      const { keyId } = await currentKey();
      this.logger.log({ msg: 'AWS KMS answers', keyId });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.failed(error);
      this.logger.error({
        msg: `AWS KMS does not serve this process: ${error.detail}. No credential can be saved, and no sync can open one, until it does.`,
        reason: error.reason,
      });
    }
  }

  private failed({ detail }: VaultError): void {
    this.failing = { reason: detail, since: this.failing?.since ?? new Date() };
  }
}
