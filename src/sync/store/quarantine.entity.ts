import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_quarantine')
export class SyncQuarantineEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text')
  stream: string;

  @PrimaryColumn('text', { name: 'row_key' })
  rowKey: string;

  @Column('text', { name: 'external_id', nullable: true })
  externalId: string | null;

  @Column('text', { name: 'resource_type' })
  resourceType: string;

  @Column('text')
  reason: string;

  @Column('text')
  path: string;

  @Column('text', { name: 'row_digest' })
  rowDigest: string;

  /** What the row is about, in minor units; null: not known, or no row of money. */
  @Column('bigint', { name: 'amount_minor', nullable: true })
  amountMinor: number | null;

  @Column('text', { nullable: true })
  currency: string | null;

  @Column('uuid', { name: 'run_id' })
  runId: string;

  @Column('integer', { name: 'times_seen', default: 1 })
  timesSeen: number;

  @Column('timestamptz', { name: 'first_seen_at', default: () => 'now()' })
  firstSeenAt: Date;

  @Column('timestamptz', { name: 'last_seen_at', default: () => 'now()' })
  lastSeenAt: Date;
}
