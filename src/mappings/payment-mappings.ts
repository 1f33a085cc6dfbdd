import { Injectable } from '@nestjs/common';
import { IntegrationRepository, transition, type IntegrationKey } from '../integrations';
import { UnitOfWork, type Tx } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { PaymentMappingRepository, type PaymentMapping } from './store/payment-mapping.repository';

/** Which payment method of the provider one of ours stands for. Mappings outlive a deactivation. */
@Injectable()
export class PaymentMappings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly mappings: PaymentMappingRepository,
  ) {}

  /** 404 where the provider was never configured; mappings outlive a deactivation. */
  async list(key: IntegrationKey): Promise<PaymentMapping[]> {
    if ((await this.integrations.findByKey(key)) === null) throw new InterlockError('not_found');
    return this.mappings.list(key);
  }

  /** The provider's method id; null: not mapped. */
  async methodFor(tx: Tx, key: IntegrationKey, revkeenMethod: string): Promise<string | null> {
    return (await this.mappings.find(tx, key, revkeenMethod))?.providerMethodId ?? null;
  }

  /** Needs an active integration. A reader sees the old list or the new one, never a part. */
  async replaceAll(key: IntegrationKey, mappings: readonly PaymentMapping[]): Promise<void> {
    refuseRepeatedMethods(mappings, 'mappings');
    await this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockByKey(tx, key);
      transition(integration?.state ?? 'none', 'configure');
      await this.mappings.replaceAll(tx, key, mappings);
    });
  }

  /** For activation. Precondition: the caller holds the key's claim or its row lock, and refused what occurs twice. */
  async replaceAllIn(tx: Tx, key: IntegrationKey, mappings: readonly PaymentMapping[]): Promise<void> {
    await this.mappings.replaceAll(tx, key, mappings);
  }

  /** Precondition: the caller holds the integration's row lock. */
  async eraseIn(tx: Tx, key: IntegrationKey): Promise<void> {
    await this.mappings.removeAll(tx, key);
  }
}

/** One id is one row, and a payment that goes out needs one answer. `field`: where the list stands in the request. */
export function refuseRepeatedMethods(mappings: readonly PaymentMapping[], field: string): void {
  for (const name of ['id', 'revkeenMethod'] as const) {
    const seen = new Set<string>();
    mappings.forEach((mapping, index) => {
      if (seen.has(mapping[name])) {
        throw InterlockError.invalidField(`${field}.${index}.${name}`, 'must not occur twice');
      }
      seen.add(mapping[name]);
    });
  }
}
