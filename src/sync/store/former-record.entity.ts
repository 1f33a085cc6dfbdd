import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('sync_former_records')
export class SyncFormerRecordsEntity {
  @PrimaryColumn('uuid', { name: 'integration_id' })
  integrationId: string;

  @PrimaryColumn('text', { name: 'resource_type' })
  resourceType: string;

  @Column('text', { name: 'done_to', nullable: true })
  doneTo: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  since: Date;
}
