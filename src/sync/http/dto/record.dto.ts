import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { QueryFlag, QueryText, QueryWhole } from '../../../platform/http';
import { INVOICE_STATUSES, PRODUCT_KINDS, RESOURCE_TYPES, STATUS_SOURCES } from '../../../providers';

const text = { type: String, nullable: true } as const;
const time = { type: String, format: 'date-time', nullable: true } as const;
const minor = { type: 'integer', description: 'Minor units.' } as const;
const refunded = {
  ...minor,
  nullable: true,
  description: 'What was given back, minor units; null: the provider does not say how much.',
} as const;
const currency = { example: 'GBP', description: 'ISO 4217.' } as const;

class AddressDto {
  @ApiProperty(text) line1: string | null;
  @ApiProperty(text) line2: string | null;
  @ApiProperty(text) city: string | null;
  @ApiProperty(text) region: string | null;
  @ApiProperty(text) postalCode: string | null;
  @ApiProperty(text) country: string | null;
}

export class CustomerDataDto {
  @ApiProperty(text) name: string | null;
  @ApiProperty(text) firstName: string | null;
  @ApiProperty(text) lastName: string | null;
  @ApiProperty(text) email: string | null;
  @ApiProperty(text) phone: string | null;
  @ApiProperty({ type: () => AddressDto, nullable: true }) address: AddressDto | null;
  @ApiProperty(text) externalReference: string | null;
  @ApiProperty() active: boolean;
}

export class ProductDataDto {
  @ApiProperty() name: string;
  @ApiProperty({ enum: PRODUCT_KINDS }) kind: string;
  @ApiProperty({ ...minor, nullable: true }) amountMinor: number | null;
  @ApiProperty(currency) currency: string;
  @ApiProperty(text) interval: string | null;
  @ApiProperty({ type: 'integer', nullable: true }) visits: number | null;
  @ApiProperty() active: boolean;
  @ApiProperty({ ...text, required: false, description: 'The holder of a package or membership.' })
  customerExternalId?: string | null;
  @ApiProperty({ type: [String], required: false, description: 'All holders of what several share.' })
  customerExternalIds?: string[];
}

class InvoiceLineDto {
  @ApiProperty(text) externalItemId: string | null;
  @ApiProperty(text) description: string | null;
  @ApiProperty() quantity: number;
  @ApiProperty(minor) amountMinor: number;
}

export class InvoiceDataDto {
  @ApiProperty(text) number: string | null;
  @ApiProperty(text) customerExternalId: string | null;
  @ApiProperty({ enum: INVOICE_STATUSES, description: '`unknown`: nobody can say whether it is owed.' }) status: string;
  @ApiProperty({ enum: STATUS_SOURCES, description: 'Who says the status.' }) statusSource: string;
  @ApiProperty(currency) currency: string;
  @ApiProperty(minor) totalMinor: number;
  @ApiProperty({ ...minor, nullable: true }) balanceMinor: number | null;
  @ApiProperty(refunded) refundedMinor: number | null;
  @ApiProperty(time) issuedAt: string | null;
  @ApiProperty(time) dueAt: string | null;
  @ApiProperty({ type: () => [InvoiceLineDto] }) lines: InvoiceLineDto[];
}

export class PaymentDataDto {
  @ApiProperty(text) invoiceExternalId: string | null;
  @ApiProperty(text) customerExternalId: string | null;
  @ApiProperty(minor) amountMinor: number;
  @ApiProperty(refunded) refundedMinor: number | null;
  @ApiProperty(currency) currency: string;
  @ApiProperty(text) method: string | null;
  @ApiProperty(time) paidAt: string | null;
  @ApiProperty() status: string;
  @ApiProperty({ enum: ['provider', 'interlock'] }) origin: string;
  @ApiProperty({ ...text, required: false, example: '4242', description: 'Card payments only.' })
  cardLast4?: string | null;
  @ApiProperty({ ...text, required: false, example: 'Visa', description: 'Card payments only.' })
  cardScheme?: string | null;
}

export class DeviceDataDto {
  @ApiProperty(text) name: string | null;
  @ApiProperty(text) serial: string | null;
  @ApiProperty(text) platform: string | null;
  @ApiProperty({ enum: ['online', 'offline', 'pairing'] }) status: string;
  @ApiProperty(time) lastSeenAt: string | null;
}

const DATA = [CustomerDataDto, ProductDataDto, InvoiceDataDto, PaymentDataDto, DeviceDataDto];

@ApiExtraModels(...DATA)
export class RecordDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'package:12', description: 'The provider’s id; products carry their kind before it.' })
  externalId: string;

  @ApiProperty({ enum: RESOURCE_TYPES, example: 'products' })
  resourceType: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2, description: 'Counts per record and never restarts.' })
  version: number;

  @ApiProperty({ enum: ['created', 'updated', 'deleted'], description: '`deleted` keeps the last data.' })
  operation: string;

  @ApiProperty({ anyOf: DATA.map((each) => ({ $ref: getSchemaPath(each) })), description: 'By resource type.' })
  data: object;

  @ApiProperty({ ...time, description: 'The provider’s own time of last change; null: it names none.' })
  sourceUpdatedAt: string | null;

  @ApiProperty({ format: 'date-time' })
  syncedAt: string;
}

const PAGE = { fallback: 100, min: 1, max: 500 };

export class RecordQueryDto {
  @QueryText({ description: 'Left out: from the start.' })
  cursor?: string;

  @QueryWhole(PAGE)
  limit: number = PAGE.fallback;

  @QueryFlag(true, { description: 'Whether tombstones are part of the answer.' })
  includeDeleted: boolean = true;
}

export class RecordPageDto {
  @ApiProperty({ type: () => [RecordDto] })
  data: RecordDto[];

  @ApiProperty({ description: 'Keep it and come back with it: also on the last page.', example: 'ZjEuMTIw' })
  nextCursor: string;

  @ApiProperty({ example: false })
  hasMore: boolean;
}

export class RecordAnswerDto {
  @ApiProperty({ type: () => RecordDto })
  data: RecordDto;
}
