import type { Stream } from '../providers';
import type { FilterFinding, StreamCursor } from './cursor';
import type { LeasedRun } from './run';
import { FULL_SCAN_INTERVAL_MS } from './scan-plan';
import type { ScanState } from './scan-state';
import type { SyncNote } from './sync-notes';

/** Why a list of which only the changes were wanted is read whole; empty: it is not, or there is nothing to say. */
export function filterNotes(
  { filter, fullScanAt }: Pick<StreamCursor, 'filter' | 'fullScanAt'>,
  { kind }: Pick<ScanState, 'kind'>,
  { incremental }: Pick<Stream, 'incremental'>,
): readonly SyncNote[] {
  if (incremental !== 'changed_since' || kind !== 'full' || fullScanAt === null) return [];
  if (filter.state === 'ignored') return ['filter_ignored'];
  if (filter.state === 'refused') return ['filter_refused'];
  if (filter.state === 'unproven' && filter.checkedAt !== null) return ['filter_unproven'];
  return [];
}

/** Whether a full scan is followed by another try of the filter: what is known to fail is tried once in a while. */
export function filterProofIsDue(
  { state, checkedAt }: FilterFinding,
  { leasedAt, fullResync }: Pick<LeasedRun, 'leasedAt' | 'fullResync'>,
): boolean {
  const fails = state === 'ignored' || state === 'refused';
  if (!fails || checkedAt === null || fullResync) return true;
  return leasedAt.getTime() - Date.parse(checkedAt) >= FULL_SCAN_INTERVAL_MS;
}
