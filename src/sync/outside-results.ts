import { Injectable } from '@nestjs/common';
import type { Tx } from '../platform/database';
import { RunOutcomes } from './run-outcomes';
import { HealthRepository } from './store/health.repository';

/** An outside worker's `syncing` is shown for at most this long. */
const SHOWN_SYNCING_MS = 15 * 60_000;

/** Results of syncs that another worker made. Precondition: the caller holds the integration's row lock. */
@Injectable()
export class OutsideResults {
  constructor(
    private readonly outcomes: RunOutcomes,
    private readonly health: HealthRepository,
  ) {}

  succeeded(tx: Tx, integrationId: string): Promise<void> {
    return this.outcomes.recover(tx, integrationId);
  }

  syncing(tx: Tx, integrationId: string): Promise<void> {
    return this.health.markOutsideSyncing(tx, integrationId, SHOWN_SYNCING_MS);
  }

  failed(tx: Tx, integrationId: string, message: string | null): Promise<void> {
    const text = message ?? 'An outside worker reported a failed sync.';
    return this.outcomes.recordFailure(tx, integrationId, 'provider_down', 'provider_error', text, true);
  }
}
