import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The merchant's own catalogue, per environment: the candidates of mapping suggestions. */
@Entity('products')
export class ProductEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: string;

  @Column('bigint', { name: 'amount_minor' })
  amountMinor: number;

  @Column('char', { length: 3 })
  currency: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}
