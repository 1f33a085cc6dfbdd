import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { InterlockError } from '../../platform/errors';
import { IdPipe, MayFail } from '../../platform/http';
import { DeletionPlans } from '../../sync';
import type { Approval } from '../approval';
import { Approvals } from '../approvals.service';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import {
  DeletionPlanListRepository,
  type ListedDeletionPlan,
  type PlannedDeletion,
  type PlannedLoss,
} from '../store/deletion-plan-list.repository';
import { actor, AdminOperation, ApiId, MayNeedApproval, Operates, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { AdminPageDto, PlanFilterDto } from './dto/admin-queries.dto';
import { ApprovedPlanDto, DeletionPlanDto, PlannedDeletionDto, PlannedLossDto } from './dto/operations-answers.dto';

@ApiTags('Deletion plans')
@Controller('admin/api/deletion-plans')
export class DeletionPlansController {
  constructor(
    private readonly plans: DeletionPlanListRepository,
    private readonly decisions: DeletionPlans,
    private readonly approvals: Approvals,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListDeletionPlans', 'Deletions that were held for a decision, newest first', {
    about:
      'A full scan that misses more records than is plausible, or finds an empty list, deletes nothing: it makes a plan, which waits here.',
    type: DeletionPlanDto,
    description: 'One page.',
    list: true,
  })
  async list(@Query() filter: PlanFilterDto, @Query() page: AdminPageDto): Promise<PageOf<ListedDeletionPlan>> {
    const { limit } = page;
    return toPage(await this.plans.page(filter, readPosition(page.cursor), limit), limit);
  }

  @Get(':id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetDeletionPlan', 'One plan', {
    about: 'What one scan missed, and who decided on it.',
    type: DeletionPlanDto,
    description: 'With the first twenty external ids.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: ListedDeletionPlan }> {
    return { data: await this.existing(id) };
  }

  @Get(':id/records')
  @Reads()
  @ApiId()
  @AdminOperation('adminListPlannedDeletions', 'What a plan would delete', {
    about: 'Every record of the plan, with what is stored of it: its amount, and when it last changed.',
    type: PlannedDeletionDto,
    description: 'One page, in the order of the plan.',
    list: true,
  })
  async records(@Param('id', new IdPipe()) id: string, @Query() page: AdminPageDto): Promise<PageOf<PlannedDeletion>> {
    const plan = await this.existing(id);
    const { data, nextCursor } = toPage(
      await this.plans.records(plan, readPosition(page.cursor), page.limit),
      page.limit,
    );
    return { data: data.map(({ id: _plan, ...record }) => record), nextCursor };
  }

  @Get(':id/loss')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetPlannedLoss', 'How much a plan would delete', {
    about: 'Counts the records of the plan that are stored still, and their amounts.',
    type: PlannedLossDto,
    description: 'As it is now; of a hundred thousand records it takes about a second.',
  })
  async loss(@Param('id', new IdPipe()) id: string): Promise<{ data: PlannedLoss }> {
    await this.existing(id);
    return { data: await this.plans.loss(id) };
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operates({ recentSignIn: true })
  @ApiId()
  @MayNeedApproval()
  @AdminOperation('adminApproveDeletionPlan', 'Delete what is still live and still missing', {
    about:
      'Records of the plan that came back meanwhile stay. 404 when a later scan has missed more: that is another plan. 409 when it is decided already.',
    type: ApprovedPlanDto,
    description: 'The plan, and how many records became tombstones.',
  })
  async approve(
    @Param('id', new IdPipe()) id: string,
    @Body() body: ReasonDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ data: (ListedDeletionPlan & { deleted: number }) | Approval }> {
    if (this.approvals.needed('deletion_plan')) {
      response.status(202);
      return { data: await this.requestApproval(id, setAuditReason(body.reason)) };
    }
    const { deleted } = await this.decisions.approve(id, { by: actor(), reason: setAuditReason(body.reason) });
    return { data: { ...(await this.existing(id)), deleted } };
  }

  @Post(':id/discard')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('conflict')
  @AdminOperation('adminDiscardDeletionPlan', 'Keep the records; the next scan starts from nothing', {
    about:
      'No record is deleted. Records that a later scan misses again are counted anew. 409 when it is decided already.',
    type: DeletionPlanDto,
    description: 'The plan.',
  })
  async discard(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: ListedDeletionPlan }> {
    await this.decisions.discard(id, { by: actor(), reason: setAuditReason(body.reason) });
    return { data: await this.existing(id) };
  }

  private async requestApproval(id: string, reason: string): Promise<Approval> {
    const { state, rows, resourceType, merchantName, provider } = await this.existing(id);
    if (state !== 'held') throw new InterlockError('conflict', { message: `The plan is already ${state}.` });
    const summary = `Delete up to ${rows.toLocaleString('en')} ${resourceType} of ${merchantName ?? 'a merchant'} (${provider})`;
    return this.approvals.request({
      act: 'deletion_plan',
      target: id,
      summary,
      parameters: {},
      requestedBy: actor(),
      reason,
    });
  }

  private async existing(id: string): Promise<ListedDeletionPlan> {
    const plan = await this.plans.find(id);
    if (!plan) throw new InterlockError('not_found');
    return plan;
  }
}
