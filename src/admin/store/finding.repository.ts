import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database';
import type { Affected, EnvironmentFacts, NewAtProvider, Stuck, ViewScope } from '../finding-facts';
import { INTEGRATION_VIEW } from './admin-integration.repository';
import { INTEGRATION_FINDINGS } from './integration-findings';
import { iso } from './keyset';
import { MERCHANT_FINDING_VALUES, MERCHANT_FINDINGS } from './merchant-findings';
import { NOBODY_WORKS, RUN_DUE_SINCE, RUN_IS_OVERDUE } from './overdue-runs';

type IntegrationFacts = Pick<
  EnvironmentFacts,
  | 'environment'
  | 'active'
  | 'rejected'
  | 'broken'
  | 'degraded'
  | 'late'
  | 'limited'
  | 'pausedByOperator'
  | 'expiringCredentials'
  | 'unprovenFilters'
  | 'wrongClocks'
>;
type WaitingFacts = Omit<EnvironmentFacts, Exclude<keyof IntegrationFacts, 'environment'>>;

/** What facts are read of; those of one integration have none of its merchant's keys and endpoints. */
export interface FactScope extends ViewScope {
  readonly integrationId?: string | null;
}

const ENVIRONMENTS = `(VALUES ('live'), ('sandbox')) e (environment)`;
const IN_SCOPE = `($environment::text IS NULL OR e.environment = $environment)`;
const OF_PROVIDER = (provider: string) => `($provider::text IS NULL OR ${provider} = $provider)`;
const ONE = (id: string) => `($integrationId::uuid IS NULL OR ${id} = $integrationId)`;
/** Rows of a view that belong to integrations, as `x`. */
const owned = (view: string) => `${view} x JOIN integration_view i ON i.id = x.integration_id AND ${ONE('i.id')}
  AND i.environment = e.environment AND ${OF_PROVIDER('i.provider')} LEFT JOIN merchant_view m ON m.id = i.merchant_id`;
/** What rows of money come to, by currency; `rows`: of how many that is known. */
const amountsOf = (
  view: string,
  condition: string,
) => `(SELECT coalesce(jsonb_agg(a.amount ORDER BY a.amount->>'currency'), '[]')
  FROM (SELECT jsonb_build_object('currency', x.currency, 'amountMinor', sum(x.amount_minor), 'rows', count(*)) AS amount
        FROM ${owned(view)} WHERE x.amount_minor IS NOT NULL AND ${condition} GROUP BY x.currency) a)`;

/** Beside what is known of all that is affected. */
const LIMITED = ` || jsonb_build_object('until', ${iso(`min(v.limited_until) FILTER (WHERE v.state = 'active')`)})`;

const ENDED = ` || jsonb_build_object('ended',
  count(*) FILTER (WHERE ${INTEGRATION_FINDINGS.credentials_expiring.condition} AND v.credentials_expire_at <= now()))`;

/** The facts that findings follow from, over all merchants. */
@Injectable()
export class FindingRepository {
  constructor(private readonly database: Database) {}

  async read(scope: FactScope): Promise<EnvironmentFacts[]> {
    const ofIntegrations = await this.ofIntegrations(scope);
    const waiting = await this.ofWaiting(scope);
    return waiting.map((facts) => ({
      ...facts,
      ...ofIntegrations.find(({ environment }) => environment === facts.environment)!,
    }));
  }

  /**
   * What providers have begun to send: words that are in no list, and names and forms that came later than the first
   * day on which the list was seen. Those of the last two weeks, the newest first.
   */
  async newAtProviders({ environment, provider }: ViewScope, limit: number): Promise<NewAtProvider[]> {
    return this.database.query<NewAtProvider>(
      `SELECT s.provider, s.environment, s.stream, s.kind, s.name, s.first_seen_at AS "since",
         q.quarantined, q.merchants, q."merchantCount"
       FROM (SELECT p.*, min(p.first_seen_at) OVER (PARTITION BY p.provider, p.environment, p.stream) AS begun
             FROM provider_sighting_view p) s
       CROSS JOIN LATERAL (
         SELECT count(*) AS quarantined, coalesce((array_agg(DISTINCT m.name))[1:3], '{}') AS merchants, count(DISTINCT m.id) AS "merchantCount"
         FROM quarantine_view x JOIN integration_view i ON i.id = x.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id
         WHERE s.kind = 'word' AND i.provider = s.provider AND i.environment = s.environment
           AND x.path = split_part(s.name, ':', 1) AND x.last_seen_at >= s.first_seen_at) q
       WHERE s.first_seen_at > now() - interval '14 days'
         AND ((s.kind = 'word' AND NOT s.known) OR s.first_seen_at > s.begun + interval '1 day')
         AND ($environment::text IS NULL OR s.environment = $environment) AND ${OF_PROVIDER('s.provider')}
       ORDER BY s.kind = 'word' DESC, s.first_seen_at DESC, s.name LIMIT $limit`,
      { environment, provider, limit },
    );
  }

  /** What ends within the notice and was made to live longer than it: tokens of the team, and keys of nodes. */
  async expiring(): Promise<{ tokens: Affected; nodeKeys: Affected }> {
    const ending = (source: string, isGood: string) =>
      `(SELECT ${affected('x.expires_at - make_interval(days => $1)', 'NULL::uuid', 'NULL::text', 'NULL::text')} FROM ${source} x WHERE x.${isGood} IS NULL
          AND x.expires_at BETWEEN now() AND now() + make_interval(days => $1)
          AND x.expires_at - x.created_at > 2 * make_interval(days => $1))`;
    const rows = await this.database.query<{ tokens: Affected; nodeKeys: Affected }>(
      `SELECT ${ending('access_token_view', 'revoked_at')} AS tokens,
         ${ending('node_integration_view', 'deleted_at')} AS "nodeKeys"`,
      [MERCHANT_FINDING_VALUES.keyDays],
    );
    const named = (found: Affected): Affected => ({ ...found, merchants: [] });
    return { tokens: named(rows[0]!.tokens), nodeKeys: named(rows[0]!.nodeKeys) };
  }

  /** What is due while no run at all is worked on. */
  async stuck(): Promise<Stuck> {
    const rows = await this.database.query<Stuck>(
      `SELECT (SELECT ${affected(RUN_DUE_SINCE, 'm.id', 'm.name', 'r.id')} FROM sync_run_view r
           JOIN integration_view i ON i.id = r.integration_id LEFT JOIN merchant_view m ON m.id = i.merchant_id WHERE ${RUN_IS_OVERDUE} AND ${NOBODY_WORKS}) AS runs,
         (SELECT ${affected(INTEGRATION_FINDINGS.queue_stuck.since, 'v.merchant_id', 'v.merchant_name', 'v.id')}
          FROM ${INTEGRATION_VIEW} v WHERE ${INTEGRATION_FINDINGS.queue_stuck.condition} AND ${NOBODY_WORKS}) AS unmade`,
    );
    return rows[0]!;
  }

  /** Since when runs find key management away, null: they do not; and whose last run failed for it. */
  async keyManagement(): Promise<{ shutSince: Date | null; waiting: Affected }> {
    const rows = await this.database.query<{ shutSince: Date | null; waiting: Affected }>(
      `SELECT (SELECT min(g.since) FROM key_management_gate_view g) AS "shutSince",
         (SELECT ${affected(INTEGRATION_FINDINGS.key_management_away.since, 'v.merchant_id', 'v.merchant_name', 'v.id')}
          FROM ${INTEGRATION_VIEW} v WHERE ${INTEGRATION_FINDINGS.key_management_away.condition}) AS waiting`,
    );
    return rows[0]!;
  }

  async merchantNames(ids: readonly string[]): Promise<string[]> {
    const rows = await this.database.query<{ name: string }>(
      `SELECT m.name FROM merchant_view m WHERE m.id = ANY($1::uuid[]) ORDER BY m.name`,
      [ids],
    );
    return rows.map(({ name }) => name);
  }

  /** By how much the clock of this process is ahead of the database's; negative: behind. To the time of one answer. */
  async clockSkewMs(): Promise<number> {
    const before = Date.now();
    const rows = await this.database.query<{ now: Date }>(`SELECT clock_timestamp() AS now`);
    const after = Date.now();
    const there = rows[0]!.now.getTime();
    if (there < before) return before - there;
    return there > after ? after - there : 0;
  }

  private async ofIntegrations({
    environment,
    provider,
    integrationId = null,
  }: FactScope): Promise<IntegrationFacts[]> {
    const group = (name: string, condition: string, since: string, more = '') =>
      `${affected(since, 'v.merchant_id', 'v.merchant_name', 'v.id', condition)} || ${providersOf('v.provider', condition)}${more} AS "${name}"`;
    return this.database.query<IntegrationFacts>(
      `SELECT e.environment, count(*) FILTER (WHERE v.state = 'active') AS active,
         ${group('rejected', INTEGRATION_FINDINGS.credentials_rejected.condition, INTEGRATION_FINDINGS.credentials_rejected.since)}, ${group('broken', INTEGRATION_FINDINGS.breaker_open.condition, INTEGRATION_FINDINGS.breaker_open.since)},
         ${group('degraded', INTEGRATION_FINDINGS.degraded.condition, INTEGRATION_FINDINGS.degraded.since)}, ${group('late', INTEGRATION_FINDINGS.late.condition, INTEGRATION_FINDINGS.late.since)},
         ${group('limited', INTEGRATION_FINDINGS.rate_limited.condition, INTEGRATION_FINDINGS.rate_limited.since, LIMITED)}, ${group('pausedByOperator', INTEGRATION_FINDINGS.paused_by_operator.condition, INTEGRATION_FINDINGS.paused_by_operator.since)},
         ${group('expiringCredentials', INTEGRATION_FINDINGS.credentials_expiring.condition, INTEGRATION_FINDINGS.credentials_expiring.since, ENDED)},
         ${group('unprovenFilters', INTEGRATION_FINDINGS.filters_unproven.condition, INTEGRATION_FINDINGS.filters_unproven.since)},
         ${group('wrongClocks', INTEGRATION_FINDINGS.provider_clock_off.condition, INTEGRATION_FINDINGS.provider_clock_off.since)}
       FROM ${ENVIRONMENTS}
       -- once for each row, and not once for each condition
       LEFT JOIN (SELECT * FROM ${INTEGRATION_VIEW} i WHERE ${ONE('i.id')} OFFSET 0) v ON v.environment = e.environment AND ${OF_PROVIDER('v.provider')}
       WHERE ${IN_SCOPE} GROUP BY e.environment`,
      { environment, provider, integrationId },
    );
  }

  private async ofWaiting({ environment, provider, integrationId = null }: FactScope): Promise<WaitingFacts[]> {
    const among = (view: string, condition: string) =>
      `${view} x LEFT JOIN merchant_view m ON m.id = x.merchant_id
        WHERE x.environment = e.environment AND $integrationId::uuid IS NULL AND ${condition}`;
    const ofMerchants = (view: string, condition: string, since: string, only = 'm.id', more = '') =>
      `(SELECT ${affected(since, 'm.id', 'm.name', only)}${more} FROM ${among(view, condition)})`;
    const ofEndpoints = (id: string, view: string, condition: string, since: string) =>
      ofMerchants(
        view,
        condition,
        since,
        id,
        ` || jsonb_build_object('endpointCount', count(DISTINCT ${id}), 'endpoints', (
          SELECT coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'disabledReason', n.disabled_reason)), '[]')
          FROM (SELECT DISTINCT x.name, ${id}, x.disabled_reason FROM ${among(view, condition)} ORDER BY 1, 2 LIMIT 3) n))`,
      );
    return this.database.query<WaitingFacts>(
      `SELECT e.environment,
         (SELECT ${affected('x.created_at', 'm.id', 'm.name', 'x.id')} || ${providersOf('i.provider')} FROM ${owned('deletion_plan_view')} WHERE x.state = 'held') AS "heldDeletions",
         (SELECT ${affected('x.held_at', 'm.id', 'm.name', 'NULL::text')} || ${providersOf('i.provider')} || jsonb_build_object('amounts', ${amountsOf('payment_review_view', 'true')},
            'searched', count(*) FILTER (WHERE x.is_searched)) FROM ${owned('payment_review_view')}) AS "heldPayments",
         (SELECT coalesce(jsonb_agg(q.facts || jsonb_build_object('amounts', ${amountsOf('quarantine_view', 'x.resource_type = q.resource_type')})
            ORDER BY q.resource_type), '[]') FROM (
            SELECT x.resource_type, ${affected('x.first_seen_at', 'm.id', 'm.name', 'NULL::text')} || ${providersOf('i.provider')}
              || jsonb_build_object('resourceType', x.resource_type) AS facts
            FROM ${owned('quarantine_view')} GROUP BY x.resource_type) q) AS quarantined,
         ${ofMerchants(MERCHANT_FINDINGS.keys_expiring.view, MERCHANT_FINDINGS.keys_expiring.condition, MERCHANT_FINDINGS.keys_expiring.since)} AS "expiringKeys",
         ${ofEndpoints('x.id', MERCHANT_FINDINGS.endpoints_disabled.view, MERCHANT_FINDINGS.endpoints_disabled.condition, MERCHANT_FINDINGS.endpoints_disabled.since)} AS "disabledEndpoints",
         ${ofEndpoints('x.id', MERCHANT_FINDINGS.endpoints_failing.view, MERCHANT_FINDINGS.endpoints_failing.condition, MERCHANT_FINDINGS.endpoints_failing.since)} AS "failingEndpoints",
         ${ofEndpoints('x.endpoint_id', MERCHANT_FINDINGS.events_given_up.view, MERCHANT_FINDINGS.events_given_up.condition, MERCHANT_FINDINGS.events_given_up.since)} AS "givenUpEvents"
       FROM ${ENVIRONMENTS} WHERE ${IN_SCOPE}`,
      { environment, provider, integrationId, ...MERCHANT_FINDING_VALUES },
    );
  }
}

/**
 * An `Affected` of the rows that are grouped: how many, since when, three of the merchants, how many there are, and
 * what has a page in the console, by `id`, where that is one.
 */
function affected(since: string, merchantId: string, merchantName: string, id: string, condition = 'true'): string {
  const only = `FILTER (WHERE ${condition})`;
  return `jsonb_build_object('count', count(*) ${only}, 'since', ${iso(`min(${since}) ${only}`)},
    'merchants', coalesce((array_agg(DISTINCT ${merchantName}) ${only})[1:3], '{}'),
    'merchantCount', count(DISTINCT ${merchantId}) ${only},
    'only', CASE WHEN min(${id}::text) ${only} = max(${id}::text) ${only} THEN min(${id}::text) ${only} END)`;
}

/** Beside an `Affected`: the providers. */
function providersOf(provider: string, condition = 'true'): string {
  return `jsonb_build_object('providers', coalesce(array_agg(DISTINCT ${provider}) FILTER (WHERE ${condition}), '{}'))`;
}
