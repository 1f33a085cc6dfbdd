import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { InterlockError } from '../../platform/errors';
import { IdPipe, MayFail, RequestContext } from '../../platform/http';
import type { Approval } from '../approval';
import { Approvals, type ApprovalWithOutcome } from '../approvals.service';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { ApprovalRepository } from '../store/approval.repository';
import { AdminOperation, ApiId, Operates, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { AdminPageDto } from './dto/admin-queries.dto';
import { ApprovalDto, ApprovalFilterDto, ApprovalWithOutcomeDto } from './dto/approval.dto';

@ApiTags('Approvals')
@Controller('admin/api/approvals')
export class ApprovalsController {
  constructor(
    private readonly requests: ApprovalRepository,
    private readonly approvals: Approvals,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListApprovals', 'Acts that a second operator decides on, newest first', {
    about: 'What SECOND_APPROVER_ACTS names is not done at once: it waits here for another operator.',
    type: ApprovalDto,
    description: 'One page.',
    list: true,
  })
  async list(@Query() filter: ApprovalFilterDto, @Query() page: AdminPageDto): Promise<PageOf<Approval>> {
    const { limit } = page;
    return toPage(await this.requests.page(filter.state ?? null, readPosition(page.cursor), limit), limit);
  }

  @Get(':id')
  @Reads()
  @ApiId()
  @AdminOperation('adminGetApproval', 'One request', {
    about: 'What was asked for, by whom, and what became of it.',
    type: ApprovalWithOutcomeDto,
    description: 'The request, and of a bulk retry what has become of each integration.',
  })
  async get(@Param('id', new IdPipe()) id: string): Promise<{ data: ApprovalWithOutcome }> {
    const approval = await this.approvals.find(id);
    if (!approval) throw new InterlockError('not_found');
    return { data: approval };
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operates({ recentSignIn: true })
  @ApiId()
  @MayFail('conflict')
  @AdminOperation('adminApproveApproval', 'Approve what another operator asks for, and do it', {
    about:
      'The act is done once, in the name of who asked for it. 403 for who asked for it, and for a role that may not do it; 409 when it is decided or expired, or when who asked or who approves is disabled or has lost the role. Where people sign in by OpenID Connect, also 403 unless both have.',
    type: ApprovalWithOutcomeDto,
    description: 'As it is now: `done`, `failed` with the error, or `approved` while it is being done.',
  })
  async approve(
    @Param('id', new IdPipe()) id: string,
    @Body() body: ReasonDto,
  ): Promise<{ data: ApprovalWithOutcome }> {
    return { data: await this.approvals.approve(id, RequestContext.current()!.caller!, setAuditReason(body.reason)) };
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @Operates()
  @ApiId()
  @MayFail('conflict')
  @AdminOperation('adminRefuseApproval', 'Refuse a request, or take back your own', {
    about: 'Nothing is done. 409 when it is decided or expired.',
    type: ApprovalDto,
    description: 'The request.',
  })
  async refuse(@Param('id', new IdPipe()) id: string, @Body() body: ReasonDto): Promise<{ data: Approval }> {
    return { data: await this.approvals.refuse(id, RequestContext.current()!.caller!, setAuditReason(body.reason)) };
  }
}
