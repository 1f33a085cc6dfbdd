import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { InterlockError } from '../../platform/errors';
import { PROVIDER_CATALOGUE, PROVIDER_IDS, type ProviderCatalogueEntry } from '../catalogue';
import { ProviderAnswerDto, ProviderListDto, type ProviderDto } from './dto/provider.dto';

@ApiTags('Providers')
@Controller('v2/providers')
export class ProvidersController {
  @Get()
  @Authenticated({ scope: 'integrations:read' })
  @ApiOperation({
    operationId: 'listProviders',
    summary: 'Which systems can be connected, and what each needs',
    description: '`credentialSchema` is a JSON Schema that a form can be made of.',
  })
  @ApiOkResponse({ type: ProviderListDto, description: 'The whole catalogue.' })
  list(): ProviderListDto {
    return { data: PROVIDER_IDS.map((id) => toDto(PROVIDER_CATALOGUE[id])) };
  }

  @Get(':provider')
  @Authenticated({ scope: 'integrations:read' })
  @ApiParam({ name: 'provider', enum: PROVIDER_IDS })
  @ApiOperation({
    operationId: 'getProvider',
    summary: 'One entry of the catalogue',
    description: 'As the list shows it.',
  })
  @ApiOkResponse({ type: ProviderAnswerDto, description: 'The entry.' })
  get(@Param('provider') provider: string): ProviderAnswerDto {
    const known = PROVIDER_IDS.find((id) => id === provider);
    if (!known) throw InterlockError.invalidField('provider', `must be one of ${PROVIDER_IDS.join(', ')}`);
    return { data: toDto(PROVIDER_CATALOGUE[known]) };
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
