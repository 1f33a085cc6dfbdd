import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row. */
@Entity('database_generation')
export class DatabaseGenerationEntity {
  @PrimaryColumn('boolean', { name: 'only_row', default: true })
  onlyRow: boolean;

  @Column('integer', { default: 1 })
  generation: number;

  @Column('text')
  incarnation: string;

  @Column('timestamptz')
  since: Date;
}
