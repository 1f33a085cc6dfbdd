import { Injectable } from '@nestjs/common';
import { Vault } from '../vault';
import { KeyManagementGateRepository } from './store/key-management-gate.repository';

/** Key management cannot be asked right now: nobody's fault here, and it passes by itself. */
export class CredentialUnavailable extends Error {
  /** Answered as 503 `unavailable`. */
  readonly transient = true;

  constructor(
    cause?: unknown,
    /** Another run tries whether it is back: this one has not asked, and may come again then. */
    readonly retryInMs: number | null = null,
  ) {
    super('The key management service cannot be reached; the credential cannot be opened until it can.', { cause });
    this.name = 'CredentialUnavailable';
  }
}

/** Lets runs at key management one at a time while it is away or throttles: all together would keep it so. */
@Injectable()
export class KeyManagementGate {
  constructor(
    private readonly gates: KeyManagementGateRepository,
    private readonly vault: Vault,
  ) {}

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
