import { Injectable, type PipeTransform } from '@nestjs/common';
import { PROVIDER_ID_FORM, ProviderRegistry, unknownProvider } from '../../providers';
import type { IntegrationKey } from '../integration';
import { IntegrationRepository } from '../store/integration.repository';

/**
 * Lets pass what is served, and what the merchant has an integration of although nobody serves it any more: what was
 * synced stays readable, and whatever needs the provider says `unavailable`.
 */
@Injectable()
export class IntegrationKeyPipe implements PipeTransform<IntegrationKey, Promise<IntegrationKey>> {
  constructor(
    private readonly registry: ProviderRegistry,
    private readonly integrations: IntegrationRepository,
  ) {}

  async transform(key: IntegrationKey): Promise<IntegrationKey> {
    if (await this.registry.find(key.provider)) return key;
    const isKept = PROVIDER_ID_FORM.test(key.provider) && (await this.integrations.findByKey(key)) !== null;
    if (!isKept) throw unknownProvider('provider', this.registry);
    return key;
  }
}
