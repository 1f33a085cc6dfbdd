import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsCurrencyCode } from '../../../platform/http';

const MAX_PRODUCTS = 5_000;

export class ProductDto {
  @IsUUID('all', { message: 'must be a UUID' })
  @ApiProperty({ format: 'uuid', example: '7a0c1f0e-3f3b-4d0a-9f43-0d6a3c6b1a55' })
  id: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(255)
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'Initial consultation' })
  name: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(64)
  @ApiProperty({
    minLength: 1,
    maxLength: 64,
    example: 'service',
    description:
      'What sort of product it is, in the merchant’s own words. Suggestions compare it with `service`, `package` and so on.',
  })
  kind: string;

  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    example: 4500,
    description: 'Price in minor units.',
  })
  amountMinor: number;

  @IsCurrencyCode()
  @ApiProperty({ pattern: '^[A-Z]{3}$', example: 'GBP' })
  currency: string;
}

export class PutProductsDto {
  @IsArray()
  @ArrayMaxSize(MAX_PRODUCTS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ProductDto)
  @ApiProperty({ type: () => [ProductDto], maxItems: MAX_PRODUCTS })
  products: ProductDto[];
}

export class PutProductsAnswerDto {
  @ApiProperty({ enum: [true], example: true })
  success: true;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1, description: 'How many products were sent.' })
  count: number;
}
