import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID, ValidateIf } from 'class-validator';
import { ENVIRONMENTS, type Environment } from '../../../platform/http';
import { NODE_TYPES, type Node, type NodeType } from '../../store/node.repository';
import { NumberedPageDto } from './page.dto';
import { IsName } from './rules';

const UUID_RULE = { message: 'must be a UUID' };
const EXAMPLE_ID = '3d0f2b7e-54c1-4f4e-9a4d-0d1f6a2b9c11';

export class CreateNodeDto {
  @IsOptional()
  @IsUUID('all', UUID_RULE)
  @ApiPropertyOptional({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Left out or null: a root, which only an admin may make.',
  })
  parent_id?: string | null;

  @IsName()
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'Northside Clinic' })
  name: string;

  @IsIn(NODE_TYPES)
  @ApiProperty({ enum: NODE_TYPES, example: 'account' })
  type: NodeType;

  @IsOptional()
  @IsUUID('all', UUID_RULE)
  @ApiPropertyOptional({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description:
      'With `environment`: tokens of this node may call /v2 on behalf of this merchant. Who is no admin may bind a node only as its parent is bound.',
  })
  merchant_id?: string | null;

  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @ApiPropertyOptional({ type: 'string', enum: [...ENVIRONMENTS, null], nullable: true })
  environment?: Environment | null;
}

export class UpdateNodeDto {
  @ValidateIf((body: UpdateNodeDto) => body.name !== undefined)
  @IsName()
  @ApiPropertyOptional({ minLength: 1, maxLength: 255, example: 'Northside Clinic' })
  name?: string;

  @IsOptional()
  @IsUUID('all', UUID_RULE)
  @ApiPropertyOptional({
    type: 'string',
    format: 'uuid',
    nullable: true,
    // no node goes below itself
    example: '0b54d3a2-8a0b-4b7b-9a60-1f0f0c1f7a11',
    description: 'Moves the node with everything below it; null makes it a root, which only an admin may.',
  })
  parent_id?: string | null;
}

export class NodeDto {
  @ApiProperty({ format: 'uuid', example: EXAMPLE_ID })
  id: string;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, example: null })
  parent_id: string | null;

  @ApiProperty({ example: 'Northside Clinic' })
  name: string;

  @ApiProperty({ enum: NODE_TYPES, example: 'account' })
  type: NodeType;

  @ApiProperty({
    example: `/${EXAMPLE_ID}/`,
    description: 'The ids from the root down to the node itself.',
  })
  path: string;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, example: null })
  merchant_id: string | null;

  @ApiProperty({ type: 'string', enum: [...ENVIRONMENTS, null], nullable: true, example: null })
  environment: Environment | null;

  @ApiProperty({ format: 'date-time', example: '2099-05-01T09:30:00.000Z' })
  created_at: string;

  @ApiProperty({ format: 'date-time', example: '2099-05-01T09:30:00.000Z' })
  updated_at: string;
}

export class NodeListDto extends NumberedPageDto {
  @ApiProperty({ type: () => [NodeDto] })
  items: NodeDto[];
}

export function toNodeDto(node: Node): NodeDto {
  return {
    id: node.id,
    parent_id: node.parentId,
    name: node.name,
    type: node.type,
    path: node.path,
    merchant_id: node.merchantId,
    environment: node.environment,
    created_at: node.createdAt.toISOString(),
    updated_at: node.updatedAt.toISOString(),
  };
}
