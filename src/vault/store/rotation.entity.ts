import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A destroyed secret's id: its row may be put back from a copy, and still does not open. */
@Entity('destroyed_secrets')
export class DestroyedSecretEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('timestamptz', { name: 'destroyed_at', default: () => 'now()' })
  destroyedAt: Date;
}

/** A rotation and how far it has come. What is left to do is read from the secrets themselves, never from here. */
@Entity('vault_rotations')
export class VaultRotationEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  mode: string;

  @Column('text', { default: 'moving' })
  state: string;

  @Column('text', { name: 'target_key_id' })
  targetKeyId: string;

  @Column('integer', { name: 'target_key_version' })
  targetKeyVersion: number;

  @Column('text', { name: 'requested_by' })
  requestedBy: string;

  @Column('timestamptz', { name: 'started_at', default: () => 'now()' })
  startedAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt: Date | null;

  @Column('integer')
  total: number;

  @Column('integer', { default: 0 })
  moved: number;

  @Column('integer', { default: 0 })
  verified: number;

  @Column('integer', { nullable: true })
  remaining: number | null;

  @Column('uuid', { nullable: true })
  cursor: string | null;

  /** Who works on it; null: nobody. */
  @Column('uuid', { nullable: true })
  runner: string | null;

  /** Past: its runner is gone, and a worker takes it up. null while it is open: an operator stopped it. */
  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;

  /** How often a worker took it up after its runner was gone. */
  @Column('integer', { default: 0 })
  resumes: number;

  @Column('jsonb', { default: () => "'[]'" })
  failures: { id: string; reason: string }[];
}
