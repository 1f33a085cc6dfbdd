import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import { ERROR_CODES } from '../../../platform/errors';
import { ENVIRONMENTS } from '../../../platform/http';
import { PROVIDER_IDS, RESOURCE_TYPES } from '../../../providers';
import { HEALTHS, STATUSES } from '../../store/admin-integration.repository';
import { PLAN_STATES } from '../../store/deletion-plan-decision.repository';

/** An empty parameter counts as absent, so that a form can be sent as it is. */
const Unset = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => (value === '' ? undefined : value));
const Whole = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === '' ? undefined : typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  );
const Flag = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === '' ? undefined : value === 'true' ? true : value === 'false' ? false : value,
  );

export class CursorDto {
  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before.' })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Unset()
  cursor?: string;
}

export class IntegrationFilterDto {
  @ApiPropertyOptional({ enum: PROVIDER_IDS })
  @IsOptional()
  @IsIn(PROVIDER_IDS)
  @Unset()
  provider?: string;

  @ApiPropertyOptional({ enum: ENVIRONMENTS })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @Unset()
  environment?: string;

  @ApiPropertyOptional({ enum: ['active', 'inactive'] })
  @IsOptional()
  @IsIn(['active', 'inactive'])
  @Unset()
  state?: string;

  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  @Unset()
  status?: string;

  @ApiPropertyOptional({ enum: HEALTHS })
  @IsOptional()
  @IsIn(HEALTHS)
  @Unset()
  health?: string;

  @ApiPropertyOptional({ enum: ERROR_CODES, description: 'Of the last failure.' })
  @IsOptional()
  @IsIn(ERROR_CODES)
  @Unset()
  errorCode?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'Behind its interval by at least so many minutes.' })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  @Whole()
  lateByMinutes?: number;

  @ApiPropertyOptional({ type: Boolean })
  @IsOptional()
  @IsBoolean()
  @Flag()
  operatorPaused?: boolean;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  merchantId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  integrationId?: string;

  @ApiPropertyOptional({ maxLength: 255, description: 'Part of a merchant’s name, or an id.' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @Unset()
  search?: string;
}

export class IncidentFilterDto {
  @ApiPropertyOptional({ enum: PROVIDER_IDS })
  @IsOptional()
  @IsIn(PROVIDER_IDS)
  @Unset()
  provider?: string;

  @ApiPropertyOptional({ enum: ENVIRONMENTS })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @Unset()
  environment?: string;

  @ApiPropertyOptional({ enum: ['open', 'closed'] })
  @IsOptional()
  @IsIn(['open', 'closed'])
  @Unset()
  state?: string;
}

export class QuarantineFilterDto {
  @ApiPropertyOptional({ enum: PROVIDER_IDS })
  @IsOptional()
  @IsIn(PROVIDER_IDS)
  @Unset()
  provider?: string;

  @ApiPropertyOptional({ enum: ENVIRONMENTS })
  @IsOptional()
  @IsIn(ENVIRONMENTS)
  @Unset()
  environment?: string;

  @ApiPropertyOptional({ enum: RESOURCE_TYPES })
  @IsOptional()
  @IsIn(RESOURCE_TYPES)
  @Unset()
  resourceType?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  merchantId?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  integrationId?: string;
}

export class MerchantFilterDto {
  @ApiPropertyOptional({ maxLength: 255, description: 'Part of the name, or the id.' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @Unset()
  search?: string;
}

export class PlanFilterDto {
  @ApiPropertyOptional({ enum: PLAN_STATES })
  @IsOptional()
  @IsIn(PLAN_STATES)
  @Unset()
  state?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  integrationId?: string;
}

export class AuditFilterDto {
  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  @Unset()
  merchantId?: string;

  @ApiPropertyOptional({ maxLength: 255 })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @Unset()
  actorId?: string;

  @ApiPropertyOptional({ description: 'The beginning of the action: `integration.` or all of it.', maxLength: 100 })
  @IsOptional()
  @Matches(/^[a-z0-9_.]{1,100}$/, { message: 'must be an action such as integration.paused, or the start of one' })
  @Unset()
  action?: string;

  @ApiPropertyOptional({ maxLength: 100 })
  @IsOptional()
  @Matches(/^[a-z0-9_]{1,100}$/, { message: 'must be a subject type such as integration' })
  @Unset()
  subjectType?: string;

  @ApiPropertyOptional({ maxLength: 255 })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  @Unset()
  subjectId?: string;
}
