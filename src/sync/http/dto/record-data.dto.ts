import { ApiProperty } from '@nestjs/swagger';
import {
  INVOICE_STATUSES,
  PRODUCT_KINDS,
  STATUS_SOURCES,
  type InvoiceStatus,
  type ProductKind,
  type StatusSource,
} from '../../../providers';

const text = (description: string, example: string) =>
  ({ type: String, nullable: true, description, example }) as const;
const time = (description: string) => ({ type: String, format: 'date-time', nullable: true, description }) as const;
const minor = (description: string) =>
  ({ type: 'integer', description: `${description} In minor units of the currency.`, example: 4500 }) as const;
const currency = { example: 'GBP', description: 'ISO 4217 code of the amounts beside it.' } as const;
const customer = text('`externalId` of the customer; null: the provider names none.', '812');

class AddressDto {
  @ApiProperty(text('First line of the street address.', '1 High Street')) line1: string | null;
  @ApiProperty(text('Second line of the street address.', 'Flat 2')) line2: string | null;
  @ApiProperty(text('Town or city.', 'Leeds')) city: string | null;
  @ApiProperty(text('County, state or province.', 'West Yorkshire')) region: string | null;
  @ApiProperty(text('Postal or ZIP code.', 'LS1 4AP')) postalCode: string | null;
  @ApiProperty(text('As the provider writes it: a name or a code.', 'United Kingdom')) country: string | null;
}

export class CustomerDataDto {
  @ApiProperty(text('Full name.', 'Ada Byron')) name: string | null;
  @ApiProperty(text('Given name.', 'Ada')) firstName: string | null;
  @ApiProperty(text('Family name.', 'Byron')) lastName: string | null;
  @ApiProperty(text('Email address, as the provider has it.', 'ada@example.com')) email: string | null;
  @ApiProperty(text('Telephone number, as the provider writes it.', '0113 496 0000')) phone: string | null;
  @ApiProperty({ type: () => AddressDto, nullable: true, description: 'Postal address; null: the provider has none.' })
  address: AddressDto | null;
  @ApiProperty(text('The customer’s number in a third system, where the provider keeps one.', 'C-1007'))
  externalReference: string | null;
  @ApiProperty({ description: 'false: archived or inactive at the provider.', example: true }) active: boolean;
}

export class ProductDataDto {
  @ApiProperty({ description: 'What the provider calls it.', example: 'Initial consultation' }) name: string;
  @ApiProperty({
    enum: PRODUCT_KINDS,
    description: '`package`: a number of visits that is paid once. `membership`: paid again each interval.',
  })
  kind: ProductKind;
  @ApiProperty({ ...minor('Price; null: the provider names none.'), nullable: true }) amountMinor: number | null;
  @ApiProperty(currency) currency: string;
  @ApiProperty(text('How often a membership is billed, in the provider’s word; null otherwise.', 'monthly'))
  interval: string | null;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Visits that are included; null: not counted.',
    example: 10,
  })
  visits: number | null;
  @ApiProperty({ description: 'false: no longer sold.', example: true }) active: boolean;
  @ApiProperty({
    type: String,
    nullable: true,
    required: false,
    description: 'The holder of a package or membership, as `externalId` of the customer.',
    example: '812',
  })
  customerExternalId?: string | null;
  @ApiProperty({
    type: [String],
    required: false,
    description: 'All holders of a package or membership that several customers share.',
    example: ['812', '813'],
  })
  customerExternalIds?: string[];
}

class InvoiceLineDto {
  @ApiProperty(text('`externalId` of the product; null: the line names none.', 'service:12'))
  externalItemId: string | null;
  @ApiProperty(text('What stands on the line.', 'Initial consultation')) description: string | null;
  @ApiProperty({ description: 'How many; fractions are possible.', example: 1 }) quantity: number;
  @ApiProperty(minor('Total of the line.')) amountMinor: number;
}

export class InvoiceDataDto {
  @ApiProperty(text('Number that stands on the invoice.', 'INV-2041')) number: string | null;
  @ApiProperty(customer) customerExternalId: string | null;
  @ApiProperty({ enum: INVOICE_STATUSES, description: '`unknown`: nobody can say whether it is owed.' })
  status: InvoiceStatus;
  @ApiProperty({
    enum: STATUS_SOURCES,
    description: 'Who says the status: the provider, payments that cover the invoice exactly (`derived`), or nobody.',
  })
  statusSource: StatusSource;
  @ApiProperty(currency) currency: string;
  @ApiProperty(minor('What it was made out for, also after a refund.')) totalMinor: number;
  @ApiProperty({ ...minor('What is still owed; null: the provider does not say.'), nullable: true })
  balanceMinor: number | null;
  @ApiProperty({ ...minor('What was given back; null: the provider does not say how much.'), nullable: true })
  refundedMinor: number | null;
  @ApiProperty(time('When it was made out.')) issuedAt: string | null;
  @ApiProperty(time('When payment is due.')) dueAt: string | null;
  @ApiProperty({ type: () => [InvoiceLineDto], description: 'In the order of the invoice.' }) lines: InvoiceLineDto[];
}

export class PaymentDataDto {
  @ApiProperty(text('`externalId` of the invoice that it pays; null: the provider names none.', '2041'))
  invoiceExternalId: string | null;
  @ApiProperty(customer) customerExternalId: string | null;
  @ApiProperty(minor('What was paid, also after a refund.')) amountMinor: number;
  @ApiProperty({ ...minor('What was given back; null: the provider does not say how much.'), nullable: true })
  refundedMinor: number | null;
  @ApiProperty(currency) currency: string;
  @ApiProperty(text('How it was paid, in the provider’s word.', 'Card')) method: string | null;
  @ApiProperty(time('When it was paid.')) paidAt: string | null;
  @ApiProperty({ description: '`paid`, `refunded` or `void`.', example: 'paid' }) status: string;
  @ApiProperty({
    enum: ['provider', 'interlock'],
    description: 'Who entered it at the provider; `interlock`: it was pushed from here.',
  })
  origin: 'provider' | 'interlock';
  @ApiProperty({ ...text('Last four digits of the card. Card payments only.', '4242'), required: false })
  cardLast4?: string | null;
  @ApiProperty({ ...text('Scheme of the card. Card payments only.', 'Visa'), required: false })
  cardScheme?: string | null;
}

export class DeviceDataDto {
  @ApiProperty(text('What the merchant calls the terminal.', 'Front desk')) name: string | null;
  @ApiProperty(text('Serial number of the manufacturer.', 'S1F2-000158')) serial: string | null;
  @ApiProperty(text('Make or operating system.', 'android')) platform: string | null;
  @ApiProperty({
    enum: ['online', 'offline', 'pairing'],
    description: 'Whether it could take a payment when it was read.',
  })
  status: 'online' | 'offline' | 'pairing';
  @ApiProperty(time('When the provider last heard of it.')) lastSeenAt: string | null;
}
