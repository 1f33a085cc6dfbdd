import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ListEndDto, listQueryOf } from '../../../platform/http';
import { MAX_ID_LENGTH } from './shared';

const MAX_MAPPINGS = 5_000;
const given = (name: keyof MappingMetadataDto) =>
  ValidateIf((metadata: MappingMetadataDto) => metadata[name] !== undefined);

export class MappingMetadataDto {
  @given('name')
  @IsString()
  @MaxLength(255)
  @ApiPropertyOptional({ maxLength: 255, example: 'Ten visit pass' })
  name?: string;

  @given('type')
  @IsString()
  @MaxLength(64)
  @ApiPropertyOptional({ maxLength: 64, example: 'package' })
  type?: string;

  @given('charge_type')
  @IsString()
  @MaxLength(64)
  @ApiPropertyOptional({ maxLength: 64, example: 'upfront' })
  charge_type?: string;
}

export class PutProductMappingDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_LENGTH)
  @ApiProperty({
    minLength: 1,
    maxLength: MAX_ID_LENGTH,
    example: 'package:12',
    description: 'With its kind; the provider’s bare id where only one kind has it, else 409 `conflict`.',
  })
  externalId: string;

  @IsUUID('all', { message: 'must be a UUID' })
  @ApiProperty({ format: 'uuid', description: 'The merchant’s own product; it need not exist yet.' })
  internalId: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MappingMetadataDto)
  @ApiPropertyOptional({ type: () => MappingMetadataDto })
  metadata?: MappingMetadataDto;
}

export class PutProductMappingsDto {
  @IsArray()
  @ArrayMaxSize(MAX_MAPPINGS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PutProductMappingDto)
  @ApiProperty({ type: () => [PutProductMappingDto], maxItems: MAX_MAPPINGS })
  mappings: PutProductMappingDto[];
}

export class PutProductMappingsAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  count: number;
}

export class ProductMappingDto {
  @ApiProperty({ example: 'package:12', description: 'With its kind; bare where nothing of it was synced.' })
  externalId: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ten visit pass', description: 'As sent, or as last synced.' })
  externalName: string | null;

  @ApiProperty({ format: 'uuid' })
  internalId: string;

  @ApiProperty({ type: String, nullable: true, description: 'Null, as the next three: there is no such product.' })
  productName: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'package' })
  productKind: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 15000 })
  productAmountMinor: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'GBP' })
  productCurrency: string | null;

  @ApiProperty({ type: () => MappingMetadataDto, description: 'As sent; empty when nothing was.' })
  metadata: MappingMetadataDto;
}

export class ProductMappingQueryDto extends listQueryOf(MAX_MAPPINGS) {}

export class ProductMappingListDto extends ListEndDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [ProductMappingDto] })
  data: ProductMappingDto[];
}

export class UnmappedAttemptDto {
  @ApiProperty({ example: 'package:12', description: 'With its kind, where that is known; of a plan its first row’s.' })
  externalPackageId: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ten visit pass' })
  externalPackageName: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    example: 4,
    description: 'Live records that name it: the package itself, and lines of invoices.',
  })
  count: number;

  @ApiProperty({ format: 'date-time', description: 'When a record that names it last came or changed.' })
  lastSeenAt: string;
}

export class UnmappedAttemptListDto extends ListEndDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [UnmappedAttemptDto] })
  data: UnmappedAttemptDto[];

  @ApiProperty({ type: 'integer', minimum: 0, example: 4, description: 'The sum of all counts, also of what was cut.' })
  totalCount: number;
}
