import type { CommitTarget, PageCommit, PagesOptions, StreamPages } from '../../src/sync/page-commit';

/** Pages of a list whose time stamps name their zone, read by an incremental scan that concludes nothing. */
export const PAGES: PagesOptions = {
  scan: { id: 'b3c1b0de-0000-4000-8000-000000000000', commits: 0, restarts: 0 },
  reading: { stamps: { zoneless: false, zone: null }, knownBefore: null },
  order: { providersWord: false, slackMs: 0 },
  keepsSeen: false,
  mayMiss: false,
  quarantined: true,
  unchanged: [],
  takenForNew: false,
  bounds: { lateBefore: null, changedFrom: null },
  notes: [],
};

/** The pages of one stream, in a transaction of their own. */
export async function commitPages(
  commit: PageCommit,
  { stream, ...target }: CommitTarget,
  rows: StreamPages['rows'],
  progressAfter: StreamPages['progressAfter'],
  options: PagesOptions = PAGES,
) {
  const [committed] = await commit.commit(target, [
    { stream, rows, resourceBegunAt: performance.now(), progressAfter, options },
  ]);
  return committed!;
}
