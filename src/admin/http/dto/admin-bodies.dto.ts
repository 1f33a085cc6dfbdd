import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ENVIRONMENTS, IsTimestamp, type Environment } from '../../../platform/http';
import { RESOURCE_TYPES, type ResourceType } from '../../../providers';
import { IntegrationFilterDto } from './admin-queries.dto';

/** Blanks alone are no reason. */
const TEXT_FORM = /\S/;

/** May be left out, and is nothing else then: null would pass for a value, where a default decides what is done. */
const LeftOut = (): PropertyDecorator => ValidateIf((_body, value) => value !== undefined);

const ADDRESS_RANGES = { nullable: true, maxItems: 50, example: ['203.0.113.0/24', '2001:db8::/32'] };

/** The service names the rule that a range breaks. */
const AddressRanges = (): PropertyDecorator =>
  applyDecorators(
    IsArray(),
    ArrayNotEmpty(),
    ArrayMaxSize(50),
    IsString({ each: true }),
    Length(1, 50, { each: true }),
  );

/** Every operation says why: it goes to the audit log. */
export class ReasonDto {
  @ApiProperty({ minLength: 1, maxLength: 500, example: 'The merchant asked for it (ticket 4711).' })
  @IsString()
  @Length(1, 500)
  @Matches(TEXT_FORM, { message: 'must not be blank' })
  reason: string;
}

export class SyncNowDto extends ReasonDto {
  @ApiPropertyOptional({ default: false, description: 'Read everything anew, not only what changed.' })
  @LeftOut()
  @IsBoolean()
  fullResync?: boolean;
}

export class BulkRetryDto {
  @ApiPropertyOptional({ minLength: 1, maxLength: 500, description: 'Why; a dry run needs none.' })
  @ValidateIf((body: BulkRetryDto) => body.dryRun === false || body.reason !== undefined)
  @IsString()
  @Length(1, 500)
  @Matches(TEXT_FORM, { message: 'must not be blank' })
  reason?: string;

  @ApiPropertyOptional({ type: IntegrationFilterDto, description: 'Which integrations; left out: all active ones.' })
  @LeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => IntegrationFilterDto)
  filter?: IntegrationFilterDto;

  @ApiPropertyOptional({ enum: RESOURCE_TYPES })
  @LeftOut()
  @IsIn(RESOURCE_TYPES)
  resourceType?: ResourceType;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 500, default: 100 })
  @LeftOut()
  @IsInt()
  @Min(1)
  @Max(500)
  limitPerIntegration?: number;

  @ApiPropertyOptional({
    default: true,
    description: 'Shows what would happen and writes nothing, unless it is false.',
  })
  @LeftOut()
  @IsBoolean()
  dryRun?: boolean;
}

export class CreateApiKeyDto extends ReasonDto {
  @ApiProperty({ enum: ENVIRONMENTS })
  @IsIn(ENVIRONMENTS)
  environment: Environment;

  @ApiProperty({ maxLength: 255 })
  @IsString()
  @Length(1, 255)
  @Matches(TEXT_FORM, { message: 'must not be blank' })
  name: string;

  @ApiProperty({ type: [String], example: ['integrations:*', 'sync:*'] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  scopes: string[];

  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsTimestamp()
  expiresAt?: string;

  @ApiPropertyOptional({
    type: [String],
    ...ADDRESS_RANGES,
    description: 'Where it may be used from; left out or null: anywhere.',
  })
  @IsOptional()
  @AddressRanges()
  allowedCidrs?: string[] | null;
}

export class AllowedAddressesDto extends ReasonDto {
  @ApiProperty({ type: [String], ...ADDRESS_RANGES, description: 'null: anywhere.' })
  @ValidateIf((_body, value) => value !== null)
  @AddressRanges()
  allowedCidrs: string[] | null;
}

export class RotateApiKeyDto extends ReasonDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 604_800,
    default: 86_400,
    description: 'How long the old key works on.',
  })
  @LeftOut()
  @IsInt()
  @Min(0)
  @Max(604_800)
  overlapSeconds?: number;
}

export class StartRotationDto extends ReasonDto {
  @ApiPropertyOptional({ enum: ['rewrap', 'reencrypt'], default: 'rewrap' })
  @LeftOut()
  @IsIn(['rewrap', 'reencrypt'])
  mode?: 'rewrap' | 'reencrypt';

  @ApiPropertyOptional({ description: 'Left out: the key that is current.', maxLength: 2048 })
  @LeftOut()
  @IsString()
  @Length(1, 2048)
  toKeyId?: string;
}

export class SignInDto {
  @ApiProperty({ description: 'A JWT with an admin role.', maxLength: 8192 })
  @IsString()
  @Length(1, 8192)
  token: string;
}
