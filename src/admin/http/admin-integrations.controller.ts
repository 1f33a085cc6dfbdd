import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IntegrationRepository } from '../../integrations';
import { InterlockError } from '../../platform/errors';
import { MayFail, IdPipe } from '../../platform/http';
import { SyncExplainer } from '../../sync';
import { OperatorActions } from '../operator-actions.service';
import { type PageOf, readPosition, toPage } from '../page-cursor';
import { type AdminIntegration, AdminIntegrationRepository } from '../store/admin-integration.repository';
import { type QuarantinedRow, QuarantineListRepository } from '../store/quarantine-list.repository';
import {
  type DayOfResource,
  type ResourceTotal,
  type TimelineEntry,
  TimelineRepository,
} from '../store/timeline.repository';
import { ApiId, setAuditReason, AdminOperation, Operates, Reads } from './admin-route';
import { ReasonDto, SyncNowDto } from './dto/admin-bodies.dto';
import { ActivityQueryDto, AdminPageDto, IntegrationFilterDto } from './dto/admin-queries.dto';
import {
  AdminExplanationDto,
  AdminIntegrationDto,
  AdminIntegrationWithRecordsDto,
  DayOfResourceDto,
  QuarantinedRowDto,
  ResumedIntegrationDto,
  RunStartedDto,
} from './dto/integration-answers.dto';
import { TimelineAuditDto, TimelineBreakerDto, TimelineRunDto, TimelineScheduleDto } from './dto/timeline-answers.dto';

@ApiTags('Integrations of merchants')
@Controller('admin/api/integrations')
export class AdminIntegrationsController {
  constructor(
    private readonly views: AdminIntegrationRepository,
    private readonly timelines: TimelineRepository,
    private readonly quarantined: QuarantineListRepository,
    private readonly integrations: IntegrationRepository,
    private readonly explainer: SyncExplainer,
    private readonly actions: OperatorActions,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListIntegrations', 'Integrations of every merchant, newest first', {
    type: AdminIntegrationDto,
    description: 'One page.',
    list: true,
  })
  async list(
    @Query() filter: IntegrationFilterDto,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<Omit<AdminIntegration, 'micros'>>> {
    const { limit } = page;
    return toPage(await this.views.page(filter, readPosition(page.cursor), limit), limit);
  }

  @Get(':id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetIntegration', 'One integration', {
    type: AdminIntegrationWithRecordsDto,
    description: 'With the count of its records by resource.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: AdminIntegration & { records: ResourceTotal[] } }> {
    const found = await this.existing(id);
    return { data: { ...found, records: await this.timelines.totals(id) } };
  }

  @Get(':id/explain')
  @Reads()
  @ApiId()
  @AdminOperation('adminExplainIntegration', 'Why the next sync will or will not run', {
    type: AdminExplanationDto,
    description: 'Reasons, the true one first.',
  })
  async explain(
    @Param('id', new IdPipe()) id: string,
  ): Promise<{ data: Awaited<ReturnType<SyncExplainer['explain']>> }> {
    const integration = await this.integrations.findById(id);
    if (!integration) throw new InterlockError('not_found');
    return { data: await this.explainer.explain(integration) };
  }

  @Get(':id/timeline')
  @Reads()
  @ApiId()
  @AdminOperation('adminListTimeline', 'What happened to it: runs, audit, breaker and schedule changes', {
    type: [TimelineRunDto, TimelineAuditDto, TimelineBreakerDto, TimelineScheduleDto],
    description: 'One page, newest first.',
    list: true,
  })
  async timeline(@Param('id', new IdPipe()) id: string, @Query() page: AdminPageDto): Promise<PageOf<TimelineEntry>> {
    await this.existing(id);
    const { limit } = page;
    return toPage(await this.timelines.page(id, readPosition(page.cursor), limit), limit);
  }

  @Get(':id/activity')
  @Reads()
  @ApiId()
  @AdminOperation('adminListActivity', 'Changes of each resource by day', {
    type: DayOfResourceDto,
    description: 'Oldest first; days without a run are left out.',
    list: 'whole',
  })
  async activity(
    @Param('id', new IdPipe()) id: string,
    @Query() { days }: ActivityQueryDto,
  ): Promise<{ data: DayOfResource[] }> {
    await this.existing(id);
    return { data: await this.timelines.changesByDay(id, days) };
  }

  @Get(':id/quarantine')
  @Reads()
  @ApiId()
  @AdminOperation('adminListQuarantineOfIntegration', 'Rows that could not be understood', {
    type: QuarantinedRowDto,
    description: 'Where and why; never the row itself.',
    list: true,
  })
  async quarantine(
    @Param('id', new IdPipe()) id: string,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<QuarantinedRow>> {
    await this.existing(id);
    const { limit } = page;
    return toPage(await this.quarantined.page({ integrationId: id }, readPosition(page.cursor), limit), limit);
  }

  @Post(':id/sync')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('not_active', 'sync_paused')
  @AdminOperation('adminSyncIntegration', 'Sync now', {
    type: RunStartedDto,
    description: 'The run that will do it.',
  })
  async sync(@Param('id', new IdPipe()) id: string, @Body() body: SyncNowDto): Promise<{ data: { runId: string } }> {
    const { fullResync = false, reason } = body;
    return { data: await this.actions.syncNow(id, { fullResync, reason: setAuditReason(reason) }) };
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @AdminOperation('adminPauseIntegration', 'Stop the schedule until somebody resumes it', {
    type: AdminIntegrationDto,
    description: 'As it is now.',
  })
  async pause(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: AdminIntegration }> {
    await this.actions.pause(id, setAuditReason(body.reason));
    return { data: await this.existing(id) };
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('not_active')
  @AdminOperation('adminResumeIntegration', 'End the pause, close the breaker and run now', {
    type: ResumedIntegrationDto,
    description: 'As it is now, and the run.',
  })
  async resume(
    @Param('id', new IdPipe()) id: string,
    @Body() body: ReasonDto,
  ): Promise<{ data: AdminIntegration & { runId: string } }> {
    const { runId } = await this.actions.resume(id, setAuditReason(body.reason));
    return { data: { ...(await this.existing(id)), runId } };
  }

  private async existing(id: string): Promise<AdminIntegration> {
    const found = await this.views.find(id);
    if (!found) throw new InterlockError('not_found');
    return found;
  }
}
