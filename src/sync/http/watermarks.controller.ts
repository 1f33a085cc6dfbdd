import { Body, Controller, Get, Param, Put, Query, type PipeTransform } from '@nestjs/common';
import { ApiConflictResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentMerchant, type CurrentMerchantScope } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { listEnd, ListQueryDto, listRequest, parseTimestamp, ReadsList } from '../../platform/http';
import type { WatermarkChange, WatermarkOwner } from '../store/watermark.repository';
import { Watermarks } from '../watermarks';
import { PutWatermarkDto, WatermarkAnswerDto, WatermarkListDto } from './dto/watermark.dto';
import { toWatermarkDto } from './views';

const SOURCE = /^[a-z0-9_-]{1,64}$/;
const RESOURCE_TYPE = /^[A-Za-z0-9_.:-]{1,64}$/;

class FormPipe implements PipeTransform<string, string> {
  constructor(
    private readonly name: string,
    private readonly form: RegExp,
  ) {}

  transform(value: string): string {
    if (!this.form.test(value)) throw InterlockError.invalidField(this.name, `must match ${this.form.source}`);
    return value;
  }
}

@ApiTags('Worker watermarks')
@ApiParam({
  name: 'source',
  schema: { type: 'string', pattern: SOURCE.source },
  description: 'Whatever the worker syncs from; for a provider of ours the engine’s own cursors are shown too.',
  example: 'mindbody',
})
@ApiParam({
  name: 'merchantId',
  schema: { type: 'string', format: 'uuid' },
  description: 'The caller’s own; another one is 403 here.',
})
@Controller('v2/sync-state/:source/:merchantId')
export class WatermarksController {
  constructor(private readonly watermarks: Watermarks) {}

  @Get()
  @Authenticated({ scope: 'sync:read' })
  @ApiOperation({
    operationId: 'listWatermarks',
    summary: 'How far an outside worker has come, per resource type',
    description: 'Empty when nothing was remembered. Another merchant’s id is 403 here.',
  })
  @ReadsList()
  @ApiOkResponse({ type: WatermarkListDto, description: 'By resource type.' })
  async list(
    @CurrentMerchant() merchant: CurrentMerchantScope,
    @Param('source') source: string,
    @Param('merchantId') merchantId: string,
    @Query() query: ListQueryDto,
  ): Promise<WatermarkListDto> {
    const owner = ownerOf(merchant, source, merchantId);
    const { entries, next } = await this.watermarks.list(owner, listRequest(query, 'sync-state'));
    return { data: entries.map(toWatermarkDto), ...listEnd('sync-state', next) };
  }

  @Put(':resourceType')
  @Authenticated({ scope: 'sync:write' })
  @ApiParam({
    name: 'resourceType',
    schema: { type: 'string', pattern: RESOURCE_TYPE.source },
    example: 'appointments',
  })
  @ApiOperation({
    operationId: 'saveWatermark',
    summary: 'Remember how far an outside worker has come',
    description: 'Fields that are left out stay as they were.',
  })
  @ApiOkResponse({ type: WatermarkAnswerDto, description: 'As it is now.' })
  @ApiConflictResponse({ description: 'The sync engine owns this cursor.' })
  async put(
    @CurrentMerchant() merchant: CurrentMerchantScope,
    @Param('source') source: string,
    @Param('merchantId') merchantId: string,
    @Param('resourceType', new FormPipe('resourceType', RESOURCE_TYPE)) resourceType: string,
    @Body() body: PutWatermarkDto,
  ): Promise<WatermarkAnswerDto> {
    const owner = ownerOf(merchant, source, merchantId);
    const { watermark, created } = await this.watermarks.put(owner, resourceType, toChange(body));
    return { data: toWatermarkDto(watermark), created };
  }
}

function ownerOf(merchant: CurrentMerchantScope, source: string, merchantId: string): WatermarkOwner {
  if (merchantId.toLowerCase() !== merchant.merchantId) throw new InterlockError('permission_denied');
  return { ...merchant, source: new FormPipe('source', SOURCE).transform(source) };
}

function toChange({ lastSyncAt, ...rest }: PutWatermarkDto): WatermarkChange {
  return {
    ...rest,
    ...(lastSyncAt === undefined ? {} : { lastSyncAt: lastSyncAt === null ? null : parseTimestamp(lastSyncAt)! }),
  };
}
