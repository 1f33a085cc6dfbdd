import { ProviderFailure } from '../../platform/outbound';
import { isBadRow, understood, type ProviderCall, type Stream } from '../provider';
import type { NormalisedRecord } from '../records';

/** What a stream would store. */
export interface DryRunOfStream {
  readonly stream: string;
  readonly resource: string;
  readonly pages: number;
  /** Rows of the list, as they came. */
  readonly rows: number;
  readonly records: readonly { readonly externalId: string; readonly record: NormalisedRecord }[];
  /** Rows that would be in quarantine, by what is wrong with them. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** The list was read to its end. */
  readonly complete: boolean;
  /** What the first of the records is when it is asked for by its id; null: there is none, or rows have no address. */
  readonly byId: string | null;
}

/** Reads a stream as a full scan does, as far as so many pages, and stores nothing. */
export async function dryRun(stream: Stream, call: ProviderCall, maxPages: number): Promise<DryRunOfStream> {
  const records: { externalId: string; record: NormalisedRecord }[] = [];
  const quarantined: Record<string, number> = {};
  const asStored: Parameters<Stream['fetchPage']>[1]['asStored'] = (rows) => Promise.resolve(rows.map(() => false));
  let position: string | null = null;
  let [pages, rows] = [0, 0];
  do {
    const page = await stream.fetchPage(call, { scan: 'full', since: null, floor: null, position, asStored });
    pages++;
    rows += page.received.rows;
    for (const row of page.rows.map(understood)) {
      if (isBadRow(row)) {
        const fault = `${row.path} ${row.reason}`;
        quarantined[fault] = (quarantined[fault] ?? 0) + 1;
      } else records.push({ externalId: row.externalId, record: row.record });
    }
    position = page.next;
  } while (position !== null && pages < maxPages);
  const { key, resource } = stream;
  const byId = records.length === 0 ? null : await askedById(stream, call, records[0]!.externalId);
  return { stream: key, resource, pages, rows, records, quarantined, complete: position === null, byId };
}

async function askedById(stream: Stream, call: ProviderCall, externalId: string): Promise<string | null> {
  if (!stream.fetchOne) return null;
  try {
    const row = await stream.fetchOne(call, externalId);
    if (row === 'gone') return 'gone';
    const read = understood(row);
    return isBadRow(read) ? `quarantined: ${read.path} ${read.reason}` : 'found';
  } catch (error) {
    if (error instanceof ProviderFailure) return error.message;
    throw error;
  }
}
