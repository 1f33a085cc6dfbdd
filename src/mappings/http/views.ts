import { listEnd, type ListPart } from '../../platform/http';
import type { PaymentMethod } from '../../providers';
import type { ShownMapping, UnmappedAttempt } from '../product-mappings';
import type { PaymentMapping } from '../store/payment-mapping.repository';
import type { OneShotCredentialsDto, PaymentMappingRowDto, PaymentMethodListDto } from './dto/payment.dto';
import type { ProductMappingDto, UnmappedAttemptDto } from './dto/product-mapping.dto';

export function toMappingDto(mapping: ShownMapping): ProductMappingDto {
  return {
    externalId: mapping.externalId,
    externalName: mapping.externalName,
    internalId: mapping.internalId,
    productName: mapping.productName,
    productKind: mapping.productKind,
    productAmountMinor: mapping.productAmountMinor,
    productCurrency: mapping.productCurrency,
    metadata: mapping.metadata,
  };
}

export function toUnmappedDto(attempt: UnmappedAttempt): UnmappedAttemptDto {
  return {
    externalPackageId: attempt.externalPackageId,
    externalPackageName: attempt.externalPackageName,
    count: attempt.count,
    lastSeenAt: attempt.lastSeenAt.toISOString(),
  };
}

export function toPaymentMapping({ id, revkeenMethod, practiceHubMethodId }: PaymentMappingRowDto): PaymentMapping {
  return { id, revkeenMethod, providerMethodId: practiceHubMethodId };
}

export function toPaymentMappingRow({ id, revkeenMethod, providerMethodId }: PaymentMapping): PaymentMappingRowDto {
  return { id, revkeenMethod, practiceHubMethodId: providerMethodId };
}

/** What cursors call the list. */
export const PAYMENT_METHODS = 'payment-methods';

export function toPaymentMethodList({ entries, next }: ListPart<PaymentMethod>): PaymentMethodListDto {
  const data = entries.map(({ id, name, active, sort_order }) => ({ id, name, active, sort_order }));
  return { success: true, data, ...listEnd(PAYMENT_METHODS, next) };
}

/** The request names its contact differently than the credentials of activate do. */
export function toCredentials({ baseUrl, apiKey, contactEmail }: OneShotCredentialsDto): object {
  return { baseUrl, apiKey, appEmail: contactEmail };
}

export function requestFieldOf(field: string): string {
  const name = field.replace(/^credentials\./, '');
  return name === 'appEmail' ? 'contactEmail' : name;
}
