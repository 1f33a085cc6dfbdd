import {
  Count,
  EnvironmentName,
  Flag,
  Id,
  MerchantName,
  ProviderName,
  Text,
  TextOrNull,
  Time,
  TimeOrNull,
} from './fields';

export class HeldPaymentDto {
  @Id() id: string;
  @Id() integrationId: string;
  @MerchantName() merchantName: string | null;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @Text({ description: 'The merchant’s own word for it.' }) reference: string;
  @Text({ description: 'What to look for at the provider.' }) providerReference: string;
  @Text() externalInvoiceId: string;
  @Text() externalCustomerId: string;
  @Count() amountMinor: number;
  @Text({ example: 'GBP' }) currency: string;
  @Time() createdAt: Date;
  @Time({ description: 'When it was first held; a search does not change it.' }) heldAt: Date;
  @Flag({ description: 'A run searches the provider for it. It is held until the run has found it.' })
  isSearched: boolean;
  @Flag({ description: 'It asks the provider at this moment: `not-taken` is refused until it has ended.' })
  isSearchRunning: boolean;
  @TextOrNull({
    description:
      'What the search waits for: the `waitReason` of its run, `integration_not_active` or `payments_switched_off`.',
    example: 'rate_limited',
  })
  searchWaitReason: string | null;
  @TimeOrNull({ description: 'Until when at least the search waits; null: it does not.' })
  searchWaitsUntil: Date | null;
}

export class ReviewSearchDto {
  @Id({ description: 'The run that searches.' }) runId: string;
}

export class ReviewedPaymentDto {
  @Id({ description: 'The payment.' }) id: string;
}
