import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_schedules')
export class SyncScheduleEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('bigint', { name: 'interval_ms' })
  intervalMs: number;

  @Column('bigint', { name: 'offset_ms' })
  offsetMs: number;

  @Column('timestamptz', { name: 'next_due_at' })
  nextDueAt: Date;

  @Column('boolean', { name: 'toggled_off', default: false })
  toggledOff: boolean;

  @Column('boolean', { name: 'breaker_open', default: false })
  breakerOpen: boolean;

  @Column('boolean', { name: 'operator_paused', default: false })
  operatorPaused: boolean;

  /** null: it is not paused, or was before this column was there. */
  @Column('timestamptz', { name: 'operator_paused_at', nullable: true })
  operatorPausedAt: Date | null;

  /** null: it is on, or was switched off before this column was there. */
  @Column('timestamptz', { name: 'toggled_off_at', nullable: true })
  toggledOffAt: Date | null;

  @Column('text', { name: 'pause_reason', nullable: true })
  pauseReason: string | null;

  @Column('boolean', { nullable: true })
  fires: boolean | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
