import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('grant_refreshes')
export class GrantRefreshEntity {
  @PrimaryColumn('uuid', { name: 'credential_id' })
  credentialId: string;

  @Column('bigint')
  fence: string;

  @Column('text', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  @Column('timestamptz', { name: 'asked_at', nullable: true })
  askedAt: Date | null;
}
