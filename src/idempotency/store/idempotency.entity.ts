import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('idempotency_records')
export class IdempotencyRecordEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** Keyed digest of caller, method, path and Idempotency-Key. */
  @Column('bytea')
  scope: Buffer;

  /** Keyed digest of the body. */
  @Column('bytea')
  fingerprint: Buffer;

  @Column('text')
  state: string;

  /** Whoever holds this runs the request. */
  @Column('uuid', { name: 'lease_token' })
  leaseToken: string;

  @Column('timestamptz', { name: 'lease_until' })
  leaseUntil: Date;

  @Column('smallint', { nullable: true })
  status: number | null;

  @Column('jsonb', { nullable: true })
  headers: Record<string, string> | null;

  /** JSON text, so that members keep their order; null when the answer is sealed. */
  @Column('text', { nullable: true })
  answer: string | null;

  /** The answer when it holds a secret. */
  @Column('uuid', { name: 'secret_id', nullable: true })
  secretId: string | null;

  /** JSON: what the act did, committed with it; null while it has not. */
  @Column('text', { nullable: true })
  effect: string | null;

  /** The secret that the act made. */
  @Column('uuid', { name: 'effect_secret_id', nullable: true })
  effectSecretId: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}

/** One row: where the key of the digests lies. */
@Entity('idempotency_digest_key')
export class IdempotencyDigestKeyEntity {
  @PrimaryColumn('smallint')
  id: number;

  @Column('uuid', { name: 'secret_id' })
  secretId: string;
}
