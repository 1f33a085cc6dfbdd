import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('payment_mappings')
export class PaymentMappingEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('text')
  provider: string;

  @PrimaryColumn('text')
  id: string;

  @Column('text', { name: 'revkeen_method' })
  revkeenMethod: string;

  @Column('text', { name: 'provider_method_id' })
  providerMethodId: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}
