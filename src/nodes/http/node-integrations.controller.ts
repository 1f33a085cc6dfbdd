import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { SecretResponse } from '../../idempotency';
import { IdPipe, parseTimestamp } from '../../platform/http';
import type { NodeActor } from '../node-access';
import { NodeIntegrationService } from '../node-integration.service';
import { CurrentActor } from './current-actor.decorator';
import {
  CreateNodeIntegrationDto,
  IssuedNodeIntegrationDto,
  NodeIntegrationDto,
  NodeIntegrationListDto,
  NodeIntegrationQueryDto,
  RotatedNodeIntegrationDto,
  RotateSecretDto,
  toNodeIntegrationDto,
  UpdateNodeIntegrationDto,
} from './dto/node-integration.dto';
import { toNodePage } from './dto/page.dto';

const READ = { roles: ['operator', 'viewer'], permission: 'integrations.read' } as const;
const WRITE = { permission: 'integrations.write', changesCredentials: true } as const;
const SAME_NAME = { description: 'An unexpired integration of this name is on the node.' };
const IntegrationId = (): ParameterDecorator => Param('id', new IdPipe('Integration'));
const ApiIntegrationId = (): MethodDecorator => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });

@ApiTags('Node integrations')
@Controller('api/v1/integrations')
export class NodeIntegrationsController {
  constructor(private readonly integrations: NodeIntegrationService) {}

  @Post()
  @Authenticated(WRITE)
  @SecretResponse()
  @ApiOperation({
    operationId: 'createNodeIntegration',
    summary: 'Make an API key and secret for a node',
    description:
      'The secret is in this answer and nowhere else; only a slow hash of it is stored. A caller that is no admin gives no permission that it lacks, and no later end than its own: 403.',
  })
  @ApiCreatedResponse({ type: IssuedNodeIntegrationDto, description: 'The key, with its secret.' })
  @ApiNotFoundResponse({ description: 'No such node within reach.' })
  @ApiConflictResponse(SAME_NAME)
  async create(
    @CurrentActor() actor: NodeActor,
    @Body() body: CreateNodeIntegrationDto,
  ): Promise<IssuedNodeIntegrationDto> {
    const { integration, secret } = await this.integrations.create(actor, {
      nodeId: body.node_id.toLowerCase(),
      name: body.name,
      permissions: body.permissions ?? [],
      expiresAt: toEnd(body.expires_at),
    });
    return { ...toNodeIntegrationDto(integration), secret };
  }

  @Get()
  @Authenticated(READ)
  @ApiOperation({
    operationId: 'listNodeIntegrations',
    summary: 'The integrations of a node, oldest first',
    description: 'Without secrets; deleted ones are not part of it.',
  })
  @ApiOkResponse({ type: NodeIntegrationListDto, description: 'One page of integrations.' })
  @ApiNotFoundResponse({ description: 'No such node within reach.' })
  async list(
    @CurrentActor() actor: NodeActor,
    @Query() query: NodeIntegrationQueryDto,
  ): Promise<NodeIntegrationListDto> {
    const { node_id: nodeId, page, per_page } = query;
    const { items, total } = await this.integrations.list(actor, nodeId, toNodePage(query));
    return { items: items.map(toNodeIntegrationDto), page, per_page, total };
  }

  @Get(':id')
  @Authenticated(READ)
  @ApiOperation({
    operationId: 'getNodeIntegration',
    summary: 'One integration, without its secret',
    description: 'Of a node within the caller’s reach; any other is 404.',
  })
  @ApiIntegrationId()
  @ApiOkResponse({ type: NodeIntegrationDto, description: 'The integration.' })
  async get(@CurrentActor() actor: NodeActor, @IntegrationId() id: string): Promise<NodeIntegrationDto> {
    return toNodeIntegrationDto(await this.integrations.get(actor, id));
  }

  @Put(':id')
  @HttpCode(204)
  @Authenticated(WRITE)
  @ApiOperation({
    operationId: 'updateNodeIntegration',
    summary: 'Rename an integration, change its permissions or its expiry',
    description:
      '`node_id`, `api_key` and `secret` cannot be changed: 400 when one of them is sent. A caller that is no admin changes no key that holds more, or lives longer, than it does: 403.',
  })
  @ApiIntegrationId()
  @ApiNoContentResponse({ description: 'Done.' })
  @ApiConflictResponse(SAME_NAME)
  async update(
    @CurrentActor() actor: NodeActor,
    @IntegrationId() id: string,
    @Body() body: UpdateNodeIntegrationDto,
  ): Promise<void> {
    const { name, permissions, expires_at: expiresAt } = body;
    await this.integrations.update(actor, id, {
      name,
      permissions,
      expiresAt: toEnd(expiresAt),
    });
  }

  @Delete(':id')
  @HttpCode(204)
  @Authenticated(WRITE)
  @ApiOperation({
    operationId: 'deleteNodeIntegration',
    summary: 'End an integration',
    description:
      'For callers that hold every permission of the integration and live as long. Its key and its refresh tokens stop working at once; access tokens within 20 seconds on every process, mostly within milliseconds.',
  })
  @ApiIntegrationId()
  @ApiNoContentResponse({ description: 'Done.' })
  async remove(@CurrentActor() actor: NodeActor, @IntegrationId() id: string): Promise<void> {
    await this.integrations.remove(actor, id);
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Authenticated(WRITE)
  @SecretResponse()
  @ApiOperation({
    operationId: 'rotateNodeIntegrationSecret',
    summary: 'Replace the secret',
    description:
      'The old one works until the overlap ends; sessions and tokens that came from it end with it. For callers that hold every permission of the integration and live as long.',
  })
  @ApiIntegrationId()
  @ApiOkResponse({ type: RotatedNodeIntegrationDto, description: 'The integration, with its new secret.' })
  async rotateSecret(
    @CurrentActor() actor: NodeActor,
    @IntegrationId() id: string,
    @Body() body: RotateSecretDto,
  ): Promise<RotatedNodeIntegrationDto> {
    const overlapSeconds = body.overlap_seconds ?? 0;
    const rotated = await this.integrations.rotateSecret(actor, id, { overlapSeconds });
    return {
      ...toNodeIntegrationDto(rotated.integration),
      secret: rotated.secret,
      previous_secret_expires_at: rotated.previousSecretUntil?.toISOString() ?? null,
    };
  }
}

/** null: never; undefined: left out. */
function toEnd(expiresAt: string | null | undefined): Date | null | undefined {
  return typeof expiresAt === 'string' ? parseTimestamp(expiresAt) : expiresAt;
}
