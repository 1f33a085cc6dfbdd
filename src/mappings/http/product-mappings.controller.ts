import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { listEnd, ListQueryDto, listRequest, ReadsList } from '../../platform/http';
import { BUILT_IN_IDS } from '../../providers';
import { MappingSuggestions } from '../mapping-suggestions';
import { ProductMappings } from '../product-mappings';
import { MappingDoneDto } from './dto/payment.dto';
import {
  ProductMappingListDto,
  ProductMappingQueryDto,
  PutProductMappingsAnswerDto,
  PutProductMappingsDto,
  UnmappedAttemptListDto,
} from './dto/product-mapping.dto';
import { SuggestionsAnswerDto, SuggestMappingsDto } from './dto/suggestion.dto';
import { toMappingDto, toUnmappedDto } from './views';

@ApiTags('Catalogue and mappings')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@Controller('v2/integrations/:provider')
export class ProductMappingsController {
  constructor(
    private readonly mappings: ProductMappings,
    private readonly suggestions: MappingSuggestions,
  ) {}

  @Get('product-mappings')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listProductMappings',
    summary: 'What external products stand for',
    description: 'Empty when there are none. Mappings outlive a deactivation.',
  })
  @ReadsList()
  @ApiOkResponse({ type: ProductMappingListDto, description: 'By external id.' })
  async list(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Query() query: ProductMappingQueryDto,
  ): Promise<ProductMappingListDto> {
    const { entries, next } = await this.mappings.list(key, listRequest(query, 'product-mappings'));
    return { success: true, data: entries.map(toMappingDto), ...listEnd('product-mappings', next) };
  }

  @Put('product-mappings')
  @Authenticated({ scope: 'integrations:write' })
  @ApiOperation({
    operationId: 'replaceProductMappings',
    summary: 'Replace all product mappings',
    description: 'In one step: what is not in the list is gone.',
  })
  @ApiOkResponse({ type: PutProductMappingsAnswerDto, description: 'The list is now this one.' })
  @ApiNotFoundResponse({ description: 'No integration of this provider is active.' })
  @ApiConflictResponse({ description: 'Things of several kinds have a bare id; the text names them.' })
  async put(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: PutProductMappingsDto,
  ): Promise<PutProductMappingsAnswerDto> {
    const mappings = body.mappings.map((mapping) => ({ ...mapping, metadata: mapping.metadata ?? {} }));
    return { success: true, count: await this.mappings.replaceAll(key, mappings) };
  }

  @Delete('product-mappings/:externalId')
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'externalId', example: 'package:12' })
  @ApiOperation({
    operationId: 'deleteProductMapping',
    summary: 'Remove one product mapping',
    description: 'Works also while the integration is not active.',
  })
  @ApiOkResponse({ type: MappingDoneDto, description: 'It is gone.' })
  @ApiNotFoundResponse({ description: 'There is no such mapping.' })
  @ApiConflictResponse({ description: 'Mappings of several kinds have a bare id; the text names them.' })
  async remove(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('externalId') externalId: string,
  ): Promise<MappingDoneDto> {
    await this.mappings.remove(key, externalId);
    return { success: true };
  }

  @Get('unmapped-attempts')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listUnmappedAttempts',
    summary: 'What was synced without a product mapping',
    description: 'Packages, memberships and invoice items whose id has no mapping. Empty when never configured.',
  })
  @ReadsList()
  @ApiOkResponse({ type: UnmappedAttemptListDto, description: 'The last seen first.' })
  async unmapped(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Query() query: ListQueryDto,
  ): Promise<UnmappedAttemptListDto> {
    const { entries, next, totalCount } = await this.mappings.unmapped(key, listRequest(query, 'unmapped-attempts'));
    return { success: true, data: entries.map(toUnmappedDto), totalCount, ...listEnd('unmapped-attempts', next) };
  }

  @Post('suggest-mappings')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @ApiOperation({
    operationId: 'suggestMappings',
    summary: 'Which of the merchant’s products external items may be',
    description:
      'By the words of the names, the price and the kind; the same question always has the same answer. The first 2,000 products by id are considered. Writes nothing.',
  })
  @ApiOkResponse({ type: SuggestionsAnswerDto, description: 'In the order of the items.' })
  async suggest(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() { externalItems }: SuggestMappingsDto,
  ): Promise<SuggestionsAnswerDto> {
    return { success: true, suggestions: await this.suggestions.suggest(key, externalItems) };
  }
}
