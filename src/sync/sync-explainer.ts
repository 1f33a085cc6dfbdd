import { Injectable } from '@nestjs/common';
import type { Integration } from '../integrations';
import { Readiness } from '../platform/health';
import { explainActive, explainInactive, forTeam, NEVER_CONFIGURED, type Explanation } from './explain';
import { ExplainRepository } from './store/explain.repository';

/** Says in words why the next sync of an integration will or will not run. */
@Injectable()
export class SyncExplainer {
  constructor(
    private readonly facts: ExplainRepository,
    private readonly readiness: Readiness,
  ) {}

  /** In the words of the console, and not of the API. */
  async explainToTeam(integration: Integration): Promise<Explanation> {
    return forTeam(await this.explain(integration));
  }

  async explain(integration: Integration | null): Promise<Explanation> {
    if (!integration) return NEVER_CONFIGURED;
    if (integration.state !== 'active') return explainInactive(integration.deactivatedAt);
    const facts = await this.facts.facts(integration.id);
    // nobody else waits for the queue
    const queueFault = facts.runState === 'queued' ? await this.readiness.queueFault() : null;
    return explainActive(facts, queueFault);
  }
}
