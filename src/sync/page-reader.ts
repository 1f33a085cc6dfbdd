import type { Page, PageRequest, ProviderCall, Stream } from '../providers';
import type { ScanState } from './scan-state';

export interface PageReaderOptions {
  readonly stream: Pick<Stream, 'fetchPage'>;
  readonly call: ProviderCall;
  readonly asStored: PageRequest['asStored'];
  readonly mayReadAhead: () => boolean;
}

interface Fetch {
  readonly scanId: string;
  readonly position: string | null;
  readonly page: Promise<Page>;
  /** The provider has answered; the page may still have to be understood. */
  answered: boolean;
}

/** The first page of a full scan, for whoever asks whether the list answers at all. */
export function firstPageOf(
  stream: Pick<Stream, 'fetchPage'>,
  call: ProviderCall,
  { floor }: Pick<ScanState, 'floor'>,
): Promise<Page> {
  return stream.fetchPage(call, {
    scan: 'full',
    since: null,
    floor: floor === null ? null : new Date(floor),
    position: null,
    asStored: async (rows) => rows.map(() => true),
  });
}

/**
 * Reads the pages of a stream, one after the other. Where a page tells where the page after the next one begins, that
 * page is requested as soon as the next one has been answered, and arrives while the next one is parsed. It is never
 * requested earlier: pages read in parallel could show the list at two times in the wrong order, and a row that moves
 * back between them would be on neither. A run that yields may leave one such page unread.
 */
export class PageReader {
  /** What the engine waits for. */
  private current: Fetch | null = null;
  /** The page that was requested ahead: one at most. */
  private ahead: Fetch | null = null;
  /**
   * No page is requested ahead after one that was not used: the list is shorter than its count, or its pages differ in
   * length.
   */
  private mayGuess = true;
  private known: { scanId: string; next: string; afterNext: string } | null = null;

  constructor(private readonly options: PageReaderOptions) {}

  /** The page at the scan's position. */
  async read(scan: ScanState): Promise<Page> {
    const { ahead } = this;
    const isAhead = ahead !== null && ahead.scanId === scan.id && ahead.position === scan.position;
    this.ahead = null;
    if (ahead !== null && !isAhead) this.mayGuess = false;
    this.current = isAhead ? ahead : this.fetch(scan, scan.position);
    if (this.current.answered) this.askAhead(scan, this.current);
    const page = await this.current.page;
    const { next, afterNext } = page;
    this.known = next !== null && afterNext ? { scanId: scan.id, next, afterNext } : null;
    return page;
  }

  private fetch(scan: ScanState, position: string | null): Fetch {
    const { stream, call, asStored } = this.options;
    const onAnswer = (): void => {
      fetch.answered = true;
      if (this.current === fetch) this.askAhead(scan, fetch);
    };
    const page = stream.fetchPage(tellingOfAnswers(call, onAnswer), {
      scan: scan.kind,
      since: scan.since === null ? null : new Date(scan.since),
      floor: scan.floor === null || scan.rereads ? null : new Date(scan.floor),
      position,
      asStored,
    });
    const fetch: Fetch = { scanId: scan.id, position, answered: false, page };
    return fetch;
  }

  private askAhead(scan: ScanState, answered: Fetch): void {
    const { known } = this;
    if (this.ahead !== null || known?.scanId !== scan.id || known.next !== answered.position) return;
    if (!this.mayGuess || !this.options.mayReadAhead()) return;
    this.ahead = this.fetch(scan, known.afterNext);
    // a page that is not used, because the list ended or continued elsewhere, may fail silently
    this.ahead.page.catch(() => undefined);
  }
}

function tellingOfAnswers(call: ProviderCall, onAnswer: () => void): ProviderCall {
  return {
    ...call,
    http: {
      request: async (request) => {
        const answer = await call.http.request(request);
        onAnswer();
        return answer;
      },
    },
  };
}
