import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('operators')
export class OperatorEntity {
  @PrimaryColumn('text')
  subject: string;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { array: true })
  roles: string[];

  /** How the last session began; null: with a token that was never signed in. */
  @Column('text', { name: 'sign_in_method', nullable: true })
  signInMethod: string | null;

  @Column('timestamptz', { name: 'first_seen_at', default: () => 'now()' })
  firstSeenAt: Date;

  @Column('timestamptz', { name: 'last_seen_at', default: () => 'now()' })
  lastSeenAt: Date;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column('text', { name: 'disabled_by', nullable: true })
  disabledBy: string | null;
}

/** What the OpenID provider said of the end of sessions. */
@Entity('operator_session_ends')
export class OperatorSessionEndEntity {
  /** The logout token's `jti`. */
  @PrimaryColumn('text', { name: 'token_id' })
  tokenId: string;

  @Column('text', { name: 'session_id', nullable: true })
  sessionId: string | null;

  @Column('text', { nullable: true })
  subject: string | null;

  @Column('timestamptz', { name: 'ended_at', default: () => 'now()' })
  endedAt: Date;
}
