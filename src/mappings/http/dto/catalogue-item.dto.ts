import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ListEndDto } from '../../../platform/http';

const price = {
  example: 150,
  description: 'In major units of the currency that the provider uses (150 is £150.00).',
} as const;

export class PackageDto {
  @ApiProperty({ example: 'package:12', description: 'With its kind, as it is mapped; of a plan its first row’s.' })
  id: string;

  @ApiProperty({ example: 'Ten visit pass' })
  name: string;

  @ApiPropertyOptional({ example: '10 visits' })
  public_name?: string;

  @ApiPropertyOptional({ example: 'package', enum: ['package', 'membership'] })
  type?: string;

  @ApiPropertyOptional({ example: 'visits', description: 'In the provider’s words.' })
  package_type?: string;

  @ApiPropertyOptional({ example: 'upfront', description: 'In the provider’s words.' })
  charge_type?: string;

  @ApiPropertyOptional(price)
  price?: number;

  @ApiPropertyOptional({ type: 'integer', example: 10 })
  visits?: number;

  @ApiPropertyOptional({ example: true })
  active?: boolean;
}

export class PackageListDto extends ListEndDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [PackageDto] })
  data: PackageDto[];
}

export class BillableItemDto {
  @ApiProperty({ example: 'product:31', description: 'As it is mapped: with its kind where the invoice says it.' })
  id: string;

  @ApiProperty({ example: 'Initial consultation' })
  name: string;

  @ApiPropertyOptional({ example: 'service' })
  type?: string;

  @ApiPropertyOptional({ example: 'upfront' })
  charge_type?: string;

  @ApiPropertyOptional({
    ...price,
    example: 45,
    description: `Of one, as the newest invoice shows it. ${price.description}`,
  })
  price?: number;

  @ApiProperty({ enum: ['invoice'] })
  source: 'invoice';
}

export class BillableItemListDto extends ListEndDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => [BillableItemDto] })
  data: BillableItemDto[];
}
