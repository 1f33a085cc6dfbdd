import { ApiProperty } from '@nestjs/swagger';
import { WHY_NOT_RETRIED } from '../../bulk-retry-outcome';
import { Count, EnvironmentName, Flag, Id, MerchantName, OneOfOrNull, ProviderName } from './fields';

export class BulkRetryLineDto {
  @Id() integrationId: string;
  @MerchantName() merchantName: string | null;
  @ProviderName() provider: string;
  @EnvironmentName() environment: string;
  @Count({ description: 'Failed entries that get another attempt.' }) queued: number;
  @Count() skipped: number;
  @OneOfOrNull(WHY_NOT_RETRIED, { description: 'Why nothing is queued.' }) because: string | null;
}

/** What has been done of an approved one. */
export class BulkRetryDoneDto {
  @ApiProperty({ type: [BulkRetryLineDto] }) integrations: BulkRetryLineDto[];
  @Count() queued: number;
  @Count() skipped: number;
}

export class BulkRetryOutcomeDto extends BulkRetryDoneDto {
  @Flag() dryRun: boolean;
  @Flag({ description: 'There are more integrations than one call takes.' }) more: boolean;
}
