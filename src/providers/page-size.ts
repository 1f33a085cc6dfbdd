import { ProviderFailure } from '../platform/outbound';
import { notUnderstood } from './list-rows';

/**
 * Rows asked for at once; each divides the one before, so that a page of the smaller size begins where one of the
 * larger does.
 */
const SIZES = [100, 50, 25, 5, 1] as const;

/** A page of a list that is paged by number. */
export interface NumberedPage {
  /** From 1, counted in pages of this size. */
  readonly number: number;
  readonly size: number;
  /**
   * Every page before it was as long as asked for. Else it is not known with which row it begins, and it keeps its
   * size.
   */
  readonly afterFull: boolean;
}

export const FIRST_PAGE: NumberedPage = { number: 1, size: SIZES[0], afterFull: true };
/** What `textOfPage` writes, for a pattern. */
export const PAGE_TEXT = String.raw`\d{1,9}(?:x\d{1,3})?~?`;

/**
 * Asks for a page, and where the answer is too large for as many rows fewer as it takes; tells which page was answered,
 * which begins with the same row. The pages behind it are of its size: no row is asked for twice, and none is left out.
 */
export async function fittingPage<A>(
  asked: NumberedPage,
  ask: (page: NumberedPage) => Promise<A>,
): Promise<{ answer: A; page: NumberedPage }> {
  for (let page = asked; ;) {
    try {
      return { answer: await ask(page), page };
    } catch (error) {
      const smaller = error instanceof ProviderFailure && error.tooLarge ? smallerPage(page) : null;
      if (smaller === null) throw error;
      page = smaller;
    }
  }
}

/** A provider that does not heed the size counts its pages in another: where the page begins is not known then. */
export function refuseOverfull({ size }: NumberedPage, rows: number): void {
  if (size < SIZES[0] && rows > size) throw notUnderstood('holds more rows than were asked for');
}

/** null: it asks for one row already, or it is not known which rows it holds. */
function smallerPage({ number, size, afterFull }: NumberedPage): NumberedPage | null {
  const smaller = SIZES.find((other) => other < size);
  if (smaller === undefined || !afterFull) return null;
  return { number: ((number - 1) * size) / smaller + 1, size: smaller, afterFull };
}

/** The page behind one that held so many rows. */
export function pageAfter({ number, size, afterFull }: NumberedPage, rows: number): NumberedPage {
  return { number: number + 1, size, afterFull: afterFull && rows === size };
}

/** As a part of a position: `7`, or `13x50` where it is not of the usual size; `7~` behind pages that were not full. */
export function textOfPage({ number, size, afterFull }: NumberedPage): string {
  return `${number}${size === SIZES[0] ? '' : `x${size}`}${afterFull ? '' : '~'}`;
}

export function pageOfText(text: string): NumberedPage {
  const [, number, size = SIZES[0], notFull] = /^([1-9]\d{0,8})(?:x(\d{1,3}))?(~)?$/.exec(text) ?? [];
  if (number === undefined || !SIZES.some((known) => known === Number(size))) {
    throw new ProviderFailure('internal', 'The position of the scan cannot be read.');
  }
  return { number: Number(number), size: Number(size), afterFull: notFull === undefined };
}
