import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A failed log entry that got its retry. The primary key is what makes a batch give an entry one attempt only. */
@Entity('sync_log_retries')
export class SyncLogRetryEntity {
  @PrimaryColumn('uuid', { name: 'log_id' })
  logId: string;

  @Column('uuid', { name: 'run_id' })
  runId: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
