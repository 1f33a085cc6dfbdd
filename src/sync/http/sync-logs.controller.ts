import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { MayFail, pagination, UuidPipe } from '../../platform/http';
import { BUILT_IN_IDS } from '../../providers';
import { LogRetries } from '../log-retries';
import { SyncReads } from '../sync-reads';
import { SyncLogQueryDto } from './dto/sync-log-query.dto';
import {
  BatchRetryAnswerDto,
  BatchRetryDto,
  RetryAnswerDto,
  SyncLogAnswerDto,
  SyncLogListDto,
} from './dto/sync-log.dto';
import { SyncStateListDto } from './dto/sync-state.dto';
import { StatsQueryDto, SyncStatsAnswerDto, SyncStatsByTypeAnswerDto } from './dto/sync-stats.dto';
import { toLogDto, toStateDto, toStatsDto } from './views';

@ApiTags('Sync visibility')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@Controller('v2/integrations/:provider')
export class SyncLogsController {
  constructor(
    private readonly visibility: SyncReads,
    private readonly retries: LogRetries,
  ) {}

  @Get('sync-states')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listSyncStates',
    summary: 'How far each resource type is in step with the provider',
    description: 'Empty when the integration was never configured.',
  })
  @ApiOkResponse({ type: SyncStateListDto, description: 'One state per resource type.' })
  async states(@CurrentIntegrationKey() key: IntegrationKey): Promise<SyncStateListDto> {
    return { success: true, data: (await this.visibility.states(key)).map(toStateDto) };
  }

  @Get('sync-logs')
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listSyncLogs',
    summary: 'What the syncs did, newest first',
    description: 'One entry per run and resource type. Empty when the integration was never configured.',
  })
  @ApiOkResponse({ type: SyncLogListDto, description: 'One page of the log.' })
  async logs(@CurrentIntegrationKey() key: IntegrationKey, @Query() query: SyncLogQueryDto): Promise<SyncLogListDto> {
    const { logs, total } = await this.visibility.logs(key, query, query);
    return { success: true, data: logs.map(toLogDto), pagination: pagination(query, total) };
  }

  @Get('sync-logs/:logId')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'logId', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'getSyncLog',
    summary: 'One entry of the log',
    description: 'What one run did to one resource type.',
  })
  @ApiOkResponse({ type: SyncLogAnswerDto, description: 'The entry.' })
  async log(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('logId', new UuidPipe('logId')) logId: string,
  ): Promise<SyncLogAnswerDto> {
    return { success: true, data: toLogDto(await this.visibility.log(key, logId)) };
  }

  @Post('sync-logs/:logId/retry')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'logId', schema: { type: 'string', format: 'uuid' } })
  @MayFail('not_active', 'sync_paused')
  @ApiOperation({
    operationId: 'retrySyncLog',
    summary: 'Try a failed entry again',
    description:
      'Reads the entry’s resource type once more. 400 for an entry that is not failed, whose failure is permanent or whose run has not ended, when the integration is not active, and while the breaker is open.',
  })
  @ApiOkResponse({ type: RetryAnswerDto, description: 'A run will do it: a new one, or one that was under way.' })
  async retry(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('logId', new UuidPipe('logId')) logId: string,
  ): Promise<RetryAnswerDto> {
    return { success: true, data: { jobId: await this.retries.retry(key, logId) } };
  }

  @Post('sync-logs/batch-retry')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('not_found', 'not_active')
  @ApiOperation({
    operationId: 'retrySyncLogs',
    summary: 'Try failed entries again',
    description:
      'Every failed entry gets one attempt; entries of one resource type share it. While the breaker is open nothing is queued.',
  })
  @ApiOkResponse({ type: BatchRetryAnswerDto, description: 'How many entries will be tried again.' })
  async retryBatch(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() { integrationId, resourceType, limit }: BatchRetryDto,
  ): Promise<BatchRetryAnswerDto> {
    const batch = { integrationId, resourceType: resourceType ?? null, limit };
    return { success: true, data: await this.retries.retryBatch(key, batch) };
  }

  @Get('sync-stats/:integrationId')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'integrationId', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'getSyncStats',
    summary: 'Statistics of the runs of the last days',
    description: 'Over every resource type; `window` says from when to when.',
  })
  @ApiOkResponse({ type: SyncStatsAnswerDto, description: '`runs` counts runs.' })
  async stats(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('integrationId', new UuidPipe('integrationId')) integrationId: string,
    @Query() { days }: StatsQueryDto,
  ): Promise<SyncStatsAnswerDto> {
    const stats = await this.visibility.stats(key, integrationId, days);
    return { success: true, data: toStatsDto(stats) };
  }

  @Get('sync-stats-by-type/:integrationId')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'integrationId', schema: { type: 'string', format: 'uuid' } })
  @ApiOperation({
    operationId: 'getSyncStatsByType',
    summary: 'Statistics of the last days, per resource type',
    description: 'The same numbers, one entry for each resource type that has log entries in the window.',
  })
  @ApiOkResponse({ type: SyncStatsByTypeAnswerDto, description: '`runs` counts log entries.' })
  async statsByType(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Param('integrationId', new UuidPipe('integrationId')) integrationId: string,
    @Query() { days }: StatsQueryDto,
  ): Promise<SyncStatsByTypeAnswerDto> {
    const stats = await this.visibility.statsByType(key, integrationId, days);
    return { success: true, data: stats.map((each) => ({ resourceType: each.resourceType, ...toStatsDto(each) })) };
  }
}
