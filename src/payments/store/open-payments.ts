import { sqlOf, type Tx } from '../../platform/database';

/** Of these runs, those with a payment that a retry would push: one that is held, or is in another run, is none. */
export async function runsWithOpenPayments(tx: Tx, runIds: readonly string[]): Promise<string[]> {
  const rows = await sqlOf(tx).query<{ runId: string }>(
    `SELECT DISTINCT run_id AS "runId" FROM open_payment_view WHERE run_id = ANY ($1::uuid[])`,
    [runIds],
  );
  return rows.map(({ runId }) => runId);
}
