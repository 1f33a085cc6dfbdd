import { Injectable } from '@nestjs/common';
import { sqlOf, type Tx } from '../../platform/database';
import { offsetMs } from '../schedule';

export interface ClaimedRun {
  readonly id: string;
  readonly integrationId: string;
  /** How late the claim came, against the time it was due. */
  readonly latenessMs: number;
}

/** The next slot after now of the lattice `offset + k * interval`: a stable time, whatever was missed before. */
const NEXT_DUE = (interval: string, offset: string) => `to_timestamp(
  ((floor((extract(epoch FROM now()) * 1000 - ${offset}) / ${interval}) + 1) * ${interval} + ${offset}) / 1000.0)`;

/** A schedule that fires again starts from the next slot: what was missed while it was off is not caught up. */
export const flagChange = (column: string, value: string): string =>
  `${column} = ${value}, updated_at = now(),
         next_due_at = CASE WHEN NOT fires AND next_due_at <= now() THEN ${NEXT_DUE('interval_ms', 'offset_ms')} ELSE next_due_at END`;

@Injectable()
export class ScheduleRepository {
  /** A new schedule, or a changed interval: either way the next time is the next slot of the new lattice. */
  async put(tx: Tx, integrationId: string, intervalMs: number, toggledOff: boolean): Promise<void> {
    await sqlOf(tx).execute(
      `INSERT INTO sync_schedules AS s (integration_id, interval_ms, offset_ms, next_due_at, toggled_off, toggled_off_at)
       VALUES ($1, $2::bigint, $3::bigint, ${NEXT_DUE('$2::bigint', '$3::bigint')}, $4, CASE WHEN $4 THEN now() END)
       ON CONFLICT (integration_id) DO UPDATE SET interval_ms = excluded.interval_ms, offset_ms = excluded.offset_ms,
         next_due_at = excluded.next_due_at, toggled_off = excluded.toggled_off,
         toggled_off_at = CASE WHEN excluded.toggled_off THEN coalesce(s.toggled_off_at, now()) END, updated_at = now()`,
      [integrationId, intervalMs, offsetMs(integrationId, intervalMs), toggledOff],
    );
  }

  async setInterval(tx: Tx, integrationId: string, intervalMs: number): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_schedules SET interval_ms = $2::bigint, offset_ms = $3::bigint,
         next_due_at = ${NEXT_DUE('$2::bigint', '$3::bigint')}, updated_at = now()
       WHERE integration_id = $1`,
      [integrationId, intervalMs, offsetMs(integrationId, intervalMs)],
    );
  }

  async setToggledOff(tx: Tx, integrationId: string, off: boolean): Promise<void> {
    await this.setStop(tx, integrationId, 'toggled_off', off);
  }

  async setBreakerOpen(tx: Tx, integrationId: string, open: boolean): Promise<void> {
    await this.setFlag(tx, integrationId, 'breaker_open', open);
  }

  async setOperatorPaused(tx: Tx, integrationId: string, reason: string | null): Promise<void> {
    await this.setStop(tx, integrationId, 'operator_paused', reason !== null);
    await sqlOf(tx).execute(`UPDATE sync_schedules SET pause_reason = $2 WHERE integration_id = $1`, [
      integrationId,
      reason,
    ]);
  }

  /** After a passing failure: sooner than the schedule says, never later. */
  async bringForward(tx: Tx, integrationId: string, inMs: number): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_schedules SET next_due_at = least(next_due_at, now() + $2 * interval '1 millisecond'), updated_at = now()
       WHERE integration_id = $1`,
      [integrationId, inMs],
    );
  }

  async remove(tx: Tx, integrationId: string): Promise<void> {
    await sqlOf(tx).execute(`DELETE FROM sync_schedules WHERE integration_id = $1`, [integrationId]);
  }

  /**
   * Claims due schedules and inserts their runs, in one statement: any number of dispatchers may run it at once. A
   * missed time is run once: the next time is the next slot after now. Where a run is live already, the time passes: it
   * coalesces.
   */
  async claimDue(tx: Tx, limit: number): Promise<ClaimedRun[]> {
    return sqlOf(tx).query<ClaimedRun>(
      `WITH due AS (
         SELECT integration_id, next_due_at, interval_ms, offset_ms FROM sync_schedules
         WHERE fires AND next_due_at <= now() ORDER BY next_due_at LIMIT $1 FOR UPDATE SKIP LOCKED),
       advanced AS (
         UPDATE sync_schedules s SET next_due_at = ${NEXT_DUE('due.interval_ms', 'due.offset_ms')}, updated_at = now()
         FROM due WHERE s.integration_id = due.integration_id)
       INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, due_at)
       SELECT gen_random_uuid(), due.integration_id, 'sync', 'sync', 'scheduled', 'queued', due.next_due_at FROM due
       ON CONFLICT (integration_id, lane) WHERE state IN ('queued', 'running') DO NOTHING
       RETURNING id, integration_id AS "integrationId", (extract(epoch FROM now() - due_at) * 1000)::bigint AS "latenessMs"`,
      [limit],
    );
  }

  /**
   * Breakers whose time for one probe has come. The next probe time is set by how the probe ends; an hour covers one
   * that never ended (it was cancelled), which is why half-open ones are looked at too.
   */
  async claimProbes(tx: Tx, limit: number): Promise<ClaimedRun[]> {
    return sqlOf(tx).query<ClaimedRun>(
      `WITH due AS (
         SELECT h.integration_id, h.probe_at FROM sync_health h
         JOIN sync_schedules s ON s.integration_id = h.integration_id AND NOT s.toggled_off AND NOT s.operator_paused
         WHERE h.breaker <> 'closed' AND h.probe_at <= now() ORDER BY h.probe_at LIMIT $1 FOR UPDATE OF h SKIP LOCKED),
       probing AS (
         UPDATE sync_health h SET breaker = 'half_open', probe_at = now() + interval '1 hour', updated_at = now()
         FROM due WHERE h.integration_id = due.integration_id)
       INSERT INTO sync_runs (id, integration_id, kind, lane, trigger, state, probe, due_at)
       SELECT gen_random_uuid(), due.integration_id, 'sync', 'sync', 'scheduled', 'queued', true, due.probe_at FROM due
       ON CONFLICT (integration_id, lane) WHERE state IN ('queued', 'running') DO NOTHING
       RETURNING id, integration_id AS "integrationId", 0 AS "latenessMs"`,
      [limit],
    );
  }

  /** A flag that somebody sets, with since when. */
  private async setStop(tx: Tx, integrationId: string, column: string, value: boolean): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_schedules SET ${flagChange(column, '$2')}, ${column}_at = CASE WHEN $2 THEN now() END
       WHERE integration_id = $1 AND ${column} IS DISTINCT FROM $2`,
      [integrationId, value],
    );
  }

  private async setFlag(tx: Tx, integrationId: string, column: string, value: boolean): Promise<void> {
    await sqlOf(tx).execute(
      `UPDATE sync_schedules SET ${flagChange(column, '$2')}
       WHERE integration_id = $1 AND ${column} IS DISTINCT FROM $2`,
      [integrationId, value],
    );
  }
}
