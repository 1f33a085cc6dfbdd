import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Written by triggers on sync_health and sync_schedules: whatever changes a breaker or a schedule, it is in the
 * timeline.
 */
@Entity('integration_events')
export class IntegrationEventEntity {
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' })
  id: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('timestamptz', { name: 'occurred_at', default: () => 'clock_timestamp()' })
  occurredAt: Date;

  @Column('text')
  kind: string;

  @Column('jsonb')
  details: Record<string, unknown>;
}
