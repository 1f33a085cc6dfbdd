import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('audit_entries')
export class AuditEntryEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('timestamptz', { name: 'occurred_at', default: () => 'clock_timestamp()' })
  occurredAt: Date;

  @Column('text')
  action: string;

  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId: string | null;

  @Column('text', { nullable: true })
  environment: string | null;

  @Column('text', { name: 'actor_kind' })
  actorKind: string;

  @Column('text', { name: 'actor_id' })
  actorId: string;

  @Column('text', { name: 'request_id', nullable: true })
  requestId: string | null;

  @Column('text', { name: 'subject_type' })
  subjectType: string;

  @Column('text', { name: 'subject_id' })
  subjectId: string;

  @Column('text', { nullable: true })
  reason: string | null;

  @Column('jsonb', { default: () => "'{}'" })
  details: Record<string, unknown>;
}

@Entity('audit_chain')
export class AuditChainLinkEntity {
  @PrimaryColumn('bigint')
  sequence: number;

  @Column('uuid', { name: 'entry_id' })
  entryId: string;

  @Column('bytea', { name: 'entry_hash' })
  entryHash: Buffer;

  @Column('bytea')
  hash: Buffer;

  @Column('timestamptz', { name: 'chained_at', default: () => 'clock_timestamp()' })
  chainedAt: Date;
}

/** Written with each entry, taken away when it is chained. */
@Entity('audit_unchained')
export class AuditUnchainedEntity {
  @PrimaryColumn('uuid', { name: 'entry_id' })
  entryId: string;
}
