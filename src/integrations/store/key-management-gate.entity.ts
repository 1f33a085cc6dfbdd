import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('key_management_gate')
export class KeyManagementGateEntity {
  @PrimaryColumn('boolean', { default: true })
  id: boolean;

  @Column('timestamptz', { name: 'retry_at' })
  retryAt: Date;

  @Column('integer')
  failures: number;

  @Column('timestamptz', { default: () => 'now()' })
  since: Date;

  @Column('uuid', { name: 'probe_run_id', nullable: true })
  probeRunId: string | null;

  @Column('timestamptz', { name: 'probe_until', nullable: true })
  probeUntil: Date | null;
}
