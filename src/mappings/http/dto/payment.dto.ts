import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  Allow,
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
import { documentedField } from '../../../providers';
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

/** `checkedCredentials` has the rules. */
export class OneShotCredentialsDto {
  @Allow()
  @ApiProperty(documentedField('baseUrl'))
  baseUrl: unknown;

  @Allow()
  @ApiProperty(documentedField('apiKey'))
  apiKey: unknown;

  @Allow()
  @ApiPropertyOptional(documentedField('appEmail'))
  contactEmail?: unknown;

  @IsOptional()
  @IsString()
  @MaxLength(255)
  @ApiPropertyOptional({ maxLength: 255, description: 'Taken for compatibility. No provider asks for it.' })
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
