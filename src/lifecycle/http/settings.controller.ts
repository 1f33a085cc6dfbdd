import { Body, Controller, Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { CurrentIntegrationKey, IntegrationAccess, type IntegrationKey } from '../../integrations';
import { MayFail } from '../../platform/http';
import { BUILT_IN_IDS, checkedCredentials, ProviderRegistry } from '../../providers';
import { SyncExplainer } from '../../sync';
import { CredentialChangeService } from '../credential-change.service';
import { ErasureService } from '../erasure.service';
import { SyncControlService } from '../sync-control.service';
import {
  CredentialsReplacedDto,
  CredentialsRolledBackDto,
  ExplainAnswerDto,
  JobDto,
  SuccessDto,
} from './dto/answers.dto';
import { AutoSendInvoicesDto, InvoiceLookbackDto } from './dto/control.dto';
import { CredentialsBodyDto } from './dto/credentials.dto';

/** Settings and credentials of an active integration, why it runs or does not, and its erasure. */
@ApiTags('Integrations')
@ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
@Controller('v2/integrations/:provider')
export class SettingsController {
  constructor(
    private readonly control: SyncControlService,
    private readonly credentialChange: CredentialChangeService,
    private readonly access: IntegrationAccess,
    private readonly providers: ProviderRegistry,
    private readonly explainer: SyncExplainer,
    private readonly erasure: ErasureService,
  ) {}

  @Put('invoice-lookback')
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'setInvoiceLookback',
    summary: 'Set how far back full scans read',
    description: 'Nothing older than the floor is concluded deleted.',
  })
  @ApiOkResponse({ type: SuccessDto })
  async invoiceLookback(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: InvoiceLookbackDto,
  ): Promise<SuccessDto> {
    await this.control.configure(key, { invoiceLookbackDays: body.invoiceLookbackDays });
    return { success: true };
  }

  @Put('auto-send-invoices')
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'setAutoSendInvoices',
    summary: 'Store new unpaid invoices as open or as draft',
    description: 'Decides once, when an unpaid invoice is first stored; every other status passes through.',
  })
  @ApiOkResponse({ type: SuccessDto })
  async autoSendInvoices(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: AutoSendInvoicesDto,
  ): Promise<SuccessDto> {
    await this.control.configure(key, { autoSendInvoices: body.autoSendInvoices });
    return { success: true };
  }

  @Put('credentials')
  @Authenticated({ scope: 'integrations:write', changesCredentials: true })
  @MayFail('provider_credentials_rejected', 'not_found', 'provider_error', 'provider_timeout')
  @ApiOperation({
    operationId: 'replaceCredentials',
    summary: 'Replace the credentials',
    description: 'Tested first; the old ones can be restored for 24 hours.',
  })
  @ApiOkResponse({ type: CredentialsReplacedDto })
  async replaceCredentials(
    @CurrentIntegrationKey() key: IntegrationKey,
    @Body() body: CredentialsBodyDto,
  ): Promise<CredentialsReplacedDto> {
    const credentials = checkedCredentials(this.providers.get(key.provider).entry, body.credentials);
    const { version, rollbackUntil } = await this.credentialChange.replace(key, credentials);
    return { success: true, data: { version, rollbackUntil: rollbackUntil.toISOString() } };
  }

  @Post('credentials/rollback')
  @HttpCode(200)
  @Authenticated({ scope: 'integrations:write', changesCredentials: true })
  @MayFail('not_found', 'conflict')
  @ApiOperation({
    operationId: 'rollbackCredentials',
    summary: 'Restore the credentials from before',
    description: 'Within 24 hours of a replacement.',
  })
  @ApiOkResponse({ type: CredentialsRolledBackDto })
  async rollbackCredentials(@CurrentIntegrationKey() key: IntegrationKey): Promise<CredentialsRolledBackDto> {
    return { success: true, data: await this.credentialChange.rollback(key) };
  }

  @Get('explain')
  @Authenticated({ scope: 'integrations:read' })
  @MayFail('not_found')
  @ApiOperation({
    operationId: 'explainIntegration',
    summary: 'Why the next sync will or will not run',
    description: 'Ordered reasons, the true one first.',
  })
  @ApiOkResponse({ type: ExplainAnswerDto })
  async explain(
    @CurrentIntegrationKey() key: IntegrationKey,
  ): Promise<{ data: Awaited<ReturnType<SyncExplainer['explain']>> }> {
    return { data: await this.explainer.explain(await this.access.find(key)) };
  }

  @Delete('data')
  @HttpCode(202)
  @Authenticated({ scope: 'integrations:write' })
  @MayFail('not_found', 'conflict')
  @ApiOperation({
    operationId: 'eraseIntegrationData',
    summary: 'Erase synced data',
    description: 'Records, personal fields of logs, mappings. Only while not active.',
  })
  @ApiAcceptedResponse({ type: JobDto })
  async erase(@CurrentIntegrationKey() key: IntegrationKey): Promise<JobDto> {
    return { success: true, jobId: await this.erasure.request(key) };
  }
}
