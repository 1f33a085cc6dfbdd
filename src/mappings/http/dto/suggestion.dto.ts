import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { MAX_ID_LENGTH } from './shared';

const MAX_ITEMS = 500;
const SOURCES = ['package', 'invoice', 'unmapped'] as const;

export class ExternalItemDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_LENGTH)
  @ApiProperty({ minLength: 1, maxLength: MAX_ID_LENGTH, example: '12' })
  id: string;

  @IsString()
  @MaxLength(255)
  @ApiProperty({ maxLength: 255, example: 'Ten visit pass' })
  name: string;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  @ApiPropertyOptional({ type: String, maxLength: 64, nullable: true, example: 'package' })
  type?: string | null;

  @IsOptional()
  @IsString()
  @MaxLength(64)
  @ApiPropertyOptional({ type: String, maxLength: 64, nullable: true, example: 'upfront' })
  charge_type?: string | null;

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @ApiPropertyOptional({ type: Number, nullable: true, example: 150, description: 'In major units.' })
  price?: number | null;

  @IsOptional()
  @IsIn(SOURCES)
  @ApiPropertyOptional({ type: String, enum: SOURCES, nullable: true, example: 'package' })
  source?: (typeof SOURCES)[number] | null;
}

export class SuggestMappingsDto {
  @IsArray()
  @ArrayMaxSize(MAX_ITEMS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ExternalItemDto)
  @ApiProperty({ type: () => [ExternalItemDto], maxItems: MAX_ITEMS })
  externalItems: ExternalItemDto[];
}

export class SuggestionDto {
  @ApiProperty({ example: '12' })
  externalId: string;

  @ApiProperty({ format: 'uuid' })
  internalId: string;

  @ApiProperty({ minimum: 0, maximum: 1, example: 0.94 })
  confidence: number;

  @ApiProperty({ example: 'The names share 3 of 3 words (93 % alike), the price is the same and both are a package.' })
  reasoning: string;
}

export class SuggestionsAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({
    type: () => [SuggestionDto],
    description: 'At most one per item; none where nothing is alike enough.',
  })
  suggestions: SuggestionDto[];
}
