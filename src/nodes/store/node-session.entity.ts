import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What one exchange of key and secret opened: a family of refresh tokens, of which one at a time is good. */
@Entity('node_sessions')
export class NodeSessionEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'integration_id' })
  integrationId: string;

  @Column('integer', { name: 'secret_number' })
  secretNumber: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}

@Entity('node_refresh_tokens')
export class NodeRefreshTokenEntity {
  /** sha256: the token itself is stored nowhere. */
  @PrimaryColumn('bytea', { name: 'token_hash' })
  tokenHash: Buffer;

  @Column('uuid', { name: 'session_id' })
  sessionId: string;

  @Column('uuid', { name: 'access_jti' })
  accessJti: string;

  @Column('timestamptz', { name: 'issued_at', default: () => 'now()' })
  issuedAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
}
