import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('outbound_payments')
export class OutboundPaymentEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('integer')
  epoch: number;

  @Column('text')
  reference: string;

  @Column('text', { name: 'provider_reference' })
  providerReference: string;

  @Column('text', { name: 'external_invoice_id' })
  externalInvoiceId: string;

  @Column('text', { name: 'external_customer_id' })
  externalCustomerId: string;

  @Column('text', { name: 'external_method_id' })
  externalMethodId: string;

  @Column('text')
  method: string;

  @Column('bigint', { name: 'amount_minor' })
  amountMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Column('timestamptz', { name: 'paid_at' })
  paidAt: Date;

  @Column('text')
  status: string;

  @Column('text')
  step: string;

  @Column('text', { name: 'external_payment_id', nullable: true })
  externalPaymentId: string | null;

  @Column('integer', { default: 0 })
  attempts: number;

  @Column('smallint', { default: 0 })
  searches: number;

  @Column('timestamptz', { name: 'next_attempt_at', default: () => 'now()' })
  nextAttemptAt: Date;

  @Column('uuid', { name: 'run_id' })
  runId: string;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_verdict', nullable: true })
  errorVerdict: string | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { name: 'next_action', nullable: true })
  nextAction: string | null;

  @Column('timestamptz', { name: 'allocation_begun_at', nullable: true })
  allocationBegunAt: Date | null;

  @Column('timestamptz', { name: 'allocated_at', nullable: true })
  allocatedAt: Date | null;

  @Column('text', { name: 'rested_in', default: () => 'database_incarnation()' })
  restedIn: string;

  @Column('timestamptz', { name: 'rested_at', default: () => 'now()' })
  restedAt: Date;

  @Column('boolean', { default: false })
  tried: boolean;

  @Column('text', { nullable: true })
  doubt: string | null;

  /** When it was first held for review; a search of an operator keeps it. */
  @Column('timestamptz', { name: 'held_at', nullable: true })
  heldAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
