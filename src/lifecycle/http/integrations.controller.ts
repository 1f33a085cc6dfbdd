import { Body, Controller, Get, HttpCode, Patch, Post, Put, Query, UseFilters } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentMerchant, type CurrentMerchantScope } from '../../auth';
import { CurrentIntegrationKey, type IntegrationKey } from '../../integrations';
import { toPaymentMapping } from '../../mappings';
import { MayFail, PageQueryDto, pagination } from '../../platform/http';
import { BUILT_IN_IDS, checkedCredentials, ProviderRegistry } from '../../providers';
import { ActivationService } from '../activation.service';
import { CredentialCheckService } from '../credential-check.service';
import { DeactivationService } from '../deactivation.service';
import { toIntegrationView } from '../integration-view';
import { IntegrationViewRepository } from '../store/integration-view.repository';
import { SyncControlService } from '../sync-control.service';
import { ActivateDto } from './dto/activate.dto';
import {
  ActivatedDto,
  CredentialTestDto,
  IntegrationAnswerDto,
  IntegrationListDto,
  JobDto,
  MessageDto,
  ResumedDto,
  SuccessDto,
} from './dto/answers.dto';
import { DeactivateDto, StatusDto, SyncDto, SyncIntervalDto, SyncToggleDto } from './dto/control.dto';
import { CredentialsBodyDto } from './dto/credentials.dto';
import { SettingsDto } from './dto/settings.dto';
import { ResumeErrorFilter } from './resume-error.filter';

/** The lifecycle calls of contract/v2-integrations.md. */
@ApiTags('Integrations')
@Controller('v2/integrations')
export class IntegrationsController {
  constructor(
    private readonly activation: ActivationService,
    private readonly deactivation: DeactivationService,
    private readonly checks: CredentialCheckService,
    private readonly control: SyncControlService,
    private readonly views: IntegrationViewRepository,
    private readonly providers: ProviderRegistry,
  ) {}

  @Get()
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listIntegrations',
    summary: 'List integrations',
    description: 'Every integration of the key’s merchant and environment, inactive ones too.',
  })
  @ApiOkResponse({ type: IntegrationListDto })
  async list(@CurrentMerchant() scope: CurrentMerchantScope, @Query() page: PageQueryDto): Promise<IntegrationListDto> {
    const { rows, total } = await this.views.list(scope.merchantId, scope.environment, page);
    return { data: rows.map(toIntegrationView), pagination: pagination(page, total) };
  }

  @Get(':provider')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @ApiOperation({
    operationId: 'getIntegration',
    summary: 'Read an integration',
    description: '`data` is null when it was never configured.',
  })
  @ApiOkResponse({ type: IntegrationAnswerDto })
  async read(@CurrentIntegrationKey() key: IntegrationKey): Promise<IntegrationAnswerDto> {
    const row = await this.views.find(key.merchantId, key.environment, key.provider);
    return { data: row ? toIntegrationView(row) : null };
  }

  @Patch(':provider')
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'updateIntegration',
    summary: 'Change settings',
    description:
      'Any of the settings of activate, without disconnecting. Another currency or time zone, and a resource that is switched on, start a full scan. `paymentMappings` replaces all mappings.',
  })
  @ApiOkResponse({ type: ActivatedDto })
  async update(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: SettingsDto): Promise<ActivatedDto> {
    const { paymentMappings, ...settings } = body;
    await this.control.change(key, settings, paymentMappings?.map(toPaymentMapping));
    const row = await this.views.find(key.merchantId, key.environment, key.provider);
    return { success: true, data: toIntegrationView(row!) };
  }

  @Post(':provider/activate')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write', changesCredentials: true })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('provider_credentials_rejected', 'already_active', 'provider_error', 'provider_timeout')
  @ApiOperation({
    operationId: 'activateIntegration',
    summary: 'Activate',
    description:
      'Tests the credentials at the provider, seals them, stores the schedule and enqueues the first sync. 409 `already_active` when it is active: change settings with `PATCH`, replace credentials with `PUT …/credentials`, or deactivate first. Of several calls at once exactly one wins.',
  })
  @ApiOkResponse({ type: ActivatedDto })
  async activate(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: ActivateDto): Promise<ActivatedDto> {
    const { credentials, paymentMappings, ...settings } = body;
    await this.activation.activate({
      key,
      credentials: checkedCredentials(this.providers.get(key.provider).entry, credentials),
      settings,
      paymentMappings: paymentMappings?.map(toPaymentMapping),
    });
    const row = await this.views.find(key.merchantId, key.environment, key.provider);
    return { success: true, data: toIntegrationView(row!) };
  }

  @Post(':provider/deactivate')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write', changesCredentials: true })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'deactivateIntegration',
    summary: 'Deactivate',
    description:
      'Stops the schedule, cancels syncs and destroys the credential. Logs, records and mappings stay. An integration that is not active is 404. 409 only for an `Idempotency-Key` that was used for something else or is in use.',
  })
  @ApiOkResponse({ type: MessageDto })
  async deactivate(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: DeactivateDto): Promise<MessageDto> {
    const keepCredential = body.deleteCredentials === false;
    await this.deactivation.deactivate(key, { keepCredential });
    const credential = keepCredential ? 'The sealed credential was kept.' : 'The credential was destroyed.';
    return { success: true, message: `Integration deactivated. ${credential}` };
  }

  @Post(':provider/test')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('provider_error', 'provider_timeout')
  @ApiOperation({
    operationId: 'testCredentials',
    summary: 'Test credentials',
    description: 'Asks the provider; nothing is written.',
  })
  @ApiOkResponse({ type: CredentialTestDto })
  test(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: CredentialsBodyDto): Promise<CredentialTestDto> {
    return this.checks.check(key, checkedCredentials(this.providers.get(key.provider).entry, body.credentials));
  }

  @Post(':provider/sync')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_active', 'sync_paused')
  @ApiOperation({
    operationId: 'syncIntegration',
    summary: 'Sync now',
    description: 'Returns the run that will do it; a run under way that does all that is asked is that run.',
  })
  @ApiOkResponse({ type: JobDto })
  async sync(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: SyncDto): Promise<JobDto> {
    return { success: true, jobId: await this.control.syncNow(key, body.fullResync ?? false) };
  }

  @Put(':provider/status')
  @Authenticated({ scope: 'integrations:internal', internal: true })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_found', 'conflict')
  @ApiOperation({
    operationId: 'reportIntegrationStatus',
    summary: 'Report an outside worker’s result',
    description:
      'For the platform’s own workers: connected is a success now, error one more failure, syncing is shown for at most 15 minutes, idle is a conflict while active.',
  })
  @ApiOkResponse({ type: SuccessDto })
  async status(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: StatusDto): Promise<SuccessDto> {
    await this.control.reportStatus(key, { status: body.status, lastSyncError: body.lastSyncError ?? null });
    return { success: true };
  }

  @Put(':provider/sync-toggle')
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'toggleSync',
    summary: 'Switch automatic sync on or off',
    description:
      'Off keeps credentials, mappings and cursors, and a sync under way finishes. On schedules again and closes an open breaker, unless the provider rejected the credentials. Both may be repeated. 409 only for an `Idempotency-Key` that was used for something else or is in use.',
  })
  @ApiOkResponse({ type: SuccessDto })
  async toggle(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: SyncToggleDto): Promise<SuccessDto> {
    await this.control.toggle(key, body.enabled);
    return { success: true };
  }

  @Put(':provider/sync-interval')
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'setSyncInterval',
    summary: 'Set the interval',
    description: 'Not below the provider’s minimum. Takes effect at once on every process.',
  })
  @ApiOkResponse({ type: SuccessDto })
  async interval(@CurrentIntegrationKey() key: IntegrationKey, @Body() body: SyncIntervalDto): Promise<SuccessDto> {
    await this.control.setInterval(key, body.syncIntervalMinutes);
    return { success: true };
  }

  @Post(':provider/resume-sync')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @UseFilters(ResumeErrorFilter)
  @MayFail('not_active')
  @ApiOperation({
    operationId: 'resumeSync',
    summary: 'Resume sync',
    description: 'Closes the breaker and runs now, in one step. Its errors also carry `success: false`.',
  })
  @ApiOkResponse({ type: ResumedDto })
  async resume(@CurrentIntegrationKey() key: IntegrationKey): Promise<ResumedDto> {
    const jobId = await this.control.resume(key);
    return { success: true, message: 'Sync resumed; a run was started.', jobId };
  }
}
