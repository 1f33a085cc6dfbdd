import { Controller, Get, Param, Query, type PipeTransform } from '@nestjs/common';
import { ApiGoneResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { InterlockError } from '../../platform/errors';
import { BUILT_IN_IDS, RESOURCE_TYPES, type ResourceType } from '../../providers';
import { SyncReads } from '../sync-reads';
import { RecordAnswerDto, RecordPageDto, RecordQueryDto } from './dto/record.dto';
import { toRecordDto } from './views';

class ResourceTypePipe implements PipeTransform<string, ResourceType> {
  transform(value: string): ResourceType {
    const known = RESOURCE_TYPES.find((type) => type === value);
    if (!known) throw InterlockError.invalidField('resourceType', `must be one of ${RESOURCE_TYPES.join(', ')}`);
    return known;
  }
}

@ApiTags('Records')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@ApiParam({ name: 'resourceType', enum: RESOURCE_TYPES })
@Controller('v2/integrations/:provider/records/:resourceType')
export class RecordsController {
  constructor(private readonly visibility: SyncReads) {}

  @Get()
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listRecords',
    summary: 'The change feed of one resource type',
    description:
      'One entry per record, at the position of its last change, in commit order. A reader that keeps its cursor sees the newest version of every record that changed, and no version twice.',
  })
  @ApiOkResponse({ type: RecordPageDto, description: 'The next entries; none when never configured.' })
  @ApiGoneResponse({ description: 'The cursor is older than the tombstones that are kept.' })
  async page(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('resourceType', ResourceTypePipe) resourceType: ResourceType,
    @Query() query: RecordQueryDto,
  ): Promise<RecordPageDto> {
    const { cursor = null, limit, includeDeleted } = query;
    const page = await this.visibility.records(key, resourceType, { cursor, limit, includeDeleted });
    return { data: page.data.map(toRecordDto), nextCursor: page.nextCursor, hasMore: page.hasMore };
  }

  @Get(':externalId')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'externalId', example: '812' })
  @ApiOperation({
    operationId: 'getRecord',
    summary: 'One record, deleted ones too',
    description: 'A deleted one keeps its last data, for as long as its tombstone is kept.',
  })
  @ApiOkResponse({ type: RecordAnswerDto, description: 'Its newest version.' })
  async one(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('resourceType', ResourceTypePipe) resourceType: ResourceType,
    @Param('externalId') externalId: string,
  ): Promise<RecordAnswerDto> {
    return { data: toRecordDto(await this.visibility.record(key, resourceType, externalId)) };
  }
}
