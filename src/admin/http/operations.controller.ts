import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { StepUp } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { MayFail, RequestContext } from '../../platform/http';
import { VaultError, VaultRotation, type RotationProgress } from '../../vault';
import type { Approval } from '../approval';
import { Approvals } from '../approvals.service';
import { BulkRetry, countedIn, type BulkRetryPreview } from '../bulk-retry.service';
import { some } from '../finding';
import { readPosition, toPage, type PageOf } from '../page-cursor';
import { RotationRunner } from '../rotation-runner';
import { AdminListRepository, type AuditView } from '../store/admin-list.repository';
import { actor, AdminOperation, ChangesKeys, MayNeedApproval, Operates, Reads, setAuditReason } from './admin-route';
import { BulkRetryDto, StartRotationDto } from './dto/admin-bodies.dto';
import { AdminPageDto, AuditFilterDto } from './dto/admin-queries.dto';
import { ApprovalDto } from './dto/approval.dto';
import { BulkRetryOutcomeDto } from './dto/bulk-retry.dto';
import { StartedRotationDto, VaultStateDto } from './dto/operations-answers.dto';
import { AuditEntryDto } from './dto/timeline-answers.dto';

type KeyInUse = Awaited<ReturnType<VaultRotation['keysInUse']>>[number];

const DEFAULT_RETRIES = 100;
/** With a key that the caller names these are the caller's mistake, not ours. */
const UNUSABLE_KEY: ReadonlySet<string> = new Set(['key_not_found', 'key_disabled', 'wrong_key', 'denied']);

@ApiTags('Operations')
@Controller('admin/api')
export class OperationsController {
  constructor(
    private readonly lists: AdminListRepository,
    private readonly bulkRetry: BulkRetry,
    private readonly rotation: VaultRotation,
    private readonly runner: RotationRunner,
    private readonly approvals: Approvals,
    private readonly stepUp: StepUp,
  ) {}

  @Get('audit')
  @Reads()
  @AdminOperation('adminListAudit', 'The audit log, newest first', {
    about:
      'Who did what to which thing, and why. Entries are chained: one that was changed or taken out is found by `audit verify`.',
    type: AuditEntryDto,
    description: 'One page.',
    list: true,
  })
  async audit(
    @Query() filter: AuditFilterDto,
    @Query() page: AdminPageDto,
  ): Promise<PageOf<Omit<AuditView, 'micros'>>> {
    const { limit } = page;
    return toPage(await this.lists.audit(filter, readPosition(page.cursor), limit), limit);
  }

  @Post('retries')
  @HttpCode(200)
  @Operates()
  @MayNeedApproval()
  @AdminOperation('adminRetryMany', 'Give failed log entries of many integrations another attempt', {
    about:
      'For after an outage: what failed and may pass now is tried again, once for each entry. Integrations whose breaker is open are left out. Where SECOND_APPROVER_ACTS names `bulk_retry`, the entries of an operator’s calls in the last hour count together.',
    type: BulkRetryOutcomeDto,
    description: 'What would happen, or with `dryRun: false` what happened, integration by integration.',
  })
  async retry(
    @Body() body: BulkRetryDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ data: (BulkRetryPreview & { dryRun: boolean }) | Approval }> {
    const { filter = {}, resourceType = null, limitPerIntegration = DEFAULT_RETRIES, dryRun = true } = body;
    if (!dryRun) this.stepUp.require(RequestContext.current()!.caller!);
    if (body.reason !== undefined) setAuditReason(body.reason);
    const request = { filter, resourceType, limitPerIntegration };
    const preview = await this.bulkRetry.preview(request);
    if (dryRun) return { data: { ...preview, dryRun } };
    const counted = countedIn(preview, resourceType);
    if (!(await this.approvals.retriesAlone(actor(), preview.queued))) {
      response.status(202);
      const asked = { summary: summaryOf(preview), parameters: { ...request, ...counted } };
      return { data: await this.requestApproval('bulk_retry', asked, body.reason!) };
    }
    return { data: { ...(await this.bulkRetry.run(counted)), more: preview.more, dryRun } };
  }

  @Get('vault/rotation')
  @Reads()
  @AdminOperation('adminGetVaultRotation', 'The latest rotation of the vault, and which keys are in use', {
    about: 'How far the move of the sealed credentials to another key is, and whether an old key can be retired.',
    type: VaultStateDto,
    description: '`rotation` is null when there was none.',
  })
  async rotationProgress(): Promise<{ data: { rotation: RotationProgress | null; keysInUse: KeyInUse[] } }> {
    const [rotation, keysInUse] = await Promise.all([this.rotation.progress(), this.rotation.keysInUse()]);
    return { data: { rotation, keysInUse } };
  }

  @Post('vault/rotation')
  @HttpCode(202)
  @ChangesKeys()
  @MayFail('conflict')
  @AdminOperation('adminStartVaultRotation', 'Move every secret to another key, while everything goes on', {
    about:
      'Seals every credential with another key, in batches. Syncs go on meanwhile. 409 while a rotation to another key is open.',
    type: [StartedRotationDto, ApprovalDto],
    description:
      'The rotation as it begins, or the same one when it is open already. Where a second operator must approve: the request, and nothing is done yet.',
    status: 202,
  })
  async startRotation(@Body() body: StartRotationDto): Promise<{ data: { rotation: RotationProgress } | Approval }> {
    const { mode = 'rewrap', toKeyId, reason } = body;
    setAuditReason(reason);
    if (this.approvals.needed('key_rotation')) {
      const summary = `Move every secret to ${toKeyId ?? 'the current key'} (${mode})`;
      return { data: await this.requestApproval('key_rotation', { summary, parameters: { mode, toKeyId } }, reason) };
    }
    const started = this.runner.start({ mode, toKeyId, requestedBy: actor() }).catch((error: unknown) => {
      if (toKeyId !== undefined && error instanceof VaultError && UNUSABLE_KEY.has(error.reason)) {
        throw InterlockError.invalidField('toKeyId', 'must be a key that is there and enabled');
      }
      throw error;
    });
    return { data: { rotation: await started } };
  }

  private requestApproval(
    act: 'bulk_retry' | 'key_rotation',
    { summary, parameters }: { summary: string; parameters: object },
    reason: string,
  ): Promise<Approval> {
    // of rotations one at a time; of retries as many as an operator may ask for
    const target = act === 'key_rotation' ? 'vault' : null;
    return this.approvals.request({
      act,
      target,
      summary,
      parameters: { ...parameters },
      requestedBy: actor(),
      reason,
    });
  }
}

function summaryOf({ queued, integrations }: BulkRetryPreview): string {
  const what = queued === 1 ? '1 failed log entry' : `${queued} failed log entries`;
  return `Retry ${what} of ${some(integrations.filter((line) => line.queued > 0).length, 'integration')}`;
}
