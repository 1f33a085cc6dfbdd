import { Controller, Get, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { listEnd, ListQueryDto, listRequest, ReadsList } from '../../platform/http';
import { BUILT_IN_IDS } from '../../providers';
import { CatalogueItems } from '../catalogue-items';
import { BillableItemListDto, PackageListDto } from './dto/catalogue-item.dto';

@ApiTags('Catalogue and mappings')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@ApiNotFoundResponse({ description: 'No integration of this provider is active.' })
@Controller('v2/integrations/:provider')
export class CatalogueItemsController {
  constructor(private readonly items: CatalogueItems) {}

  @Get('packages')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listPackages',
    summary: 'Packages and memberships as last synced',
    description: 'From the records of the last sync; the provider is not asked.',
  })
  @ReadsList()
  @ApiOkResponse({ type: PackageListDto, description: 'By name; what the provider does not say is left out.' })
  async packages(@CurrentIntegrationKey() key: IntegrationKey, @Query() query: ListQueryDto): Promise<PackageListDto> {
    const { entries, next } = await this.items.packages(key, listRequest(query, 'packages'));
    return { success: true, data: entries, ...listEnd('packages', next) };
  }

  @Get('billable-items')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listBillableItems',
    summary: 'Line items seen on synced invoices, one per item',
    description: 'From the records of the last sync; the provider is not asked.',
  })
  @ReadsList()
  @ApiOkResponse({ type: BillableItemListDto, description: 'By id, each as the newest invoice shows it.' })
  async billableItems(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Query() query: ListQueryDto,
  ): Promise<BillableItemListDto> {
    const { entries, next } = await this.items.billableItems(key, listRequest(query, 'billable-items'));
    return { success: true, data: entries, ...listEnd('billable-items', next) };
  }
}
