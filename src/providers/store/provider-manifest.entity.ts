import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('provider_manifests')
export class ProviderManifestEntity {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('integer')
  version: number;

  /** null: with this version it was deleted. */
  @Column('text', { nullable: true })
  manifest: string | null;

  @Column('timestamptz', { name: 'stored_at', default: () => 'now()' })
  storedAt: Date;

  @Column('text', { name: 'stored_by' })
  storedBy: string;
}
