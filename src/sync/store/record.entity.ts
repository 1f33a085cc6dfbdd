import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('records')
export class RecordEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text', { name: 'resource_type' })
  resourceType: string;

  @PrimaryColumn('text', { name: 'external_id' })
  externalId: string;

  @Column('uuid')
  id: string;

  @Column('text')
  stream: string;

  @Column('integer')
  epoch: number;

  @Column('integer')
  version: number;

  @Column('text')
  operation: string;

  @Column('jsonb')
  data: Record<string, unknown>;

  @Column('bytea', { name: 'content_hash' })
  contentHash: Buffer;

  @Column('text', { name: 'source_digest', nullable: true })
  sourceDigest: string | null;

  @Column('timestamptz', { name: 'source_updated_at', nullable: true })
  sourceUpdatedAt: Date | null;

  @Column('integer', { name: 'source_reading', nullable: true })
  sourceReading: number | null;

  @Column('timestamptz', { name: 'synced_at', default: () => 'now()' })
  syncedAt: Date;

  @Column('bigint', { name: 'feed_position' })
  feedPosition: number;

  @Column('uuid', { name: 'missed_scan', nullable: true })
  missedScan: string | null;

  @Column('smallint', { name: 'missed_scans', default: 0 })
  missedScans: number;
}

@Entity('sync_feeds')
export class SyncFeedEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text', { name: 'resource_type' })
  resourceType: string;

  @Column('bigint', { default: 0 })
  position: number;

  @Column('bigint', { name: 'trimmed_position', default: 0 })
  trimmedPosition: number;

  /** Changes up to here are in the event log. */
  @Column('bigint', { name: 'announced_position', default: 0 })
  announcedPosition: number;

  @Column({ type: 'boolean', insert: false, update: false })
  unannounced: boolean;
}
