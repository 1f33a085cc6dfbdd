import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { QueryFlag, QueryText, QueryWhole } from '../../../platform/http';
import type { ResourceType } from '../../../providers';
import { CustomerDataDto, DeviceDataDto, InvoiceDataDto, PaymentDataDto, ProductDataDto } from './record-data.dto';

const type = (resourceType: ResourceType, example: string) =>
  ({ enum: [resourceType], description: `Says what \`data\` is: here ${example}.` }) as const;
const data = { description: 'The record in the form that all providers share. A deleted one keeps its last data.' };

class RecordFields {
  @ApiProperty({ format: 'uuid', description: 'Of the record here; it stays the same in all versions.' })
  id: string;

  @ApiProperty({
    example: 'package:12',
    description:
      'The provider’s id. Products carry their kind before it; a payment that was read from an invoice, `invoice:`.',
  })
  externalId: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2, description: 'Counts per record and never restarts.' })
  version: number;

  @ApiProperty({ enum: ['created', 'updated', 'deleted'], description: 'The last change.' })
  operation: 'created' | 'updated' | 'deleted';

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The provider’s own time of the last change; null: it names none.',
  })
  sourceUpdatedAt: string | null;

  @ApiProperty({ format: 'date-time', description: 'When this version was stored here.' })
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

class CustomerRecordDto extends RecordFields {
  @ApiProperty(type('customers', 'a customer')) resourceType: 'customers';
  @ApiProperty({ ...data, type: CustomerDataDto }) data: CustomerDataDto;
}

class ProductRecordDto extends RecordFields {
  @ApiProperty(type('products', 'a product, service, package or membership')) resourceType: 'products';
  @ApiProperty({ ...data, type: ProductDataDto }) data: ProductDataDto;
}

class InvoiceRecordDto extends RecordFields {
  @ApiProperty(type('invoices', 'an invoice')) resourceType: 'invoices';
  @ApiProperty({ ...data, type: InvoiceDataDto }) data: InvoiceDataDto;
}

class PaymentRecordDto extends RecordFields {
  @ApiProperty(type('payments', 'a payment')) resourceType: 'payments';
  @ApiProperty({ ...data, type: PaymentDataDto }) data: PaymentDataDto;
}

class DeviceRecordDto extends RecordFields {
  @ApiProperty(type('devices', 'a card terminal')) resourceType: 'devices';
  @ApiProperty({ ...data, type: DeviceDataDto }) data: DeviceDataDto;
}

const RECORDS = {
  customers: CustomerRecordDto,
  products: ProductRecordDto,
  invoices: InvoiceRecordDto,
  payments: PaymentRecordDto,
  devices: DeviceRecordDto,
} as const satisfies Record<ResourceType, unknown>;

export type SyncedRecordDto = InstanceType<(typeof RECORDS)[ResourceType]>;

/** One schema of the document, because it has a title. */
const SYNCED_RECORD = {
  title: 'SyncedRecord',
  description: 'One synced record. `resourceType` says which one it is.',
  oneOf: Object.values(RECORDS).map((each) => ({ $ref: getSchemaPath(each) })),
  discriminator: {
    propertyName: 'resourceType',
    mapping: Object.fromEntries(Object.entries(RECORDS).map(([name, each]) => [name, getSchemaPath(each)])),
  },
};

@ApiExtraModels(...Object.values(RECORDS))
export class RecordPageDto {
  @ApiProperty({ type: 'array', items: SYNCED_RECORD, description: 'In the order in which they changed.' })
  data: SyncedRecordDto[];

  @ApiProperty({ description: 'Keep it and come back with it: also on the last page.', example: 'ZjEuMTIw' })
  nextCursor: string;

  @ApiProperty({ example: false, description: 'true: the next page is there at once.' })
  hasMore: boolean;
}

@ApiExtraModels(...Object.values(RECORDS))
export class RecordAnswerDto {
  @ApiProperty(SYNCED_RECORD)
  data: SyncedRecordDto;
}
