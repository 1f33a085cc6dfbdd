import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('provider_sightings')
export class ProviderSightingEntity {
  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('text')
  stream: string;

  @PrimaryColumn('text')
  kind: string;

  @PrimaryColumn('text')
  name: string;

  @Column('boolean')
  known: boolean;

  @Column('integer')
  rows: number;

  @Column('timestamptz', { name: 'first_seen_at', default: () => 'now()' })
  firstSeenAt: Date;
}
