import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { NEXT_ACTIONS, PUBLIC_ERROR_CODES } from '../../../platform/errors';
import { IsCurrencyCode, IsTimestamp, parseTimestamp } from '../../../platform/http';
import { PUSH_STATUSES, type OutboundPaymentRow, type PaymentContent } from '../../outbound-payment';

/** Of a timestamp: a date with a time, in this century. */
const RECENT_WITH_TIME = /^20\d{2}-\d{2}-\d{2}T/i;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]*$/u;
const PRINTABLE_RULE = { message: 'must not contain control characters' };
const dateTime = { format: 'date-time', type: String } as const;

export class PushPaymentDto {
  @IsString()
  @Matches(/^[\w.:~-]{1,128}$/, { message: 'must be the id of an invoice at the provider' })
  @ApiProperty({ maxLength: 128, example: '501', description: 'The `externalId` of a synced invoice.' })
  externalInvoiceId: string;

  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  @ApiProperty({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, example: 4400 })
  amountMinor: number;

  @IsCurrencyCode()
  @ApiProperty({ pattern: '^[A-Z]{3}$', example: 'GBP' })
  currency: string;

  @IsString()
  @Matches(PRINTABLE, PRINTABLE_RULE)
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(255)
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'card', description: 'A method that payment-mappings maps.' })
  method: string;

  @IsTimestamp()
  @Matches(RECENT_WITH_TIME, { message: 'must have a time, and be of this century' })
  @ApiProperty({ ...dateTime, example: '2099-05-05T10:00:00Z' })
  paidAt: string;

  @IsString()
  @Matches(PRINTABLE, PRINTABLE_RULE)
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(255)
  @ApiProperty({ minLength: 1, maxLength: 255, example: 'pay_8812', description: 'Your own word for this payment.' })
  reference: string;
}

class PushRequestedDataDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'The run that pushes it.' })
  jobId: string;

  @ApiProperty({ enum: PUSH_STATUSES, example: 'queued' })
  status: string;
}

export class PushRequestedDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => PushRequestedDataDto })
  data: PushRequestedDataDto;
}

export class OutboundPaymentDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'The run that pushes it, or did last.' })
  jobId: string;

  @ApiProperty({ enum: PUSH_STATUSES, example: 'pushed' })
  status: string;

  @ApiProperty({ example: '501' })
  externalInvoiceId: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 4400 })
  amountMinor: number;

  @ApiProperty({ example: 'GBP' })
  currency: string;

  @ApiProperty({ example: 'card' })
  method: string;

  @ApiProperty(dateTime)
  paidAt: string;

  @ApiProperty({ example: 'pay_8812' })
  reference: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '77',
    description: 'Set as soon as the provider has the payment, also when a later step failed.',
  })
  externalPaymentId: string | null;

  @ApiProperty({ type: String, enum: PUBLIC_ERROR_CODES, nullable: true, example: null })
  errorCode: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Why it failed, or what it waits for.' })
  error: string | null;

  @ApiProperty({ type: String, enum: NEXT_ACTIONS, nullable: true, example: null })
  nextAction: string | null;

  @ApiProperty(dateTime)
  createdAt: string;

  @ApiProperty(dateTime)
  updatedAt: string;
}

export class OutboundPaymentAnswerDto {
  @ApiProperty({ enum: [true] })
  success: true;

  @ApiProperty({ type: () => OutboundPaymentDto })
  data: OutboundPaymentDto;
}

export function toContent({ paidAt, ...rest }: PushPaymentDto): PaymentContent {
  return { ...rest, paidAt: parseTimestamp(paidAt)! };
}

export function toPaymentDto(payment: OutboundPaymentRow): OutboundPaymentDto {
  return {
    id: payment.id,
    jobId: payment.runId,
    status: payment.status,
    externalInvoiceId: payment.externalInvoiceId,
    amountMinor: payment.amountMinor,
    currency: payment.currency,
    method: payment.method,
    paidAt: payment.paidAt.toISOString(),
    reference: payment.reference,
    externalPaymentId: payment.externalPaymentId,
    errorCode: payment.errorCode,
    error: payment.error,
    nextAction: payment.nextAction,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}
