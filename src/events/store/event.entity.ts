import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('event_logs')
export class EventLogEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @Column('bigint', { default: 0 })
  position: number;

  /** Events up to here may have been removed. */
  @Column('bigint', { name: 'trimmed_position', default: 0 })
  trimmedPosition: number;
}

@Entity('events')
export class EventEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('bigint')
  position: number;

  @Column('uuid', { unique: true })
  id: string;

  @Column('text')
  type: string;

  @Column('uuid', { name: 'integration_id', nullable: true })
  integrationId: string | null;

  @Column('text', { nullable: true })
  provider: string | null;

  @Column('timestamptz', { name: 'occurred_at', default: () => 'clock_timestamp()' })
  occurredAt: Date;

  @Column('jsonb')
  data: Record<string, unknown>;
}
