import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { ListEndDto } from '../../../platform/http';
import { MAX_ID_LENGTH } from './shared';

const MAX_MAPPINGS = 500;

export class PaymentMappingRowDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_LENGTH)
  @ApiProperty({ minLength: 1, maxLength: MAX_ID_LENGTH, example: 'card', description: 'The caller’s own.' })
  id: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_LENGTH)
  @ApiProperty({ minLength: 1, maxLength: MAX_ID_LENGTH, example: 'card' })
  revkeenMethod: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(MAX_ID_LENGTH)
  @ApiProperty({
    minLength: 1,
    maxLength: MAX_ID_LENGTH,
    example: '2',
    description: 'The provider’s id of the payment method, whichever provider it is.',
  })
  practiceHubMethodId: string;
}

export class PutPaymentMappingsDto {
  @IsArray()
  @ArrayMaxSize(MAX_MAPPINGS)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => PaymentMappingRowDto)
  @ApiProperty({ type: () => [PaymentMappingRowDto], maxItems: MAX_MAPPINGS })
  mappings: PaymentMappingRowDto[];
}

export class PaymentMappingListDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [PaymentMappingRowDto], maxItems: MAX_MAPPINGS })
  data: PaymentMappingRowDto[];
}

export class MappingDoneDto {
  @ApiProperty({ enum: [true] })
  success: true;
}

export class OneShotCredentialsDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(2048)
  @ApiProperty({ format: 'uri', maxLength: 2048, example: 'https://yourclinic.practicehub.io' })
  baseUrl: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(512)
  @ApiProperty({ minLength: 1, maxLength: 512, format: 'password' })
  apiKey: string;

  @IsOptional()
  @IsString()
  @MaxLength(254)
  @ApiPropertyOptional({ maxLength: 254, format: 'email', example: 'info@revkeen.com' })
  contactEmail?: string;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  @ApiPropertyOptional({ maxLength: 255 })
  tenantId?: string;
}

export class PaymentMethodDto {
  @ApiProperty({ type: 'integer', example: 2 })
  id: number;

  @ApiProperty({ example: 'Card' })
  name: string;

  @ApiProperty({ example: true })
  active: boolean;

  @ApiProperty({ type: 'integer', example: 20 })
  sort_order: number;
}

export class PaymentMethodListDto extends ListEndDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [PaymentMethodDto] })
  data: PaymentMethodDto[];
}
