import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { explainActive, explainInactive, type Explanation, NEVER_CONFIGURED } from './explain';
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
