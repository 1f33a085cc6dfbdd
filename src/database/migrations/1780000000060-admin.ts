import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Admin1780000000060 implements MigrationInterface {
  readonly name = 'Admin1780000000060';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE integration_events (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        kind text NOT NULL CHECK (kind IN ('breaker', 'schedule')),
        details jsonb NOT NULL
      )`);
    await runner.query(`
      CREATE INDEX integration_events_by_integration ON integration_events (integration_id, occurred_at DESC, id DESC)`);
    await runner.query(`
      CREATE TABLE provider_incidents (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        provider text NOT NULL,
        environment text NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX provider_incidents_one_open ON provider_incidents (provider, environment) WHERE closed_at IS NULL`);
    await runner.query(`CREATE INDEX provider_incidents_by_time ON provider_incidents (opened_at DESC, id DESC)`);

    // triggers, because the state changes in several places and a change that is not noted cannot be explained later
    await runner.query(`
      CREATE FUNCTION note_breaker_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO integration_events (integration_id, kind, details) VALUES (NEW.integration_id, 'breaker',
          jsonb_build_object('from', OLD.breaker, 'to', NEW.breaker, 'cause', NEW.breaker_cause,
            'consecutiveErrors', NEW.consecutive_errors, 'errorCode', NEW.last_error_code));
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER sync_health_breaker_events AFTER UPDATE OF breaker ON sync_health FOR EACH ROW
      WHEN (OLD.breaker IS DISTINCT FROM NEW.breaker) EXECUTE FUNCTION note_breaker_change()`);
    await runner.query(`
      CREATE FUNCTION note_schedule_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO integration_events (integration_id, kind, details) VALUES (NEW.integration_id, 'schedule',
          jsonb_build_object('toggledOff', NEW.toggled_off, 'operatorPaused', NEW.operator_paused,
            'intervalMinutes', NEW.interval_ms / 60000, 'fires', NEW.fires));
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER sync_schedules_events AFTER UPDATE OF toggled_off, operator_paused, interval_ms ON sync_schedules
      FOR EACH ROW WHEN ((OLD.toggled_off, OLD.operator_paused, OLD.interval_ms)
        IS DISTINCT FROM (NEW.toggled_off, NEW.operator_paused, NEW.interval_ms)) EXECUTE FUNCTION note_schedule_change()`);
    await runner.query(`
      CREATE FUNCTION note_provider_incident() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.state = 'open' THEN
          INSERT INTO provider_incidents (provider, environment, opened_at)
          VALUES (NEW.provider, NEW.environment, coalesce(NEW.opened_at, now())) ON CONFLICT DO NOTHING;
        ELSE
          UPDATE provider_incidents SET closed_at = now()
          WHERE provider = NEW.provider AND environment = NEW.environment AND closed_at IS NULL;
        END IF;
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER provider_breakers_incidents AFTER INSERT OR UPDATE OF state ON provider_breakers
      FOR EACH ROW EXECUTE FUNCTION note_provider_incident()`);

    // the lists of the admin API: all entries by time, and what ended within the last day
    await runner.query(`CREATE INDEX audit_entries_by_time ON audit_entries (occurred_at DESC, id DESC)`);
    await runner.query(`
      CREATE INDEX sync_runs_ended ON sync_runs (finished_at) INCLUDE (state, error_code) WHERE finished_at IS NOT NULL`);
    await runner.query(`CREATE INDEX integrations_by_time ON integrations (created_at DESC, id DESC)`);
    await runner.query(`CREATE INDEX merchants_by_time ON merchants (created_at DESC, id DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX merchants_by_time, integrations_by_time, sync_runs_ended, audit_entries_by_time');
    await runner.query('DROP TRIGGER provider_breakers_incidents ON provider_breakers');
    await runner.query('DROP TRIGGER sync_schedules_events ON sync_schedules');
    await runner.query('DROP TRIGGER sync_health_breaker_events ON sync_health');
    await runner.query('DROP FUNCTION note_provider_incident, note_schedule_change, note_breaker_change');
    await runner.query('DROP TABLE provider_incidents');
    await runner.query('DROP TABLE integration_events');
  }
}
