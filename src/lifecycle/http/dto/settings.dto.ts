import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsTimeZone,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { PaymentMappingRowDto } from '../../../mappings';
import { IsCurrencyCode } from '../../../platform/http';
import { MAX_INTERVAL_MINUTES } from '../../configuration';

/** How to sync. Of a change, what is left out stays as it is. */
export class SettingsDto {
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Minutes between syncs. Activation takes the provider’s default when it is left out.',
    minimum: 5,
    maximum: MAX_INTERVAL_MINUTES,
    example: 60,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_INTERVAL_MINUTES)
  syncIntervalMinutes?: number;

  @ApiPropertyOptional({
    description: 'ISO 4217. Activation takes the merchant’s default currency when it is left out.',
    example: 'GBP',
    pattern: '^[A-Z]{3}$',
  })
  @IsOptional()
  @IsCurrencyCode()
  currency?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'IANA zone of the account’s times; null: unknown, as it is when activation leaves it out.',
    example: 'Europe/London',
  })
  @IsOptional()
  @IsTimeZone({ message: 'must be an IANA time zone, such as Europe/London' })
  timezone?: string | null;

  @ApiPropertyOptional({
    type: 'integer',
    description: 'How many days of invoices and payments a full scan reads.',
    minimum: 1,
    maximum: 3650,
    default: 90,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3650)
  invoiceLookbackDays?: number;

  @ApiPropertyOptional({ default: true })
  @IsOptional()
  @IsBoolean()
  syncEnabled?: boolean;

  @ApiPropertyOptional({ default: true, description: 'Customers.' })
  @IsOptional()
  @IsBoolean()
  syncPatients?: boolean;

  @ApiPropertyOptional({ default: true, description: 'Services and products.' })
  @IsOptional()
  @IsBoolean()
  syncProducts?: boolean;

  @ApiPropertyOptional({ default: true, description: 'Packages and memberships.' })
  @IsOptional()
  @IsBoolean()
  syncPackages?: boolean;

  @ApiPropertyOptional({ default: true, description: 'Invoices, and payments with them.' })
  @IsOptional()
  @IsBoolean()
  syncInvoices?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Send payments made on the platform to the provider.' })
  @IsOptional()
  @IsBoolean()
  pushPayments?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Unpaid invoices are stored as open (true) or draft (false).' })
  @IsOptional()
  @IsBoolean()
  autoSendInvoices?: boolean;

  @ApiPropertyOptional({
    type: [PaymentMappingRowDto],
    maxItems: 500,
    description: 'Left out: the mappings kept from before.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PaymentMappingRowDto)
  paymentMappings?: PaymentMappingRowDto[];
}
