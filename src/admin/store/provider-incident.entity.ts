import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Written by a trigger on provider_breakers. */
@Entity('provider_incidents')
export class ProviderIncidentEntity {
  @PrimaryColumn('uuid', { default: () => 'gen_random_uuid()' })
  id: string;

  @Column('text')
  provider: string;

  @Column('text')
  environment: string;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt: Date;

  @Column('timestamptz', { name: 'closed_at', nullable: true })
  closedAt: Date | null;
}
