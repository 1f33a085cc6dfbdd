import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsInt, IsOptional, IsString, IsUUID, Max, Min, ValidateIf } from 'class-validator';
import { IsTimestamp, QueryUuid } from '../../../platform/http';
import { PERMISSIONS as KNOWN, MAX_PERMISSION_LENGTH, MAX_PERMISSIONS, PERMISSION_FORM } from '../../permissions';
import type { NodeIntegration } from '../../store/node-integration.repository';
import { NumberedPageDto, NumberedQueryDto } from './page.dto';
import { IsImmutable, IsName } from './rules';

const PERMISSIONS = {
  type: 'array',
  items: { type: 'string', pattern: PERMISSION_FORM.source, maxLength: MAX_PERMISSION_LENGTH },
  maxItems: MAX_PERMISSIONS,
  example: ['integrations.read', 'integrations.write'],
} as const;
const KNOWN_ONES = `Those of this service: ${KNOWN.map((each) => `\`${each}\``).join(', ')}. A token also carries those of other services, which have resources of their own; a slip of the pen is 400.`;
const EXPIRES_AT = {
  type: 'string',
  format: 'date-time',
  nullable: true,
  example: '2099-05-01T00:00:00.000Z',
} as const;
const KEY_EXAMPLE = 'apex_7Yw0fP3kQ9sT2uVbXcZdEeFgHiJkLmNo4t1Q0a';

export class CreateNodeIntegrationDto {
  @IsUUID('all', { message: 'must be a UUID' })
  @ApiProperty({ format: 'uuid' })
  node_id: string;

  @IsName()
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'Billing back end' })
  name: string;

  @ValidateIf((body: CreateNodeIntegrationDto) => body.permissions !== undefined)
  @IsArray()
  @IsString({ each: true })
  @ApiPropertyOptional({
    ...PERMISSIONS,
    default: [],
    description: `What the key may do, as \`<resource>.<action>\`; duplicates collapse. Who is no admin can give only what its own token has. ${KNOWN_ONES}`,
  })
  permissions?: string[];

  @IsOptional()
  @IsTimestamp()
  @ApiPropertyOptional({
    ...EXPIRES_AT,
    description:
      'In the future; null: never. Left out: as its maker ends, for an admin never. Later than its maker: 403.',
  })
  expires_at?: string | null;
}

export class UpdateNodeIntegrationDto {
  @IsName()
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'Billing back end' })
  name: string;

  @ValidateIf((body: UpdateNodeIntegrationDto) => body.permissions !== undefined)
  @IsArray()
  @IsString({ each: true })
  @ApiPropertyOptional({
    ...PERMISSIONS,
    description: `Left out: they stay. Live access tokens end when one is taken away. ${KNOWN_ONES}`,
  })
  permissions?: string[];

  @IsOptional()
  @IsTimestamp()
  @ApiPropertyOptional({
    ...EXPIRES_AT,
    description: 'In the future; null: never; left out: it stays. Later than the caller’s own: 403.',
  })
  expires_at?: string | null;

  @IsImmutable()
  node_id?: never;

  @IsImmutable()
  api_key?: never;

  @IsImmutable()
  secret?: never;
}

export class RotateSecretDto {
  @ValidateIf((body: RotateSecretDto) => body.overlap_seconds !== undefined)
  @IsInt()
  @Min(0)
  @Max(604_800)
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 604_800,
    default: 0,
    description: 'How long the old secret keeps working. 0: it ends at once, with all tokens that came from it.',
  })
  overlap_seconds?: number;
}

export class NodeIntegrationDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  node_id: string;

  @ApiProperty({ example: 'Billing back end' })
  name: string;

  @ApiProperty({ example: KEY_EXAMPLE })
  api_key: string;

  @ApiProperty(PERMISSIONS)
  permissions: string[];

  @ApiProperty({ ...EXPIRES_AT, description: 'null: never.' })
  expires_at: string | null;

  @ApiProperty({ format: 'date-time', example: '2099-05-01T09:30:00.000Z' })
  created_at: string;
}

export class IssuedNodeIntegrationDto extends NodeIntegrationDto {
  @ApiProperty({
    description: 'Shown once, here.',
    example: 'sk-apex_4vT7yB1nC6xW3pL9sD5fG0hJ8kQ2mZ6rN1tX3wY5uE7a2b9Qd',
  })
  secret: string;
}

export class RotatedNodeIntegrationDto extends IssuedNodeIntegrationDto {
  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Until when the old secret works; null: it does not.',
  })
  previous_secret_expires_at: string | null;
}

export class NodeIntegrationQueryDto extends NumberedQueryDto {
  @QueryUuid({ required: true })
  node_id: string;
}

export class NodeIntegrationListDto extends NumberedPageDto {
  @ApiProperty({ type: () => [NodeIntegrationDto] })
  items: NodeIntegrationDto[];
}

export function toNodeIntegrationDto(integration: NodeIntegration): NodeIntegrationDto {
  return {
    id: integration.id,
    node_id: integration.nodeId,
    name: integration.name,
    api_key: integration.apiKey,
    permissions: [...integration.permissions],
    expires_at: integration.expiresAt?.toISOString() ?? null,
    created_at: integration.createdAt.toISOString(),
  };
}
