import { ProviderFailure } from '../platform/outbound';
import type { Page } from './provider';

/** Ten million rows at a hundred a page. */
const MAX_PAGES = 100_000;

/** How far one scan of a list has come. */
export interface ScannedPages {
  readonly id: string;
  readonly position: string | null;
  /** Pages that were read. */
  readonly pages: number;
  /** Rows that these pages held; absent: not counted. */
  readonly rows?: number;
  /** The provider's count of the whole list at the last page. */
  readonly total: number | null;
  /** The provider's count changed between two pages. */
  readonly drifted: boolean;
}

/**
 * A chain of pages that no sound list gives. It deletes nothing and is no success. The next run goes on from the last
 * sound page, or, where what was read so far is in doubt too (`beginsAgain`), from the first one.
 */
export class BrokenPageChain extends ProviderFailure {
  constructor(
    what: string,
    readonly beginsAgain: boolean,
  ) {
    super('contract', `The provider’s list ${what}.`);
    this.name = 'BrokenPageChain';
  }
}

/**
 * Checks that the pages of one scan make one list: each goes on from the one before, none comes twice, and there are as
 * many rows as the provider counts. The same for every stream; how a provider says that a list goes on is its adapter's
 * business. It remembers what one attempt of a run has read.
 */
export class PageChain {
  private scanId: string | null = null;
  private readonly digests = new Set<string>();
  private readonly positions = new Set<string>();

  /** Throws BrokenPageChain. `scan`: as it was before the page. */
  admit(scan: ScannedPages, page: Page): void {
    if (this.scanId !== scan.id) this.begin(scan.id);
    const { next, received } = page;
    if (page.absent && scan.pages > 0) throw new BrokenPageChain('ends with “not found” in its middle', false);
    if (received.rows === 0 && next !== null) throw new BrokenPageChain('promises more rows and gives none', false);
    if (received.rows > 0 && this.digests.has(received.digest)) {
      throw new BrokenPageChain('gives the same page again instead of the next one', false);
    }
    if (scan.position !== null) this.positions.add(scan.position);
    if (next !== null && this.positions.has(next)) throw new BrokenPageChain('leads back to a page before', false);
    if (next !== null && scan.pages >= MAX_PAGES) throw new BrokenPageChain(`has more than ${MAX_PAGES} pages`, true);
    this.count(scan, page);
    this.digests.add(received.digest);
  }

  /**
   * A count that changed between two pages is no breach: rows have moved, and the list is read again (`endOfPages`).
   */
  private count(scan: ScannedPages, page: Page): void {
    const { total } = page;
    if (total === null || scan.rows === undefined || scan.drifted) return;
    if (scan.total !== null && scan.total !== total) return;
    const rows = scan.rows + page.received.rows;
    if (rows > total) throw new BrokenPageChain(`counts ${total} rows and gives more`, true);
    if (page.next === null && rows < total && !page.totalMayBeOfAll) {
      throw new BrokenPageChain(`counts ${total} rows and ends after ${rows}`, true);
    }
  }

  private begin(scanId: string): void {
    this.scanId = scanId;
    this.digests.clear();
    this.positions.clear();
  }
}
