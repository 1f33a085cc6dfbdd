import { Injectable } from '@nestjs/common';
import { SIGN_IN_SUBJECT, type Seen } from '../../auth';
import { Database, sqlOf, type Tx } from '../../platform/database';
import { personOf } from '../person';

const MAX_LISTED = 1_000;
/** No session is older, nor any token that stands for one. */
const ENDS_KEPT = "interval '30 days'";

export interface Operator {
  /** The token's subject; `oidc:` and the provider's `sub` after a sign-in there. */
  readonly subject: string;
  readonly name: string | null;
  /** As last known: of the last sign-in at the OpenID provider, or of the token that was used last. */
  readonly roles: readonly string[];
  readonly signInMethod: SignInMethod | null;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly disabledAt: Date | null;
  readonly disabledBy: string | null;
}

export const SIGN_IN_METHODS = ['openid_connect', 'pasted_token'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

export interface SignedIn {
  readonly subject: string;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly method: SignInMethod;
}

/** What an operator may still do. */
export interface Standing {
  /** Under whichever subject of the person. */
  readonly isDisabled: boolean;
  /** As last known; null: nobody has seen the subject yet. */
  readonly roles: readonly string[] | null;
}

/** Of a session; its subject then stands for the sessions without a name. Or of every session of the subject. */
export interface SessionEnd {
  readonly tokenId: string;
  readonly sessionId: string | null;
  readonly subject: string | null;
  /** Unix seconds by the provider's clock. */
  readonly issuedAt: number;
}

export interface EndedOperators {
  /** Persons. */
  readonly disabled: ReadonlySet<string>;
  readonly sessions: ReadonlySet<string>;
  /** All sessions of the subject. */
  readonly subjects: ReadonlyMap<string, number>;
  /** Its sessions that the provider gave no name. */
  readonly unnamed: ReadonlyMap<string, number>;
}

const COLUMNS = `subject, name, roles, sign_in_method AS "signInMethod", first_seen_at AS "firstSeenAt",
  last_seen_at AS "lastSeenAt", disabled_at AS "disabledAt", disabled_by AS "disabledBy"`;

@Injectable()
export class OperatorRepository {
  constructor(private readonly database: Database) {}

  /** The last seen first. */
  list(): Promise<Operator[]> {
    return this.database.query<Operator>(
      `SELECT ${COLUMNS} FROM operators ORDER BY last_seen_at DESC, subject LIMIT $1`,
      [MAX_LISTED],
    );
  }

  async find(subject: string): Promise<Operator | null> {
    const rows = await this.database.query<Operator>(`SELECT ${COLUMNS} FROM operators WHERE subject = $1`, [subject]);
    return rows[0] ?? null;
  }

  async isDisabled(subject: string): Promise<boolean> {
    const person = personOf(subject);
    const rows = await this.database.query(
      `SELECT subject FROM operators WHERE subject IN ($1, $2) AND disabled_at IS NOT NULL`,
      [person, `${SIGN_IN_SUBJECT}${person}`],
    );
    return rows.length > 0;
  }

  async standingIn(tx: Tx, subjects: readonly string[]): Promise<Standing[]> {
    const persons = subjects.map(personOf);
    const rows = await sqlOf(tx).query<{ subject: string; disabled: boolean; roles: string[] }>(
      `SELECT subject, disabled_at IS NOT NULL AS disabled, roles FROM operators WHERE subject = ANY($1)
       ORDER BY subject COLLATE "C" FOR SHARE`,
      [persons.flatMap((person) => [person, `${SIGN_IN_SUBJECT}${person}`])],
    );
    return subjects.map((subject) => ({
      isDisabled: rows.some((row) => row.disabled && personOf(row.subject) === personOf(subject)),
      roles: rows.find((row) => row.subject === subject)?.roles ?? null,
    }));
  }

  async signedIn(tx: Tx, { subject, name, roles, method }: SignedIn): Promise<void> {
    await sqlOf(tx).query(
      `INSERT INTO operators AS o (subject, name, roles, sign_in_method) VALUES ($1, $2, $3, $4)
       ON CONFLICT (subject) DO UPDATE SET name = coalesce(excluded.name, o.name), roles = excluded.roles,
         sign_in_method = excluded.sign_in_method, last_seen_at = now()`,
      [subject, name, roles, method],
    );
  }

  async lostRoles(tx: Tx, subject: string): Promise<void> {
    await sqlOf(tx).execute(`UPDATE operators SET roles = '{}' WHERE subject = $1`, [subject]);
  }

  /**
   * Roles that differ are written at once, and what is the same touches no row for a while. Where the OpenID provider
   * says the roles, its last sign-in has: a session that began before has those of that time.
   */
  async seen(seen: readonly Seen<readonly string[]>[], minIntervalSeconds: number): Promise<void> {
    const sorted = seen.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    await this.database.execute(
      `INSERT INTO operators AS o (subject, roles, first_seen_at, last_seen_at)
       SELECT s.subject, string_to_array(s.roles, ' '), s.at, s.at
       FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS s (subject, roles, at)
       WHERE NOT EXISTS (
         SELECT 1 FROM operators k WHERE k.subject = s.subject AND k.last_seen_at > s.at - make_interval(secs => $4)
           AND (k.sign_in_method = 'openid_connect' OR k.roles = string_to_array(s.roles, ' ')))
       ON CONFLICT (subject) DO UPDATE SET last_seen_at = excluded.last_seen_at,
           roles = CASE WHEN o.sign_in_method = 'openid_connect' THEN o.roles ELSE excluded.roles END
         WHERE o.last_seen_at <= excluded.last_seen_at`,
      [
        sorted.map(({ id }) => id),
        sorted.map(({ of }) => of.join(' ')),
        sorted.map(({ at }) => at),
        minIntervalSeconds,
      ],
    );
  }

  /** false: they are disabled already, or unknown. */
  async disable(tx: Tx, subject: string, by: string): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `UPDATE operators SET disabled_at = clock_timestamp(), disabled_by = $2
       WHERE subject = $1 AND disabled_at IS NULL RETURNING subject`,
      [subject, by],
    );
    return rows.length > 0;
  }

  /** false: they are not disabled. */
  async enable(tx: Tx, subject: string): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `UPDATE operators SET disabled_at = NULL, disabled_by = NULL
       WHERE subject = $1 AND disabled_at IS NOT NULL RETURNING subject`,
      [subject],
    );
    return rows.length > 0;
  }

  /** false: it is known already. */
  async end(tx: Tx, { tokenId, sessionId, subject, issuedAt }: SessionEnd): Promise<boolean> {
    const rows = await sqlOf(tx).query(
      `INSERT INTO operator_session_ends (token_id, session_id, subject, ended_at) VALUES ($1, $2, $3, to_timestamp($4))
       ON CONFLICT (token_id) DO NOTHING RETURNING token_id`,
      [tokenId, sessionId, subject, issuedAt],
    );
    return rows.length > 0;
  }

  /** Whose tokens are refused. The maps have Unix seconds: of the last end of the subject’s sessions. */
  async ended(): Promise<EndedOperators> {
    const rows = await this.database.query<{ kind: string; id: string; until: number }>(
      `SELECT 'disabled' AS kind, subject AS id, 0 AS until FROM operators WHERE disabled_at IS NOT NULL
       UNION ALL
       SELECT 'session', session_id, 0 FROM operator_session_ends
       WHERE session_id IS NOT NULL AND ended_at > now() - ${ENDS_KEPT}
       UNION ALL
       SELECT CASE WHEN session_id IS NULL THEN 'subject' ELSE 'unnamed' END, subject,
         floor(extract(epoch FROM max(ended_at)))::double precision
       FROM operator_session_ends WHERE subject IS NOT NULL AND ended_at > now() - ${ENDS_KEPT} GROUP BY 1, 2`,
    );
    const of = (kind: string): [string, number][] =>
      rows.filter((row) => row.kind === kind).map(({ id, until }) => [id, until]);
    return {
      disabled: new Set(of('disabled').map(([subject]) => personOf(subject))),
      sessions: new Set(of('session').map(([sessionId]) => sessionId)),
      subjects: new Map(of('subject')),
      unnamed: new Map(of('unnamed')),
    };
  }

  removeEnds(limit: number): Promise<number> {
    return this.database.execute(
      `DELETE FROM operator_session_ends WHERE token_id IN (
         SELECT token_id FROM operator_session_ends WHERE ended_at < now() - ${ENDS_KEPT} ORDER BY ended_at LIMIT $1
         FOR UPDATE SKIP LOCKED)`,
      [limit],
    );
  }
}
