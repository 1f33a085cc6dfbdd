import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_deletion_plans')
export class SyncDeletionPlanEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('text')
  stream: string;

  @Column('text', { name: 'resource_type' })
  resourceType: string;

  @Column('uuid', { name: 'run_id' })
  runId: string;

  @Column('text')
  state: string;

  @Column('text', { name: 'external_ids', array: true })
  externalIds: string[];

  @Column('integer', { name: 'live_records' })
  liveRecords: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'decided_at', nullable: true })
  decidedAt: Date | null;

  @Column('text', { name: 'decided_by', nullable: true })
  decidedBy: string | null;

  @Column('text', { nullable: true })
  reason: string | null;
}
