import { Injectable } from '@nestjs/common';
import { IntegrationRepository, type IntegrationKey, transition } from '../integrations';
import { type Tx, UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { type PaymentMapping, PaymentMappingRepository } from './store/payment-mapping.repository';

/** Which payment method of the provider one of ours stands for. Mappings outlive a deactivation. */
@Injectable()
export class PaymentMappings {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly integrations: IntegrationRepository,
    private readonly mappings: PaymentMappingRepository,
  ) {}

  /** 404 where the provider was never configured; mappings outlive a deactivation. */
  async list(slot: IntegrationKey): Promise<PaymentMapping[]> {
    if ((await this.integrations.findByKey(slot)) === null) throw new InterlockError('not_found');
    return this.mappings.list(slot);
  }

  /** The provider's method id; null: not mapped. */
  async methodFor(tx: Tx, slot: IntegrationKey, revkeenMethod: string): Promise<string | null> {
    return (await this.mappings.find(tx, slot, revkeenMethod))?.providerMethodId ?? null;
  }

  /** Needs an active integration. A reader sees the old list or the new one, never a part. */
  async replaceAll(slot: IntegrationKey, mappings: readonly PaymentMapping[]): Promise<void> {
    refuseRepeatedMethods(mappings, 'mappings');
    await this.unitOfWork.run(async (tx) => {
      const integration = await this.integrations.lockByKey(tx, slot);
      transition(integration?.state ?? 'none', 'configure');
      await this.mappings.replaceAll(tx, slot, mappings);
    });
  }

  /** For activation. Precondition: the caller holds the slot's claim or its row lock, and refused what occurs twice. */
  async replaceAllIn(tx: Tx, slot: IntegrationKey, mappings: readonly PaymentMapping[]): Promise<void> {
    await this.mappings.replaceAll(tx, slot, mappings);
  }

  /** Precondition: the caller holds the integration's row lock. */
  async eraseIn(tx: Tx, slot: IntegrationKey): Promise<void> {
    await this.mappings.removeAll(tx, slot);
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
