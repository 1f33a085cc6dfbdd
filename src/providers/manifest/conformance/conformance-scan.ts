import { randomUUID } from 'node:crypto';
import { ProviderFailure } from '../../../platform/outbound';
import { PageChain, type ScannedPages } from '../../page-chain';
import {
  isBadRow,
  understood,
  type BadRow,
  type GoodRow,
  type Page,
  type ProviderCall,
  type Stream,
} from '../../provider';

/** What a scan of a stream read. */
export interface ConformanceScan {
  readonly rows: readonly GoodRow[];
  readonly bad: readonly BadRow[];
  readonly pages: number;
  readonly filterIgnored: boolean;
  readonly orderIgnored: boolean;
  /** null: the list was read to its end, and what is missing from it may be gone. */
  readonly failure: ProviderFailure | null;
}

/** No manifest reads a list of the simulator in more pages. */
const MAX_PAGES = 400;

/** Reads a stream as the engine does. `since`: an incremental scan. */
export async function scanOf(
  stream: Stream,
  call: ProviderCall,
  since: Date | null = null,
  onPage: () => void = () => undefined,
): Promise<ConformanceScan> {
  const chain = new PageChain();
  const read = { rows: [] as GoodRow[], bad: [] as BadRow[], filterIgnored: false, orderIgnored: false };
  let scanned: ScannedPages = { id: randomUUID(), position: null, pages: 0, rows: 0, total: null, drifted: false };
  try {
    do {
      const page = await stream.fetchPage(call, {
        ...{ scan: since === null ? 'full' : 'incremental', since, floor: null, position: scanned.position },
        asStored: (rows) => Promise.resolve(rows.map(() => false)),
      });
      chain.admit(scanned, page);
      for (const row of page.rows.map(understood)) {
        if (isBadRow(row)) read.bad.push(row);
        else read.rows.push(row);
      }
      read.filterIgnored ||= page.filterIgnored === true;
      read.orderIgnored ||= page.orderIgnored === true;
      scanned = behind(scanned, page);
      onPage();
    } while (scanned.position !== null && scanned.pages < MAX_PAGES);
  } catch (error) {
    return { ...read, pages: scanned.pages, failure: failureIn(error) };
  }
  return { ...read, pages: scanned.pages, failure: scanned.position === null ? null : noEnd() };
}

function behind(before: ScannedPages, { next, received, total }: Page): ScannedPages {
  const hasMoved = before.total !== null && total !== null && total !== before.total;
  return {
    id: before.id,
    position: next,
    pages: before.pages + 1,
    rows: (before.rows ?? 0) + received.rows,
    total: total ?? before.total,
    drifted: before.drifted || hasMoved,
  };
}

function noEnd(): ProviderFailure {
  return new ProviderFailure('contract', `The list goes on after ${MAX_PAGES} pages.`);
}

/** Whatever else goes wrong is a fault of ours. */
export function failureIn(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error;
  throw error;
}
