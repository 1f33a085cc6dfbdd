import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InterlockError } from '../platform/errors';
import { KeyManagementHealth, Vault } from '../vault';
import { KeyManagementGateRepository } from './store/key-management-gate.repository';

/** Key management cannot be asked right now: nobody's fault here, and it passes by itself. */
export class CredentialUnavailable extends Error {
  static readonly text = 'The key management service cannot be reached; the credential cannot be opened until it can.';
  /** Answered as 503 `unavailable`. */
  readonly transient = true;

  constructor(
    cause?: unknown,
    /** Another run tries whether it is back: this one has not asked, and may come again then. */
    readonly retryInMs: number | null = null,
  ) {
    super(CredentialUnavailable.text, { cause });
    this.name = 'CredentialUnavailable';
  }
}

/** The key that seals the credential is not to be had, and does not come back by itself: an operator has to act. */
export class CredentialKeyMissing extends InterlockError {
  static readonly text = 'The service has no access to the key that seals the stored credentials.';

  constructor(cause: unknown) {
    super('unavailable', { message: CredentialKeyMissing.text, nextAction: 'contact_support', cause });
    this.name = 'CredentialKeyMissing';
  }
}

/** Lets runs at key management one at a time while it is away or throttles: all together would keep it so. */
@Injectable()
export class KeyManagementGate implements OnModuleInit {
  constructor(
    private readonly gates: KeyManagementGateRepository,
    private readonly vault: Vault,
    private readonly health: KeyManagementHealth,
  ) {}

  /** Whoever finds that it is back opens for all: runs that failed may come back late, or not at all. */
  onModuleInit(): void {
    this.health.whenBack(() => this.gates.open());
  }

  /** Opens a credential for a run. What needs no key management, because its key is at hand, passes. */
  async pass<T>(runId: string, credentialId: string, open: () => Promise<T>): Promise<T> {
    if (this.vault.holdsKeyOf(credentialId)) return open();
    const gate = await this.gates.enter(runId);
    if (!gate.pass) throw new CredentialUnavailable(undefined, gate.retryInMs);
    try {
      const opened = await open();
      if (gate.probe) await this.gates.open();
      return opened;
    } catch (error) {
      if (error instanceof CredentialUnavailable) await this.gates.shut(runId);
      throw error;
    }
  }
}
