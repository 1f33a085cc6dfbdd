import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { BUILT_IN_IDS, type ProviderCatalogueEntry } from '../catalogue';
import { ProviderRegistry } from '../provider.registry';
import { ProviderAnswerDto, ProviderListDto, type ProviderDto } from './dto/provider.dto';
import { unknownProvider } from './provider-names.pipe';

@ApiTags('Providers')
@Controller('v2/providers')
export class ProvidersController {
  constructor(private readonly providers: ProviderRegistry) {}

  @Get()
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listProviders',
    summary: 'Which systems can be connected, and what each needs',
    description: '`credentialSchema` is a JSON Schema that a form can be made of.',
  })
  @ApiOkResponse({ type: ProviderListDto, description: 'The whole catalogue.' })
  list(): ProviderListDto {
    return { data: this.providers.all().map(({ entry }) => toDto(entry)) };
  }

  @Get(':provider')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'provider', enum: BUILT_IN_IDS })
  @ApiOperation({
    operationId: 'getProvider',
    summary: 'One entry of the catalogue',
    description: 'As the list shows it.',
  })
  @ApiOkResponse({ type: ProviderAnswerDto, description: 'The entry.' })
  async get(@Param('provider') provider: string): Promise<ProviderAnswerDto> {
    const known = await this.providers.find(provider);
    if (!known) throw unknownProvider('provider', this.providers);
    return { data: toDto(known.entry) };
  }
}

function toDto(entry: ProviderCatalogueEntry): ProviderDto {
  const { paymentMethods, pushPayments, packages } = entry.capabilities;
  return {
    id: entry.id,
    name: entry.name,
    credentialSchema: entry.credentialSchema,
    defaultIntervalMinutes: entry.defaultIntervalMinutes,
    minimumIntervalMinutes: entry.minimumIntervalMinutes,
    resources: entry.resources,
    capabilities: { paymentMethods, pushPayments, packages },
    docsUrl: entry.docsUrl,
  };
}
