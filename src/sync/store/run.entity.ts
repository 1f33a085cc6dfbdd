import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_runs')
export class SyncRunEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('text')
  kind: string;

  @Column('text')
  lane: string;

  @Column('text')
  trigger: string;

  @Column('text')
  state: string;

  @Column('boolean', { name: 'full_resync', default: false })
  fullResync: boolean;

  @Column('boolean', { default: false })
  probe: boolean;

  @Column('text', { array: true, nullable: true })
  resources: string[] | null;

  @Column('integer', { default: 1 })
  attempt: number;

  @Column('integer', { name: 'retry_attempt', default: 1 })
  retryAttempt: number;

  @Column('bigint', { default: 0 })
  fence: number;

  @Column('text', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { name: 'not_before', nullable: true })
  notBefore: Date | null;

  @Column('text', { name: 'wait_reason', nullable: true })
  waitReason: string | null;

  @Column('timestamptz', { name: 'due_at', default: () => 'now()' })
  dueAt: Date;

  @Column('boolean', { default: false })
  insists: boolean;

  @Column('smallint', { default: 0 })
  deaths: number;

  @Column('smallint', { name: 'gate_waits', default: 0 })
  gateWaits: number;

  /** Of the provider, by attempts that ended in order. */
  @Column('bigint', { default: 0 })
  calls: number;

  @Column('text', { name: 'error_code', nullable: true })
  errorCode: string | null;

  @Column('text', { name: 'error_verdict', nullable: true })
  errorVerdict: string | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { name: 'trace_parent', nullable: true })
  traceParent: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;
}
