import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

@Entity('webhook_endpoints')
export class WebhookEndpointEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId: string;

  @Column('text')
  environment: string;

  @Column('text')
  url: string;

  @Column('text', { nullable: true })
  description: string | null;

  /** Null in the three below: all. */
  @Column('text', { name: 'event_types', array: true, nullable: true })
  eventTypes: string[] | null;

  @Column('text', { array: true, nullable: true })
  providers: string[] | null;

  @Column('uuid', { name: 'integration_ids', array: true, nullable: true })
  integrationIds: string[] | null;

  @Column('boolean', { name: 'include_data' })
  includeData: boolean;

  @Column('text')
  ordering: string;

  @Column('integer', { name: 'rate_per_second', nullable: true })
  ratePerSecond: number | null;

  @Column('boolean', { name: 'mirrored_signature' })
  mirroredSignature: boolean;

  @Column('text', { name: 'disabled_reason', nullable: true })
  disabledReason: string | null;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column('uuid', { name: 'secret_id' })
  secretId: string;

  @Column('text', { name: 'public_key' })
  publicKey: string;

  @Column('uuid', { name: 'previous_secret_id', nullable: true })
  previousSecretId: string | null;

  @Column('timestamptz', { name: 'previous_until', nullable: true })
  previousUntil: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt: Date;
}

/** Where an endpoint stands in the log, how it fares, and who delivers to it. */
@Entity('webhook_cursors')
export class WebhookCursorEntity {
  @PrimaryColumn('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @Column('bigint')
  position: number;

  /** Positions of the log that were removed before the endpoint came to them. */
  @Column('bigint', { default: 0 })
  missed: number;

  @Column('boolean', { name: 'takes_new', default: true })
  takesNew: boolean;

  @Column('smallint', { default: 1 })
  concurrency: number;

  @Column('boolean', { default: false })
  slow: boolean;

  @Column('integer', { default: 0 })
  failures: number;

  @Column('timestamptz', { name: 'failing_since', nullable: true })
  failingSince: Date | null;

  @Column('timestamptz', { name: 'last_failure_at', nullable: true })
  lastFailureAt: Date | null;

  @Column('timestamptz', { name: 'last_success_at', nullable: true })
  lastSuccessAt: Date | null;

  @Column('smallint', { default: 0 })
  warned: number;

  @Column('timestamptz', { name: 'not_before', nullable: true })
  notBefore: Date | null;

  /** Since when no turn can open the secret; what it could not is cleared by the turn that can. */
  @Column('timestamptz', { name: 'unsigned_since', nullable: true })
  unsignedSince: Date | null;

  @Column('boolean', { name: 'lacks_key', default: false })
  lacksKey: boolean;

  @Column('timestamptz', { name: 'wake_at', nullable: true })
  wakeAt: Date | null;

  @Column('timestamptz', { name: 'turn_begun_at', nullable: true })
  turnBegunAt: Date | null;

  @Column('bigint', { default: 0 })
  fence: number;

  @Column('text', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil: Date | null;
}

@Entity('webhook_held')
export class WebhookHeldEntity {
  @PrimaryColumn('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @PrimaryColumn('uuid', { name: 'event_id' })
  eventId: string;

  @Column('bigint')
  position: number;

  @Column('uuid', { name: 'integration_id', nullable: true })
  integrationId: string | null;

  @Column('smallint')
  attempts: number;

  @Column('timestamptz', { name: 'due_at' })
  dueAt: Date;

  @Column('boolean', { default: false })
  parked: boolean;

  @Column('timestamptz', { name: 'held_at', default: () => 'now()' })
  heldAt: Date;
}

@Entity('webhook_replays')
export class WebhookReplayEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @Column('bigint')
  position: number;

  @Column('bigint', { name: 'until_position' })
  untilPosition: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt: Date;
}

@Entity('webhook_attempts')
export class WebhookAttemptEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id: number;

  @Column('uuid', { name: 'endpoint_id' })
  endpointId: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('text', { name: 'event_type' })
  eventType: string;

  @Column('uuid', { name: 'integration_id', nullable: true })
  integrationId: string | null;

  @Column('smallint')
  attempt: number;

  @Column('timestamptz', { name: 'attempted_at' })
  attemptedAt: Date;

  @Column('integer', { name: 'duration_ms' })
  durationMs: number;

  @Column('smallint', { nullable: true })
  status: number | null;

  @Column('text', { nullable: true })
  error: string | null;

  @Column('text', { nullable: true })
  answer: string | null;

  @Column('text', { name: 'next_action' })
  nextAction: string;

  @Column('timestamptz', { name: 'next_attempt_at', nullable: true })
  nextAttemptAt: Date | null;
}
