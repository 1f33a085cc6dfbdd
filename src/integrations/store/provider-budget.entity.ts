import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('provider_budgets')
export class ProviderBudgetEntity {
  @PrimaryColumn('text', { name: 'account_key' })
  accountKey: string;

  @Column('double precision')
  tokens: number;

  @Column('timestamptz', { name: 'refilled_at', default: () => 'now()' })
  refilledAt: Date;

  @Column('timestamptz', { name: 'blocked_until', nullable: true })
  blockedUntil: Date | null;
}
