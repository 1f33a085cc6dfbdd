import { Injectable } from '@nestjs/common';
import type { Integration, IntegrationKey } from './integration';
import { transition } from './state-machine';
import { IntegrationRepository } from './store/integration.repository';

/** How calls of a merchant find the integration they speak of. */
@Injectable()
export class IntegrationAccess {
  constructor(private readonly integrations: IntegrationRepository) {}

  /** null: never configured. */
  find(key: IntegrationKey): Promise<Integration | null> {
    return this.integrations.findByKey(key);
  }

  /** Whoever it belongs to. */
  async exists(id: string): Promise<boolean> {
    return (await this.integrations.findById(id)) !== null;
  }

  /** 404 when none is active. */
  async requireActive(key: IntegrationKey): Promise<Integration> {
    const integration = await this.find(key);
    transition(integration?.state ?? 'none', 'configure');
    return integration!;
  }
}
