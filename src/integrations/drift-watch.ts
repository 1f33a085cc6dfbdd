import { Injectable, Logger, Optional } from '@nestjs/common';
import type { Environment } from '../platform/http';
import { ServiceMetrics } from '../platform/metrics';
import type { OutboundRequest, OutboundResponse } from '../platform/outbound';
import { sightingsIn, type ProviderId } from '../providers';
import { ProviderSightingRepository } from './store/provider-sighting.repository';

/** One answer of a list is looked at in this time, whoever's it is: a look costs a few milliseconds. */
const LOOK_EVERY_MS = 5_000;
/** A shorter answer is always looked at: what a provider has begun to send comes with the next rows that change. */
const SHORT_ROWS = 20;
const MAX_KEPT = 20_000;

/** Notices in normal syncs what a provider has begun to send: fields, forms and words that were not seen before. */
@Injectable()
export class DriftWatch {
  private readonly logger = new Logger('integrations');
  /** What is stored already: a look that finds nothing new writes nothing. */
  private readonly stored = new Set<string>();
  private readonly nextLook = new Map<string, number>();

  constructor(
    private readonly repository: ProviderSightingRepository,
    @Optional() private readonly metrics?: ServiceMetrics,
  ) {}

  /** Never fails: a sync does not depend on it. */
  async look(
    provider: ProviderId,
    environment: Environment,
    request: Pick<OutboundRequest, 'method' | 'url'>,
    { elements }: Pick<OutboundResponse, 'elements'>,
  ): Promise<void> {
    if (request.method !== 'GET' || elements === null || elements.length === 0) return;
    const place = `${provider}/${environment}/${new URL(request.url).pathname.split('/').slice(-2).join('/')}`;
    const now = performance.now();
    if (elements.length > SHORT_ROWS && (this.nextLook.get(place) ?? 0) > now) return;
    if (this.nextLook.size >= MAX_KEPT) this.nextLook.clear();
    this.nextLook.set(place, now + LOOK_EVERY_MS);
    const keyOf = (sighting: { stream: string; kind: string; name: string }): string =>
      [provider, environment, sighting.stream, sighting.kind, sighting.name].join('\n');
    try {
      const unseen = sightingsIn(provider, request.url, elements).filter(
        (sighting) => !this.stored.has(keyOf(sighting)),
      );
      if (unseen.length === 0) return;
      const added = await this.repository.add(provider, environment, unseen);
      if (this.stored.size >= MAX_KEPT) this.stored.clear();
      for (const sighting of unseen) this.stored.add(keyOf(sighting));
      for (const { kind, known } of added) if (!known) this.metrics?.providerSighted(provider, environment, kind);
    } catch (error) {
      this.logger.warn({
        msg: 'an answer of a provider could not be checked for new fields and words',
        provider,
        environment,
        err: error,
      });
    }
  }
}
