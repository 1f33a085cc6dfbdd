import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('node_integrations')
export class NodeIntegrationEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'node_id' })
  nodeId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'api_key' })
  apiKey: string;

  /** argon2id: the secret itself is stored nowhere. */
  @Column('text', { name: 'secret_hash' })
  secretHash: string;

  /** Counts the secrets that there were: a session belongs to the secret that opened it. */
  @Column('integer', { name: 'secret_number', default: 1 })
  secretNumber: number;

  @Column('text', { name: 'previous_secret_hash', nullable: true })
  previousSecretHash: string | null;

  @Column('timestamptz', { name: 'previous_secret_until', nullable: true })
  previousSecretUntil: Date | null;

  @Column('text', { array: true })
  permissions: string[];

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  /** Access tokens issued up to here are refused. */
  @Column('timestamptz', { name: 'tokens_ended_at', nullable: true })
  tokensEndedAt: Date | null;
}
