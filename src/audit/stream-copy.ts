import { createHash } from 'node:crypto';
import { anchorAt, anchorFaults, knownLink, type Anchor } from './audit-verifier';
import { linesOfFile } from './bounded-lines';
import type { ChainLink } from './chain';
import { ChainInspection, digested, type ChainFault, type DigestedLink } from './chain-inspection';
import { linkOfLine } from './stream-line';

export interface CopyVerification {
  readonly intact: boolean;
  /** Different links that were read. */
  readonly links: number;
  /** Lines that repeat another one. */
  readonly duplicates: number;
  /** Lines that are not a header and a link as it was sent. No fault: a link that is nowhere else is a gap. */
  readonly unreadable: number;
  /** The number of the first of them, counted over all files. */
  readonly firstUnreadable: number | null;
  /** Lines of more than 16 MiB, which are not read; counted like the unreadable ones, and not among them. */
  readonly tooLong: number;
  readonly firstTooLong: number | null;
  readonly faults: readonly ChainFault[];
  /** How many more there are. */
  readonly moreFaults: number;
  /** The end of the copy: the next anchor. */
  readonly end: Anchor;
}

/**
 * How many links are kept that come before a missing one: two connections of one restart may end in any order. Then
 * the first half is taken, so that each link is sorted a few times at most.
 */
const MAX_AHEAD = 100_000;
const MIN_LATE = MAX_AHEAD / 2;
const MAX_CONFLICTS = 10_000;
/** No act writes nearly as much. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
const PRINT_BYTES = 16;
/** Few: numbers that are far apart have a page each. */
const PAGE_LINKS = 64;

/**
 * Verifies what a stream has sent, from the copy alone: lines in about the order of the chain, with duplicates. With
 * `sinceAnchor` the copy begins behind the anchor; otherwise it begins with the first link and must hold the anchor.
 */
export async function verifyCopy(
  files: readonly string[],
  anchor: Anchor | null = null,
  { sinceAnchor = false }: { readonly sinceAnchor?: boolean } = {},
): Promise<CopyVerification> {
  const copy = new StreamCopy(anchor, sinceAnchor);
  for (const file of files) {
    for await (const line of linesOfFile(file, MAX_LINE_BYTES)) copy.read(line);
  }
  return copy.conclude();
}

/**
 * Gives the inspection each link once and in order. Holds 16 bytes for each link, at most a kilobyte where their
 * numbers are far apart, and the digests of those that came too early.
 */
class StreamCopy {
  private readonly inspection: ChainInspection;
  private readonly prints = new Map<number, Buffer>();
  private readonly ahead = new Map<number, DigestedLink>();
  private readonly conflicts: ChainFault[] = [];
  private atAnchor: ChainLink | null = null;
  private lines = 0;
  private duplicates = 0;
  private unreadable = 0;
  private firstUnreadable: number | null = null;
  private tooLong = 0;
  private firstTooLong: number | null = null;
  private moreConflicts = 0;

  constructor(
    private readonly anchor: Anchor | null,
    private readonly sinceAnchor: boolean,
  ) {
    this.inspection = new ChainInspection(anchor && sinceAnchor ? knownLink(anchor) : undefined);
  }

  /** null: a line that is too long. */
  read(line: string | null): void {
    this.lines++;
    if (line === null) {
      this.tooLong++;
      this.firstTooLong ??= this.lines;
      return;
    }
    if (line.trim() === '') return;
    const { link, isWhole } = linkOfLine(line);
    if (!isWhole) {
      this.unreadable++;
      this.firstUnreadable ??= this.lines;
    }
    if (link !== null && (!this.sinceAnchor || link.sequence > this.anchor!.sequence)) {
      this.place(digested(link));
    }
  }

  conclude(): CopyVerification {
    this.takeFirst(this.ahead.size);
    const { inspection, anchor, duplicates, unreadable, firstUnreadable, tooLong, firstTooLong } = this;
    const end = anchorAt(inspection);
    const faults = [...inspection.conclude([]), ...this.conflicts];
    if (anchor && !this.sinceAnchor) faults.push(...anchorFaults(anchor, end.sequence, this.atAnchor));
    const moreFaults = inspection.unexplained + this.moreConflicts;
    const intact = faults.length + moreFaults === 0;
    const read = { links: inspection.links, duplicates, unreadable, firstUnreadable, tooLong, firstTooLong };
    return { intact, ...read, faults, moreFaults, end };
  }

  private place(link: DigestedLink): void {
    const known = this.printAt(link.sequence);
    const print = printOf(link);
    if (known.some((byte) => byte !== 0)) {
      if (print.equals(known)) this.duplicates++;
      else this.conflict(link, 'altered', 'another line says otherwise of this place');
      return;
    }
    print.copy(known);
    if (link.sequence <= this.inspection.end.sequence) {
      return this.conflict(link, 'reordered', `it came more than ${MIN_LATE} places too late`);
    }
    this.ahead.set(link.sequence, link);
    this.takeNext();
    if (this.ahead.size <= MAX_AHEAD) return;
    this.takeFirst(MIN_LATE);
    this.takeNext();
  }

  private takeNext(): void {
    while (this.ahead.has(this.inspection.end.sequence + 1)) this.take(this.inspection.end.sequence + 1);
  }

  private takeFirst(count: number): void {
    const sequences = [...this.ahead.keys()].sort((one, other) => one - other);
    for (const sequence of sequences.slice(0, count)) this.take(sequence);
  }

  private take(sequence: number): void {
    const link = this.ahead.get(sequence)!;
    this.ahead.delete(sequence);
    this.inspection.read(link);
    if (sequence === this.anchor?.sequence) this.atAnchor = link;
  }

  private conflict({ sequence, entryId }: ChainLink, kind: 'altered' | 'reordered', detail: string): void {
    if (this.conflicts.length < MAX_CONFLICTS) this.conflicts.push({ kind, sequence, entryId, detail });
    else this.moreConflicts++;
  }

  /** Where the print of a link is kept; zeros: it was not read yet. */
  private printAt(sequence: number): Buffer {
    const page = Math.floor(sequence / PAGE_LINKS);
    let prints = this.prints.get(page);
    if (prints === undefined) this.prints.set(page, (prints = Buffer.alloc(PAGE_LINKS * PRINT_BYTES)));
    const at = (sequence % PAGE_LINKS) * PRINT_BYTES;
    return prints.subarray(at, at + PRINT_BYTES);
  }
}

/** Of all that a line says. */
function printOf({ hash, entryHash, entryId, computed }: DigestedLink): Buffer {
  const print = createHash('sha256').update(hash).update(entryHash).update(entryId);
  if (computed) print.update(computed);
  return print.digest().subarray(0, PRINT_BYTES);
}
