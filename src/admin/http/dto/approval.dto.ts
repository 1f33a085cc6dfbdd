import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { AsUnset } from '../../../platform/http';
import { APPROVAL_ACTS, APPROVAL_STATES } from '../../approval';
import { BulkRetryDoneDto } from './bulk-retry.dto';
import { Anything, Id, OneOf, Text, TextOrNull, Time, TimeOrNull } from './fields';

export class ApprovalDto {
  @Id() id: string;
  @OneOf(APPROVAL_ACTS, { description: 'What is asked for.' }) act: string;
  @TextOrNull({ description: 'What the act is done to; null: to what its parameters say.' }) target: string | null;
  @Text({ description: 'What will happen.', example: 'Delete the records of plan 7d7c2f0e that are still missing' })
  summary: string;
  @Anything({ description: 'Of the act, as it was asked for; in the list without the text of a manifest.' })
  parameters: Record<string, unknown>;
  @OneOf(APPROVAL_STATES, { description: '`approved`: it is being done; `done` and `failed` say what came of it.' })
  state: string;
  @Text({ example: 'jo@example.com' }) requestedBy: string;
  @Text({ example: 'The merchant has closed this account.' }) reason: string;
  @Time({ description: 'When it was asked for.' }) requestedAt: Date;
  @Time({ description: 'Then nobody can approve it any more.' }) expiresAt: Date;
  @TextOrNull({ example: 'kim@example.com' }) decidedBy: string | null;
  @TextOrNull({ description: 'Why it was approved or refused.' }) decisionReason: string | null;
  @TimeOrNull() decidedAt: Date | null;
  @TextOrNull({ description: 'Why it failed; null: it did not.' }) error: string | null;
}

export class ApprovalWithOutcomeDto extends ApprovalDto {
  @ApiProperty({
    type: BulkRetryDoneDto,
    nullable: true,
    description: 'Of a bulk retry, integration by integration, as far as it is done; null: of another act.',
  })
  outcome: BulkRetryDoneDto | null;
}

export class ApprovalFilterDto {
  @ApiPropertyOptional({ enum: APPROVAL_STATES })
  @IsOptional()
  @IsIn(APPROVAL_STATES)
  @AsUnset()
  state?: string;
}
