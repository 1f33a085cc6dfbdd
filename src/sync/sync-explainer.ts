import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { explainActive, explainInactive, NEVER_CONFIGURED, type Explanation } from './explain';
import { ExplainRepository } from './store/explain.repository';

/** Says in words why the next sync of an integration will or will not run. */
@Injectable()
export class SyncExplainer {
  constructor(private readonly facts: ExplainRepository) {}

  async explain(integration: Integration | null): Promise<Explanation> {
    if (!integration) return NEVER_CONFIGURED;
    if (integration.state !== 'active') return explainInactive(integration.deactivatedAt);
    return explainActive(await this.facts.facts(integration.id));
  }
}
