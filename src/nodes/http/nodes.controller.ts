import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Authenticated } from '../../auth';
import { IdPipe } from '../../platform/http';
import type { NodeActor } from '../node-access';
import { NodeService } from '../node.service';
import type { Listed, Node } from '../store/node.repository';
import { CurrentActor } from './current-actor.decorator';
import { CreateNodeDto, NodeDto, NodeListDto, toNodeDto, UpdateNodeDto } from './dto/node.dto';
import { NumberedQueryDto, toNodePage } from './dto/page.dto';

const NodeId = (): ParameterDecorator => Param('id', new IdPipe('Node'));
const ApiNodeId = (): MethodDecorator => ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });

@ApiTags('Nodes')
@Controller('api/v1/nodes')
export class NodesController {
  constructor(private readonly nodes: NodeService) {}

  @Post()
  @Authenticated({ roles: ['operator'], permission: 'nodes.write' })
  @ApiOperation({
    operationId: 'createNode',
    summary: 'Add a node to the tree',
    description: 'Below a node within the caller’s reach; a root by an admin only.',
  })
  @ApiCreatedResponse({ type: NodeDto, description: 'The new node.' })
  @ApiNotFoundResponse({ description: 'No such parent within reach, or no such merchant.' })
  async create(@CurrentActor() actor: NodeActor, @Body() body: CreateNodeDto): Promise<NodeDto> {
    const node = await this.nodes.create(actor, {
      parentId: body.parent_id?.toLowerCase() ?? null,
      name: body.name,
      type: body.type,
      merchantId: body.merchant_id?.toLowerCase() ?? null,
      environment: body.environment ?? null,
    });
    return toNodeDto(node);
  }

  @Get()
  @Authenticated({ roles: ['operator', 'viewer'], permission: 'nodes.read' })
  @ApiOperation({
    operationId: 'listNodes',
    summary: 'Every node within reach',
    description: 'The nodes of the token with all of their descendants, in the order of their paths.',
  })
  @ApiOkResponse({ type: NodeListDto, description: 'One page of nodes.' })
  async list(@CurrentActor() actor: NodeActor, @Query() page: NumberedQueryDto): Promise<NodeListDto> {
    return toListDto(await this.nodes.list(actor, toNodePage(page)), page);
  }

  @Get(':id')
  @Authenticated({ roles: ['operator', 'viewer'], permission: 'nodes.read' })
  @ApiOperation({
    operationId: 'getNode',
    summary: 'One node',
    description: 'Of those within the caller’s reach; any other is 404.',
  })
  @ApiNodeId()
  @ApiOkResponse({ type: NodeDto, description: 'The node.' })
  async get(@CurrentActor() actor: NodeActor, @NodeId() id: string): Promise<NodeDto> {
    return toNodeDto(await this.nodes.get(actor, id));
  }

  @Get(':id/children')
  @Authenticated({ roles: ['operator', 'viewer'], permission: 'nodes.read' })
  @ApiOperation({
    operationId: 'listChildNodes',
    summary: 'The nodes right below a node, by name',
    description: 'One level; a page at a time.',
  })
  @ApiNodeId()
  @ApiOkResponse({ type: NodeListDto, description: 'One page of nodes.' })
  async children(
    @CurrentActor() actor: NodeActor,
    @NodeId() id: string,
    @Query() page: NumberedQueryDto,
  ): Promise<NodeListDto> {
    return toListDto(await this.nodes.children(actor, id, toNodePage(page)), page);
  }

  @Patch(':id')
  @Authenticated({ roles: ['operator'], permission: 'nodes.write' })
  @ApiOperation({
    operationId: 'updateNode',
    summary: 'Rename or move a node',
    description:
      'A move takes along everything below the node, in one transaction. A caller that is no admin reaches the old parent and the new one, and holds what every key does whose reach the move changes: 403.',
  })
  @ApiNodeId()
  @ApiOkResponse({ type: NodeDto, description: 'The node as it is now.' })
  @ApiConflictResponse({ description: 'The new parent is the node itself, or below it.' })
  async update(@CurrentActor() actor: NodeActor, @NodeId() id: string, @Body() body: UpdateNodeDto): Promise<NodeDto> {
    const { name, parent_id: parentId } = body;
    return toNodeDto(await this.nodes.update(actor, id, { name, parentId: parentId?.toLowerCase() ?? parentId }));
  }
}

function toListDto({ items, total }: Listed<Node>, { page, per_page }: NumberedQueryDto): NodeListDto {
  return { items: items.map(toNodeDto), page, per_page, total };
}
