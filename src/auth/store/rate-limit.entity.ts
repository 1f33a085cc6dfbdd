import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('rate_limits')
export class RateLimitEntity {
  @PrimaryColumn('text')
  bucket: string;

  @Column('double precision')
  tokens: number;

  /** What the last lease was given: how the statement that leases tells its caller. */
  @Column('integer')
  granted: number;

  @Column('timestamptz', { name: 'refilled_at' })
  refilledAt: Date;
}
