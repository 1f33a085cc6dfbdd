import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a copy of the chain is, for each receiver. */
@Entity('audit_streams')
export class AuditStreamEntity {
  @PrimaryColumn('text')
  destination: string;

  /** The last sequence that the receiver has taken. */
  @Column('bigint', { default: 0 })
  position: number;

  @Column('bigint', { default: 0 })
  fence: number;

  @Column('text', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { name: 'retry_at', nullable: true })
  retryAt: Date | null;

  @Column('text', { name: 'last_error', nullable: true })
  lastError: string | null;
}
