import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_logs')
export class SyncLogEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'run_id' })
  runId: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('text')
  provider: string;

  @Column('text', { name: 'resource_type' })
  resourceType: string;

  @Column('text')
  status: string;

  @Column('text', { name: 'job_type' })
  jobType: string;

  @Column('integer', { default: 1 })
  attempt: number;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  @Column('integer', { name: 'records_fetched', default: 0 })
  recordsFetched: number;

  @Column('integer', { name: 'records_created', default: 0 })
  recordsCreated: number;

  @Column('integer', { name: 'records_updated', default: 0 })
  recordsUpdated: number;

  @Column('integer', { name: 'records_unchanged', default: 0 })
  recordsUnchanged: number;

  @Column('integer', { name: 'records_deleted', default: 0 })
  recordsDeleted: number;

  @Column('integer', { name: 'records_quarantined', default: 0 })
  recordsQuarantined: number;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_verdict', nullable: true })
  errorVerdict: string | null;

  @Column('text', { nullable: true })
  error: string | null;

  /** Of versions before `notes`. */
  @Column('text', { nullable: true })
  note: string | null;

  @Column('text', { array: true, default: [] })
  notes: string[];

  @Column('text', { name: 'next_action', nullable: true })
  nextAction: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
