/** A worker that is there takes a run within seconds, and a lease ends half a minute after its worker. */
const OVERDUE = `now() - interval '60 seconds'`;

/** Of a run, as `r`. */
export const RUN_DUE_SINCE = `coalesce(CASE WHEN r.state = 'running' THEN r.lease_until END, r.not_before, r.created_at)`;

/** A run, as `r`, that nobody works on though it is due: for the finding, and the list that it leads to. */
export const RUN_IS_OVERDUE = `r.state IN ('queued', 'running') AND ${RUN_DUE_SINCE} < ${OVERDUE}`;

/** An integration, as `v`, whose time has come, and nobody has made a run of it. */
export const RUN_IS_UNMADE = `v.unmade_since < ${OVERDUE}`;

/** No run is worked on, and none was lately. */
export const NOBODY_WORKS = `NOT EXISTS (SELECT 1 FROM sync_run_view w WHERE w.state = 'running' AND w.lease_until > now())
  AND NOT EXISTS (SELECT 1 FROM sync_run_view w WHERE w.finished_at > ${OVERDUE} AND w.state <> 'cancelled')`;
