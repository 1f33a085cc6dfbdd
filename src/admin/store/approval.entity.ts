import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BulkRetryLine } from '../bulk-retry-outcome';

@Entity('admin_approvals')
export class AdminApprovalEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  act: string;

  @Column('text', { nullable: true })
  target: string | null;

  @Column('text')
  summary: string;

  @Column('jsonb')
  parameters: Record<string, unknown>;

  @Column('text', { default: 'waiting' })
  state: string;

  @Column('text', { name: 'requested_by' })
  requestedBy: string;

  @Column('text')
  reason: string;

  @Column('timestamptz', { name: 'requested_at', default: () => 'now()' })
  requestedAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('text', { name: 'decided_by', nullable: true })
  decidedBy: string | null;

  @Column('text', { name: 'decision_reason', nullable: true })
  decisionReason: string | null;

  @Column('timestamptz', { name: 'decided_at', nullable: true })
  decidedAt: Date | null;

  @Column('text', { nullable: true })
  error: string | null;

  /** Until then one process does the act. */
  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;
}

/** A part of an act that has been done, written in its transaction: it is not done again. */
@Entity('admin_approval_steps')
export class AdminApprovalStepEntity {
  @PrimaryColumn('uuid', { name: 'approval_id' })
  approvalId: string;

  @PrimaryColumn('text')
  step: string;

  /** Of an integration of a bulk retry; null: of a whole act. */
  @Column('jsonb', { nullable: true })
  outcome: BulkRetryLine | null;
}

/** A bulk retry that an operator did alone: together those of an hour stay below what a second one must approve. */
@Entity('admin_bulk_retries')
export class AdminBulkRetryEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** The person's, whichever of their subjects they used. */
  @Column('text')
  subject: string;

  /** Log entries. */
  @Column('integer')
  entries: number;

  @Column('timestamptz', { name: 'begun_at' })
  begunAt: Date;
}
