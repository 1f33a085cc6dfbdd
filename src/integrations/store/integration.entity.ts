import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('integrations')
export class IntegrationEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId: string;

  @Column('text')
  environment: string;

  @Column('text')
  provider: string;

  @Column('text')
  state: string;

  @Column('boolean', { name: 'sync_enabled' })
  syncEnabled: boolean;

  @Column('jsonb')
  configuration: Record<string, unknown>;

  @Column('text', { name: 'account_id' })
  accountId: string;

  @Column('integer', { default: 1 })
  epoch: number;

  @Column('uuid', { name: 'credential_id', nullable: true })
  credentialId: string | null;

  @Column('integer', { name: 'credential_version', default: 1 })
  credentialVersion: number;

  @Column('timestamptz', { name: 'credential_expires_at', nullable: true })
  credentialExpiresAt: Date | null;

  /** The end that the merchant was told. */
  @Column('timestamptz', { name: 'credential_expiry_told', nullable: true })
  credentialExpiryTold: Date | null;

  @Column('uuid', { name: 'previous_credential_id', nullable: true })
  previousCredentialId: string | null;

  @Column('jsonb', { name: 'previous_configuration', nullable: true })
  previousConfiguration: Record<string, unknown> | null;

  @Column('text', { name: 'previous_account_id', nullable: true })
  previousAccountId: string | null;

  @Column('timestamptz', { name: 'previous_credential_expires_at', nullable: true })
  previousCredentialExpiresAt: Date | null;

  @Column('timestamptz', { name: 'rollback_until', nullable: true })
  rollbackUntil: Date | null;

  @Column('timestamptz', { name: 'activated_at', default: () => 'now()' })
  activatedAt: Date;

  @Column('uuid', { name: 'activated_by_request', nullable: true })
  activatedByRequest: string | null;

  @Column('timestamptz', { name: 'deactivated_at', nullable: true })
  deactivatedAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

@Entity('integration_claims')
export class IntegrationClaimEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId: string;

  @PrimaryColumn('text')
  environment: string;

  @PrimaryColumn('text')
  provider: string;

  @Column('uuid')
  token: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  /** Of the request with an Idempotency-Key that holds it. */
  @Column('uuid', { name: 'request_id', nullable: true })
  requestId: string | null;
}
