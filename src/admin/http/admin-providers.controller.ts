import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { currentActor, MayFail } from '../../platform/http';
import { ProviderManifests, type ManifestInVersions } from '../../providers';
import type { Approval } from '../approval';
import { Approvals } from '../approvals.service';
import { ProviderList, type ListedProvider } from '../provider-list.service';
import { AdminOperation, ChangesKeys, MayNeedApproval, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { AdminManifestDto, AdminProviderDto, ManifestQueryDto, SaveManifestDto } from './dto/provider-answers.dto';

const ApiProviderId = (): MethodDecorator =>
  ApiParam({
    name: 'provider',
    description: 'Of `GET /admin/api/providers`, or a new one',
    schema: { type: 'string', maxLength: 32, example: 'acme' },
  });

/** Which providers there are, and the manifests that operators store. */
@ApiTags('Providers')
@Controller('admin/api/providers')
export class AdminProvidersController {
  constructor(
    private readonly providers: ProviderList,
    private readonly manifests: ProviderManifests,
    private readonly approvals: Approvals,
  ) {}

  @Get()
  @Reads()
  @AdminOperation('adminListProviders', 'Providers, who tells each, and how many integrations depend on it', {
    about:
      'Built-in ones first. One that is not served any more is listed for as long as integrations of it are active.',
    type: AdminProviderDto,
    description: 'All of them.',
    list: 'whole',
  })
  async list(): Promise<{ data: ListedProvider[] }> {
    return { data: await this.providers.list() };
  }

  @Get(':provider/manifest')
  @Reads()
  @ApiProviderId()
  @MayFail('not_found')
  @AdminOperation('adminGetManifest', 'The manifest of a provider, with its versions', {
    about: 'As an operator stored it. To go back, store the text of an earlier version again.',
    type: AdminManifestDto,
    description: 'The newest version, or the one that was asked for.',
  })
  async read(@Param('provider') id: string, @Query() query: ManifestQueryDto): Promise<{ data: ManifestInVersions }> {
    return { data: await this.manifests.read(id, query.version ?? null) };
  }

  @Put(':provider/manifest')
  @ChangesKeys()
  @MayNeedApproval()
  @ApiProviderId()
  @MayFail('conflict', 'manifest_refused')
  @AdminOperation('adminSaveManifest', 'Tell a provider, or tell it otherwise', {
    about:
      'Checked as `provider lint` does. Lists whose part of the manifest changed are read anew; a list that is left out stays as it is. It stands before a file in `PROVIDERS_DIR` with the same id.',
    type: AdminManifestDto,
    description: 'Served by every process within a second. The text that is stored already makes no version.',
  })
  async store(
    @Param('provider') id: string,
    @Body() { manifest, reason }: SaveManifestDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ data: ManifestInVersions | Approval }> {
    setAuditReason(reason);
    if (!this.approvals.needed('manifest')) return { data: await this.manifests.store(id, manifest) };
    const announced = await this.manifests.announce(id, manifest);
    if (announced === null) return { data: await this.manifests.read(id) };
    response.status(202);
    const { after, isServed, hosts, auth } = announced;
    const summary = `${isServed ? 'Change' : 'Serve'} the provider ${id}: hosts ${hosts.join(', ')}; ${auth}`;
    return { data: await this.requestApproval(id, summary, { parameters: { manifest, after }, reason }) };
  }

  @Delete(':provider/manifest')
  @HttpCode(204)
  @ChangesKeys()
  @MayNeedApproval()
  @ApiProviderId()
  @MayFail('not_found', 'conflict')
  @ApiOperation({
    operationId: 'adminDeleteManifest',
    summary: 'Stop to serve a provider',
    description: 'Refused while integrations of it are active: the text says how many. What was synced is kept.',
  })
  @ApiNoContentResponse({
    description: 'No process serves it a second later, unless a file in `PROVIDERS_DIR` tells it.',
  })
  async remove(
    @Param('provider') id: string,
    @Body() { reason }: ReasonDto,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ data: Approval } | undefined> {
    setAuditReason(reason);
    if (!this.approvals.needed('manifest')) {
      await this.providers.remove(id);
      return undefined;
    }
    const { after, hostsOfFile } = await this.manifests.announceRemoval(id);
    const summary =
      hostsOfFile === null
        ? `Stop to serve the provider ${id}`
        : `Serve the provider ${id} as its file tells it: hosts ${hostsOfFile.join(', ')}`;
    response.status(202);
    return { data: await this.requestApproval(id, summary, { parameters: { manifest: null, after }, reason }) };
  }

  private requestApproval(
    target: string,
    summary: string,
    { parameters, reason }: Pick<Approval, 'parameters' | 'reason'>,
  ): Promise<Approval> {
    const requestedBy = currentActor().id;
    return this.approvals.request({ act: 'manifest', target, summary, parameters, requestedBy, reason });
  }
}
