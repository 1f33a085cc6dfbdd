import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import type { Integration, IntegrationKey } from './integration';
import { integrationEvent } from './integration-event';
import { transition, type LifecycleEvent } from './state-machine';
import { IntegrationRepository } from './store/integration.repository';

/** A change of one integration: under its row lock, where its state allows it, audited in the same transaction. */
@Injectable()
export class IntegrationChanges {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly audit: AuditLog,
  ) {}

  /** Refused as the state machine says. `which`: an id, or a merchant's place for a provider. */
  make<T>(
    which: IntegrationKey | string,
    event: LifecycleEvent,
    work: (tx: Tx, integration: Integration) => Promise<T>,
  ): Promise<T> {
    return this.unitOfWork.run(async (tx) => work(tx, await this.lock(tx, which, event)));
  }

  /** The first part of `make`, for a transaction that begins with something else. */
  async lock(tx: Tx, which: IntegrationKey | string, event: LifecycleEvent): Promise<Integration> {
    const byId = typeof which === 'string';
    const integration = await (byId ? this.integrations.lock(tx, which) : this.integrations.lockByKey(tx, which));
    if (byId && !integration) throw new InterlockError('not_found');
    transition(integration?.state ?? 'none', event);
    return integration!;
  }

  record(tx: Tx, ...event: Parameters<typeof integrationEvent>): Promise<void> {
    return this.audit.record(tx, integrationEvent(...event));
  }
}
