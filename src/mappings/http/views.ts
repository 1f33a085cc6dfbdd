import type { PaymentMethod, ProviderCredentials } from '../../providers';
import type { ShownMapping, UnmappedAttempt } from '../product-mappings';
import type { PaymentMapping } from '../store/payment-mapping.repository';
import type { OneShotCredentialsDto, PaymentMappingRowDto, PaymentMethodDto } from './dto/payment.dto';
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

export function toPaymentMethodDto({ id, name, active, sort_order }: PaymentMethod): PaymentMethodDto {
  return { id, name, active, sort_order };
}

/** The request names its contact differently than the credentials of activate do. */
export function toCredentials({ baseUrl, apiKey, contactEmail, tenantId }: OneShotCredentialsDto): ProviderCredentials {
  return {
    baseUrl,
    apiKey,
    ...(contactEmail == null ? {} : { appEmail: contactEmail }),
    ...(tenantId == null ? {} : { tenantId }),
  };
}

export function requestFieldOf(field: string): string {
  const name = field.replace(/^credentials\./, '');
  return name === 'appEmail' ? 'contactEmail' : name;
}
