import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('merchants')
export class MerchantEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('char', { name: 'default_currency', length: 3 })
  defaultCurrency: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
