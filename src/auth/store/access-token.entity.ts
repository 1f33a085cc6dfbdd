import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('access_tokens')
export class AccessTokenEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  jti: string;

  @Column('text', { nullable: true })
  subject: string | null;

  @Column('text', { array: true })
  roles: string[];

  @Column('text', { array: true })
  permissions: string[];

  @Column('text', { name: 'node_ids', array: true })
  nodeIds: string[];

  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId: string | null;

  @Column('text', { nullable: true })
  environment: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  /** null: issued elsewhere, known by its revocation alone. */
  @Column('text', { name: 'issued_by', nullable: true })
  issuedBy: string | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('text', { name: 'revoked_by', nullable: true })
  revokedBy: string | null;
}
