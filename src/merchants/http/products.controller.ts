import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentMerchant } from '../../auth';
import { PageQueryDto, pagination } from '../../platform/http';
import { ProductService } from '../product.service';
import type { MerchantScope, Product } from '../store/product.repository';
import { ProductListDto } from './dto/product-list.dto';
import { PutProductsAnswerDto, PutProductsDto, type ProductDto } from './dto/product.dto';

@ApiTags('Products')
@Controller('v2/products')
export class ProductsController {
  constructor(private readonly products: ProductService) {}

  @Put()
  @Authenticated({ scope: 'integrations:write' })
  @ApiOperation({
    operationId: 'upsertProducts',
    summary: 'Create or update the merchant’s own products',
    description:
      'Upserts by `id`; products that are not named stay as they are. They are the candidates of suggest-mappings.',
  })
  @ApiOkResponse({ type: PutProductsAnswerDto, description: 'All were stored, in one transaction.' })
  async put(@CurrentMerchant() scope: MerchantScope, @Body() body: PutProductsDto): Promise<PutProductsAnswerDto> {
    return { success: true, count: await this.products.upsert(scope, body.products) };
  }

  @Get()
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listProducts',
    summary: 'The merchant’s own products, by name',
    description: 'Of the key’s merchant and environment, a page at a time.',
  })
  @ApiOkResponse({ type: ProductListDto, description: 'One page of products.' })
  async list(@CurrentMerchant() scope: MerchantScope, @Query() query: PageQueryDto): Promise<ProductListDto> {
    const { items, total } = await this.products.list(scope, query);
    return { data: items.map(toDto), pagination: pagination(query, total) };
  }
}

function toDto({ id, name, kind, amountMinor, currency }: Product): ProductDto {
  return { id, name, kind, amountMinor, currency };
}
