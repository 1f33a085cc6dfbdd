import type { Clinic } from './clinic';
import { eventually } from './eventually';

/**
 * Until so many statements of this test's database wait for a lock: what is to wait for a commit has come to the point
 * where it does.
 */
export async function lockWaits(clinic: Pick<Clinic, 'sql'>, count = 1): Promise<void> {
  await eventually(async () => {
    const [waiting] = await clinic.sql(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(waiting!['count']).toBe(count);
  }, 5_000);
}
