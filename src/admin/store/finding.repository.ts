import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { FindingFacts, NewAtProvider } from '../findings';
import { INTEGRATION_VIEW } from './admin-integration.repository';

type IntegrationFacts = Pick<
  FindingFacts,
  'active' | 'rejected' | 'broken' | 'failing' | 'late' | 'pausedByOperator' | 'unprovenFilters'
>;
type WaitingFacts = Omit<FindingFacts, keyof IntegrationFacts>;

const KEY_NOTICE_DAYS = 14;
/** An endpoint that is restarted fails for less. */
const ENDPOINT_NOTICE_MINUTES = 60;

/** The facts that findings follow from, over all merchants. */
@Injectable()
export class FindingRepository {
  constructor(private readonly database: Database) {}

  async read(): Promise<FindingFacts> {
    return { ...(await this.ofIntegrations()), ...(await this.ofWaiting()) };
  }

  /**
   * What providers have begun to send: words that are in no list, and names and forms that came later than the first
   * day on which the list was seen. Those of the last two weeks, the newest first.
   */
  async newAtProviders(limit: number): Promise<NewAtProvider[]> {
    return this.database.query<NewAtProvider>(
      `SELECT s.provider, s.environment, s.stream, s.kind, s.name, s.first_seen_at AS "since",
         (SELECT count(*) FROM quarantine_view q JOIN integration_view i ON i.id = q.integration_id
          WHERE s.kind = 'word' AND i.provider = s.provider AND i.environment = s.environment
            AND q.path = split_part(s.name, ':', 1) AND q.last_seen_at >= s.first_seen_at) AS quarantined
       FROM (SELECT p.*, min(p.first_seen_at) OVER (PARTITION BY p.provider, p.environment, p.stream) AS begun
             FROM provider_sighting_view p) s
       WHERE s.first_seen_at > now() - interval '14 days'
         AND ((s.kind = 'word' AND NOT s.known) OR s.first_seen_at > s.begun + interval '1 day')
       ORDER BY s.kind = 'word' DESC, s.first_seen_at DESC, s.name LIMIT $1`,
      [limit],
    );
  }

  private async ofIntegrations(): Promise<IntegrationFacts> {
    const group = (name: string, condition: string, since: string) =>
      `${affected(since, 'v.merchant_name', condition)} AS "${name}"`;
    const scheduled = `v.state = 'active' AND NOT v.operator_paused AND NOT v.toggled_off`;
    const unproven = `FROM jsonb_array_elements(s.filters) f WHERE f->>'state' IN ('unproven', 'refused')`;
    const rows = await this.database.query<IntegrationFacts>(
      `SELECT count(*) FILTER (WHERE v.state = 'active') AS active,
         ${group('rejected', `v.breaker_cause = 'auth' AND v.state = 'active'`, 'v.breaker_opened_at')},
         ${group('broken', `v.breaker_cause = 'failures' AND v.state = 'active'`, 'v.breaker_opened_at')},
         ${group('failing', `v.health = 'degraded'`, 'v.last_error_since')},
         ${group(
           'late',
           `${scheduled} AND v.health = 'healthy' AND v.lateness_ms > greatest(v.interval_ms, 900000)`,
           'coalesce(v.last_sync_at, v.created_at)',
         )},
         ${group('pausedByOperator', `v.state = 'active' AND v.operator_paused`, 'coalesce(v.last_sync_at, v.created_at)')},
         (SELECT ${affected('u.since', 'm.name')}
          FROM (SELECT s.merchant_id, (SELECT min((f->>'checkedAt')::timestamptz) ${unproven}) AS since
                FROM integration_status_view s WHERE s.state = 'active' AND EXISTS (SELECT 1 ${unproven})) u
          LEFT JOIN merchant_view m ON m.id = u.merchant_id) AS "unprovenFilters"
       FROM ${INTEGRATION_VIEW} v`,
    );
    return rows[0]!;
  }

  private async ofWaiting(): Promise<WaitingFacts> {
    const owned = (source: string) =>
      `${source} x JOIN integration_view i ON i.id = x.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id`;
    const rows = await this.database.query<WaitingFacts>(
      `SELECT (SELECT ${affected('x.created_at', 'm.name')} FROM ${owned('deletion_plan_view')} WHERE x.state = 'held') AS "heldDeletions",
         (SELECT ${affected('x.held_at', 'm.name')} FROM ${owned('payment_review_view')}) AS "heldPayments",
         (SELECT coalesce(jsonb_agg(q.facts ORDER BY q.facts->>'resourceType'), '[]') FROM (
            SELECT ${affected('x.first_seen_at', 'm.name')} || jsonb_build_object('resourceType', x.resource_type) AS facts
            FROM ${owned('quarantine_view')} GROUP BY x.resource_type) q) AS quarantined,
         (SELECT ${affected('k.expires_at', 'm.name')} FROM api_key_view k LEFT JOIN merchant_view m ON m.id = k.merchant_id
          WHERE k.revoked_at IS NULL AND k.expires_at BETWEEN now() AND now() + make_interval(days => $1)
            AND NOT EXISTS (SELECT 1 FROM api_key_view n WHERE n.rotated_from = k.id)) AS "expiringKeys",
         (SELECT ${affected('w.disabled_at', 'm.name', `w.disabled_reason IN ('failing', 'gone')`)}
          FROM webhook_endpoint_view w LEFT JOIN merchant_view m ON m.id = w.merchant_id) AS "disabledEndpoints",
         (SELECT ${affected('w.failing_since', 'm.name')}
          FROM webhook_endpoint_view w LEFT JOIN merchant_view m ON m.id = w.merchant_id
          WHERE w.disabled_reason IS NULL AND w.failing_since < now() - make_interval(mins => $2)) AS "failingEndpoints"`,
      [KEY_NOTICE_DAYS, ENDPOINT_NOTICE_MINUTES],
    );
    return rows[0]!;
  }
}

/** An `Affected` of the rows that are grouped: how many, since when, and three of the merchants. */
function affected(since: string, merchant: string, condition = 'true'): string {
  const only = `FILTER (WHERE ${condition})`;
  return `jsonb_build_object('count', count(*) ${only},
    'since', to_char(min(${since}) ${only} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'merchants', coalesce((array_agg(DISTINCT ${merchant}) ${only})[1:3], '{}'))`;
}
