import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import { PUBLIC_ERROR_CODES } from '../../../platform/errors';
import {
  AsFlag,
  AsUnset,
  AsWhole,
  ENVIRONMENTS,
  PAGE_LIMIT,
  QueryOneOf,
  QueryText,
  QueryTime,
  QueryWhole,
  type Environment,
} from '../../../platform/http';
import { QueryProvider, RESOURCE_TYPES } from '../../../providers';
import { SYNC_WORDS } from '../../../sync';
import { EXPORT_FORMATS, type ExportFormat } from '../../audit-export';
import { CONDITIONS, type Condition } from '../../conditions';
import { RANGES, type Range } from '../../ranges';
import { INTEGRATION_SORTS } from '../../store/admin-integration.repository';
import { PLAN_STATES } from '../../store/deletion-plan-list.repository';
import { INTEGRATION_FINDING_CODES, type IntegrationFindingCode } from '../../store/integration-findings';
import { MERCHANT_FINDING_CODES, type MerchantFindingCode } from '../../store/merchant-findings';

const RANGE_NAMES = Object.keys(RANGES) as readonly Range[];

export class AdminPageDto {
  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @AsUnset()
  cursor?: string;

  @QueryWhole(PAGE_LIMIT)
  limit: number = PAGE_LIMIT.fallback;
}

const DAYS = { fallback: 14, min: 1, max: 90 };

export class ActivityQueryDto {
  @QueryWhole(DAYS)
  days: number = DAYS.fallback;
}

export class OverviewQueryDto {
  @ApiPropertyOptional({ enum: ENVIRONMENTS, description: 'Only what concerns this environment; left out: all.' })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @AsUnset()
  environment?: Environment;

  @QueryProvider({ description: 'Only integrations of this provider; left out: all.' })
  provider?: string;

  @ApiPropertyOptional({ enum: RANGE_NAMES, default: 'day', description: 'What the charts look back on.' })
  @IsOptional()
  @IsIn(RANGE_NAMES)
  @AsUnset()
  range?: Range;
}

export class IntegrationFilterDto {
  @QueryProvider()
  provider?: string;

  @ApiPropertyOptional({ enum: ENVIRONMENTS })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @AsUnset()
  environment?: string;

  @ApiPropertyOptional({ enum: ['active', 'inactive'] })
  @IsOptional()
  @IsIn(['active', 'inactive'])
  @AsUnset()
  state?: string;

  @ApiPropertyOptional({ enum: SYNC_WORDS.statuses })
  @IsOptional()
  @IsIn(SYNC_WORDS.statuses)
  @AsUnset()
  status?: string;

  @ApiPropertyOptional({ enum: SYNC_WORDS.healths })
  @IsOptional()
  @IsIn(SYNC_WORDS.healths)
  @AsUnset()
  health?: string;

  @ApiPropertyOptional({ enum: PUBLIC_ERROR_CODES, description: 'Of the last failure.' })
  @IsOptional()
  @IsIn(PUBLIC_ERROR_CODES)
  @AsUnset()
  errorCode?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Behind its interval by at least so many minutes.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @AsWhole()
  lateByMinutes?: number;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @IsBoolean()
  @AsFlag()
  operatorPaused?: boolean;

  @ApiPropertyOptional({ enum: CONDITIONS, description: 'Only those that are in this condition.' })
  @IsOptional()
  @IsIn(CONDITIONS)
  @AsUnset()
  condition?: Condition;

  @ApiPropertyOptional({ enum: INTEGRATION_FINDING_CODES, description: 'Only those that this finding counts.' })
  @IsOptional()
  @IsIn(INTEGRATION_FINDING_CODES)
  @AsUnset()
  finding?: IntegrationFindingCode;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @AsUnset()
  merchantId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @AsUnset()
  integrationId?: string;

  @ApiPropertyOptional({ maxLength: 255, description: 'Part of a merchant’s name, or an id.' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @AsUnset()
  search?: string;
}

export class IntegrationSortDto {
  @QueryOneOf(INTEGRATION_SORTS.flatMap((name) => [name, `-${name}`]), {
    description: 'What comes first; with `-` the largest, or the latest. Left out: the newest integration.',
  })
  sort?: string;
}

/** Of lists whose rows belong to a provider and an environment. */
export class ScopeFilterDto {
  @QueryProvider()
  provider?: string;

  @ApiPropertyOptional({ enum: ENVIRONMENTS })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @AsUnset()
  environment?: string;
}

/** That can be narrowed to one integration. */
export class OwnedFilterDto extends ScopeFilterDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @AsUnset()
  integrationId?: string;
}

export class IncidentFilterDto extends ScopeFilterDto {
  @ApiPropertyOptional({ enum: ['open', 'closed'] })
  @IsOptional()
  @IsIn(['open', 'closed'])
  @AsUnset()
  state?: string;
}

export class QuarantineFilterDto extends OwnedFilterDto {
  @ApiPropertyOptional({ enum: RESOURCE_TYPES })
  @IsOptional()
  @IsIn(RESOURCE_TYPES)
  @AsUnset()
  resourceType?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @AsUnset()
  merchantId?: string;

  @QueryText({ description: 'Only rows of which this path of a field was not understood.' })
  path?: string;

  @QueryTime({ description: 'Only rows that a scan has met then or later.' })
  lastSeenFrom?: Date;
}

export class MerchantFilterDto {
  @ApiPropertyOptional({ maxLength: 255, description: 'Part of the name, or the id.' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @AsUnset()
  search?: string;

  @QueryOneOf(MERCHANT_FINDING_CODES, { description: 'Only merchants of what this finding counts.' })
  finding?: MerchantFindingCode;

  @QueryOneOf(ENVIRONMENTS, { description: 'Only what the finding counts in this environment; with `finding` alone.' })
  environment?: string;
}

export class PlanFilterDto extends OwnedFilterDto {
  @ApiPropertyOptional({ enum: PLAN_STATES })
  @IsOptional()
  @IsIn(PLAN_STATES)
  @AsUnset()
  state?: string;
}

export class AuditFilterDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @AsUnset()
  merchantId?: string;

  @ApiPropertyOptional({ maxLength: 255 })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @AsUnset()
  actorId?: string;

  @ApiPropertyOptional({ description: 'The beginning of the action: `integration.` or all of it.', maxLength: 100 })
  @IsOptional()
  @Matches(/^[a-z0-9_.]{1,100}$/, { message: 'must be an action such as integration.paused, or the start of one' })
  @AsUnset()
  action?: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @Matches(/^[a-z0-9_]{1,100}$/, { message: 'must be a subject type such as integration' })
  @AsUnset()
  subjectType?: string;

  @ApiPropertyOptional({ maxLength: 255 })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @AsUnset()
  subjectId?: string;

  @QueryTime({ description: 'Only what was done then or later.' })
  from?: Date;

  @QueryTime({ description: 'Only what was done before.' })
  to?: Date;

  @QueryOneOf(['folded', 'shown'], {
    description: '`folded`: without the openings of secrets, of which each run makes one. Left out: all.',
  })
  openings?: string;
}

export class AuditExportDto extends AuditFilterDto {
  @QueryOneOf(EXPORT_FORMATS, { description: 'JSON lines, or a table. Left out: JSON lines.' })
  format?: ExportFormat;
}
