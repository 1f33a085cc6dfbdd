import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('signing_keys')
export class SigningKeyEntity {
  @PrimaryColumn('uuid')
  kid: string;

  @Column('text')
  algorithm: string;

  @Column('jsonb', { name: 'public_jwk' })
  publicJwk: Record<string, unknown>;

  /** The private part, sealed by the vault; destroyed as soon as the key signs no more. */
  /** null once its private part was destroyed and its row purged. */
  @Column('uuid', { name: 'secret_id', nullable: true })
  secretId: string | null;

  @Column('text')
  status: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  /** Until when a key that signs no more is still good for the tokens that it signed. */
  @Column('timestamptz', { name: 'not_after', nullable: true })
  notAfter: Date | null;

  @Column('timestamptz', { name: 'retired_at', nullable: true })
  retiredAt: Date | null;
}
