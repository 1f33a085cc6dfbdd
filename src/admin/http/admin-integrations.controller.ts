import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { IntegrationRepository } from '../../integrations';
import { InterlockError } from '../../platform/errors';
import { IdPipe, MayFail } from '../../platform/http';
import { SyncExplainer } from '../../sync';
import type { Finding } from '../finding';
import { FindingsService } from '../findings.service';
import { OperatorActions } from '../operator-actions.service';
import { readPosition, readSortedPosition, toPage, toSortedPage, type PageOf } from '../page-cursor';
import { AdminIntegrationRepository, type AdminIntegration } from '../store/admin-integration.repository';
import { QuarantineListRepository, type QuarantinedRow } from '../store/quarantine-list.repository';
import {
  TimelineRepository,
  type DayOfResource,
  type ResourceTotal,
  type TimelineEntry,
} from '../store/timeline.repository';
import { AdminOperation, ApiId, Operates, Reads, setAuditReason } from './admin-route';
import { ReasonDto, SyncNowDto } from './dto/admin-bodies.dto';
import { ActivityQueryDto, AdminPageDto, IntegrationFilterDto, IntegrationSortDto } from './dto/admin-queries.dto';
import {
  AdminExplanationDto,
  AdminIntegrationDto,
  AdminIntegrationWithRecordsDto,
  DayOfResourceDto,
  QuarantinedRowDto,
  ResumedIntegrationDto,
  RunStartedDto,
} from './dto/integration-answers.dto';
import { FindingDto } from './dto/overview-answers.dto';
import {
  TimelineAuditDto,
  TimelineBreakerDto,
  TimelineDeletionPlanDto,
  TimelineEndpointDto,
  TimelineQuarantineDto,
  TimelineRunDto,
  TimelineScheduleDto,
} from './dto/timeline-answers.dto';

@ApiTags('Integrations of merchants')
@Controller('admin/api/integrations')
export class AdminIntegrationsController {
  constructor(
    private readonly views: AdminIntegrationRepository,
    private readonly timelines: TimelineRepository,
    private readonly quarantined: QuarantineListRepository,
    private readonly integrations: IntegrationRepository,
    private readonly explainer: SyncExplainer,
    private readonly findings: FindingsService,
    private readonly actions: OperatorActions,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListIntegrations', 'Integrations of every merchant', {
    about:
      'Newest first, where no `sort` is given. Filters narrow the list. For what most needs a person read the overview instead.',
    type: AdminIntegrationDto,
    description: 'One page.',
    list: true,
  })
  async list(
    @Query() filter: IntegrationFilterDto,
    @Query() { sort }: IntegrationSortDto,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<Omit<AdminIntegration, 'micros'>>> {
    const { limit } = page;
    if (sort !== undefined) {
      return toSortedPage(await this.views.sorted(filter, sort, readSortedPosition(page.cursor), limit), limit);
    }
    return toPage(await this.views.page(filter, readPosition(page.cursor), limit), limit);
  }

  @Get(':id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetIntegration', 'One integration', {
    about: 'Its settings, its health, and how many records are stored by type.',
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
    about: 'The reasons of the merchant’s `explain`. The texts say what is so, and not which call the merchant makes.',
    type: AdminExplanationDto,
    description: 'Reasons, the true one first.',
  })
  async explain(
    @Param('id', new IdPipe()) id: string,
  ): Promise<{ data: Awaited<ReturnType<SyncExplainer['explain']>> }> {
    const integration = await this.integrations.findById(id);
    if (!integration) throw new InterlockError('not_found');
    return { data: await this.explainer.explainToTeam(integration) };
  }

  @Get(':id/findings')
  @Reads()
  @ApiId()
  @AdminOperation('adminListFindingsOfIntegration', 'What is wrong with it, since when, and what next', {
    about: 'Those of the overview that concern it, with what keeps the runs of all from starting.',
    type: FindingDto,
    description: 'Worst first.',
    list: 'whole',
  })
  async findingsOf(@Param('id', new IdPipe()) id: string): Promise<{ data: Finding[] }> {
    return { data: await this.findings.ofIntegration(await this.existing(id)) };
  }

  @Get(':id/timeline')
  @Reads()
  @ApiId()
  @AdminOperation('adminListTimeline', 'What happened to it, newest first', {
    about:
      'Everything that happened to it in one list: runs, acts that stand in the audit log, changes of its breaker and its schedule, deletions and rows that were held back, and endpoints of its merchant that were switched off. A run stands where it ended, else began, else was asked for.',
    type: [
      TimelineRunDto,
      TimelineAuditDto,
      TimelineBreakerDto,
      TimelineScheduleDto,
      TimelineDeletionPlanDto,
      TimelineQuarantineDto,
      TimelineEndpointDto,
    ],
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
    about: 'How many records each day’s runs created, updated and deleted, for a chart.',
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
    about:
      'Rows of this integration that a sync set aside because they could not be understood. A later sync that understands them takes them out.',
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
    about: 'Queues a run now, also where the schedule is paused. 400 while it is not connected or its breaker is open.',
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
    about:
      'The schedule stops; a run under way finishes. Credentials, records and cursors stay. Pausing again replaces the reason.',
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
    about: 'The one act that undoes every stop: the pause of an operator and an open breaker.',
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
