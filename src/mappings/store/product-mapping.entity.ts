import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('product_mappings')
export class ProductMappingEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text', { name: 'external_id' })
  externalId: string;

  @Column('uuid', { name: 'internal_id' })
  internalId: string;

  @Column('jsonb')
  metadata: Record<string, unknown>;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
