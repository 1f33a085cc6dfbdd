import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Every secret at rest, whatever it is for: one table to rotate, to shred and to audit. */
@Entity('sealed_secrets')
export class SealedSecretEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  purpose: string;

  @Column('text', { name: 'owner_id' })
  ownerId: string;

  /** The context it was sealed under, for rotation; an opener brings its own and it must be equal. */
  @Column('jsonb')
  context: Record<string, string>;

  @Column('text')
  algorithm: string;

  @Column('smallint', { name: 'aad_version' })
  aadVersion: number;

  @Column('bytea')
  nonce: Buffer;

  @Column('bytea')
  tag: Buffer;

  @Column('bytea')
  ciphertext: Buffer;

  /** null once destroyed: the ciphertext that stays is unreadable. */
  @Column('bytea', { name: 'wrapped_key', nullable: true })
  wrappedKey: Buffer | null;

  @Column('text', { name: 'key_id' })
  keyId: string;

  @Column('integer', { name: 'key_version' })
  keyVersion: number;

  /** Counts rotations of this row; a writer that read an older one changes nothing. */
  @Column('integer', { default: 1 })
  generation: number;

  /**
   * First 16 hex digits of sha256(ciphertext, tag): names the sealed thing in the audit log without telling what it is.
   */
  @Column('text')
  fingerprint: string;

  /** When its data key was made: re-encryption makes a new one. */
  @Column('timestamptz', { name: 'data_key_at', default: () => 'now()' })
  dataKeyAt: Date;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'destroyed_at', nullable: true })
  destroyedAt: Date | null;
}
