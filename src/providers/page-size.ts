import { ProviderFailure } from '../platform/outbound';
import { notUnderstood } from './list-rows';

/** Rows asked for at once; each divides the one before, so that a page of the smaller size begins where one of the larger does. */
const SIZES = [100, 50, 25, 5, 1] as const;

/** A page of a list that is paged by number. */
export interface NumberedPage {
  /** From 1, counted in pages of this size. */
  readonly number: number;
  readonly size: number;
}

export const FIRST_PAGE: NumberedPage = { number: 1, size: SIZES[0] };
/** What `textOfPage` writes, for a pattern. */
export const PAGE_TEXT = String.raw`\d{1,9}(?:x\d{1,3})?`;

/**
 * Asks for a page, and where the answer is too large for as many rows fewer as it takes; tells which page was answered, which begins
 * with the same row. The pages behind it are of its size: no row is asked for twice, and none is left out.
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

/** null: it asks for one row already. */
function smallerPage({ number, size }: NumberedPage): NumberedPage | null {
  const smaller = SIZES.find((other) => other < size);
  return smaller === undefined ? null : { number: ((number - 1) * size) / smaller + 1, size: smaller };
}

export function pageAfter({ number, size }: NumberedPage): NumberedPage {
  return { number: number + 1, size };
}

/** As a part of a position: `7`, or `13x50` where it is not of the usual size. */
export function textOfPage({ number, size }: NumberedPage): string {
  return size === SIZES[0] ? String(number) : `${number}x${size}`;
}

export function pageOfText(text: string): NumberedPage {
  const [number, size = SIZES[0]] = text.split('x').map(Number);
  if (!Number.isSafeInteger(number) || number! < 1 || !SIZES.some((known) => known === size)) {
    throw new ProviderFailure('internal', 'The position of the scan cannot be read.');
  }
  return { number: number!, size };
}
