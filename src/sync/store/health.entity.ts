import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_health')
export class SyncHealthEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('integer', { name: 'consecutive_errors', default: 0 })
  consecutiveErrors: number;

  @Column('integer', { name: 'failed_runs', default: 0 })
  failedRuns: number;

  @Column('text', { default: 'closed' })
  breaker: string;

  @Column('text', { name: 'breaker_cause', nullable: true })
  breakerCause: string | null;

  @Column('timestamptz', { name: 'breaker_opened_at', nullable: true })
  breakerOpenedAt: Date | null;

  @Column('timestamptz', { name: 'probe_at', nullable: true })
  probeAt: Date | null;

  @Column('timestamptz', { name: 'last_sync_at', nullable: true })
  lastSyncAt: Date | null;

  @Column('timestamptz', { name: 'last_error_at', nullable: true })
  lastErrorAt: Date | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError: string | null;

  @Column('text', { name: 'last_error_code', nullable: true })
  lastErrorCode: string | null;

  @Column('text', { name: 'last_error_verdict', nullable: true })
  lastErrorVerdict: string | null;

  @Column('timestamptz', { name: 'last_error_since', nullable: true })
  lastErrorSince: Date | null;

  @Column('timestamptz', { name: 'outside_syncing_until', nullable: true })
  outsideSyncingUntil: Date | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

@Entity('provider_breakers')
export class ProviderBreakerEntity {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  environment: string;

  @Column('text')
  state: string;

  @Column('timestamptz', { name: 'opened_at', nullable: true })
  openedAt: Date | null;

  @Column('timestamptz', { name: 'retry_at', nullable: true })
  retryAt: Date | null;

  @Column('uuid', { name: 'probe_run_id', nullable: true })
  probeRunId: string | null;

  @Column('timestamptz', { name: 'probe_until', nullable: true })
  probeUntil: Date | null;

  @Column('integer', { name: 'consecutive_opens', default: 0 })
  consecutiveOpens: number;

  @Column('timestamptz', { name: 'judge_after', nullable: true })
  judgeAfter: Date | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

@Entity('provider_failures')
export class ProviderFailureEntity {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @Column('text')
  verdict: string;

  @Column('text', { default: '' })
  host: string;

  @Column('boolean', { default: true })
  counts: boolean;

  @Column('timestamptz', { name: 'failed_at', default: () => 'now()' })
  failedAt: Date;
}
