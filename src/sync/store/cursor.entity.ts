import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_cursors')
export class SyncCursorEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text')
  stream: string;

  @Column('text', { name: 'resource_type' })
  resourceType: string;

  @Column('jsonb')
  cursor: Record<string, unknown>;

  @Column('timestamptz', { name: 'last_sync_at', nullable: true })
  lastSyncAt: Date | null;

  @Column('text', { name: 'last_sync_status', nullable: true })
  lastSyncStatus: string | null;

  @Column('text', { name: 'last_sync_error', nullable: true })
  lastSyncError: string | null;

  @Column('bigint', { name: 'items_processed', default: 0 })
  itemsProcessed: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

@Entity('sync_scan_pages')
export class SyncScanPageEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text')
  stream: string;

  @PrimaryColumn('uuid', { name: 'scan_id' })
  scanId: string;

  @PrimaryColumn('integer')
  page: number;

  @Column('text', { name: 'external_ids', array: true })
  externalIds: string[];
}
