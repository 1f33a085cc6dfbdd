import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An outside worker's memory of how far it has come; nothing of the engine reads it. */
@Entity('sync_watermarks')
export class SyncWatermarkEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('text')
  source: string;

  @PrimaryColumn('text', { name: 'resource_type' })
  resourceType: string;

  @Column('uuid')
  id: string;

  @Column('timestamptz', { name: 'last_sync_at', nullable: true })
  lastSyncAt: Date | null;

  @Column('text', { name: 'last_sync_status', nullable: true })
  lastSyncStatus: string | null;

  @Column('text', { name: 'last_sync_error', nullable: true })
  lastSyncError: string | null;

  @Column('text', { nullable: true })
  cursor: string | null;

  @Column('bigint', { name: 'items_synced', default: 0 })
  itemsSynced: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
