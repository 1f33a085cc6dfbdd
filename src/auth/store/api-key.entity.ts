import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId: string;

  @Column('text')
  environment: string;

  @Column('text')
  name: string;

  /** sha256 of the whole key: the key itself is stored nowhere. */
  @Column('bytea', { name: 'key_hash' })
  keyHash: Buffer;

  /** `rk_<environment>_` and four more characters, so that people can tell their keys apart. */
  @Column('text', { name: 'display_prefix' })
  displayPrefix: string;

  @Column('text', { array: true })
  scopes: string[];

  /** Where it may be used from; null: anywhere. */
  @Column('text', { name: 'allowed_cidrs', array: true, nullable: true })
  allowedCidrs: string[] | null;

  /** The key that this one replaces. */
  @Column('uuid', { name: 'rotated_from', nullable: true })
  rotatedFrom: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('boolean', { name: 'expiry_told', default: false })
  expiryTold: boolean;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
