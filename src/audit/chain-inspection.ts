import { entryHashOf, GENESIS, linkHashOf, type ChainedEntry, type ChainLink } from './chain';

export type ChainFaultKind = 'altered' | 'dropped' | 'inserted' | 'reordered' | 'cut' | 'rewritten' | 'unchained';

export interface ChainFault {
  readonly kind: ChainFaultKind;
  /** The place in the chain; null for an entry that has none. */
  readonly sequence: number | null;
  /** null when nothing of the entry is left. */
  readonly entryId: string | null;
  readonly detail: string;
}

/** A link with the entry it names, or without it when that is gone. */
export interface InspectedLink extends ChainLink {
  readonly entry: ChainedEntry | null;
}

/** The same with the digest of the entry alone: what is kept of a link does not grow with its entry. */
export interface DigestedLink extends ChainLink {
  readonly computed: Buffer | null;
}

/** A link that does not follow from the one before it, with what its explanation needs. */
interface Break {
  readonly link: DigestedLink;
  readonly before: DigestedLink | null;
  /** The hash before `before`. */
  readonly secondBefore: Buffer;
}

interface LooseEntry {
  readonly id: string;
  readonly entryHash: Buffer;
}

/** What is wrong beyond that is counted: a chain that was written anew as a whole must not fill the memory. */
const MAX_EXPLAINED = 10_000;
/**
 * What belongs at a place is found by trying what else is wrong, a digest each. Among five hundred all are tried.
 * Beyond that the rest is told without its home, so that nobody makes a verification last for hours.
 */
const MAX_TRIES = 250_000;

/** A link that was found sound before: what comes after it is inspected. */
export type KnownLink = Pick<ChainLink, 'sequence' | 'hash'>;

/**
 * Reads a chain link by link in the order of its sequence and says exactly which entry was altered, dropped, inserted
 * or moved. Linear, with memory for what is wrong only, and of that for the first ten thousand of a kind. What explains
 * them is sought in a bounded time.
 */
export class ChainInspection {
  readonly faults: ChainFault[] = [];
  links = 0;
  /** Found wrong, and not among the faults. */
  unexplained = 0;
  private last: DigestedLink | null = null;
  private hashBeforeLast: Buffer = GENESIS;
  private readonly breaks: Break[] = [];
  private readonly gaps: { from: number; to: number; before: Buffer; next: DigestedLink }[] = [];
  private readonly strangers: { link: DigestedLink; computed: Buffer }[] = [];
  private tries = MAX_TRIES;

  constructor(private readonly from: KnownLink = { sequence: 0, hash: GENESIS }) {
    this.hashBeforeLast = from.hash;
  }

  get end(): KnownLink {
    return this.last ?? this.from;
  }

  get isClean(): boolean {
    return [this.faults, this.breaks, this.gaps, this.strangers].every((found) => found.length === 0);
  }

  read(link: DigestedLink): void {
    this.links++;
    const { hash: previousHash, sequence } = this.end;
    const expected = sequence + 1;
    if (link.sequence !== expected) {
      this.keep(this.gaps, { from: expected, to: link.sequence - 1, before: previousHash, next: link });
    } else if (!linkHashOf(previousHash, link.entryHash).equals(link.hash)) {
      this.keep(this.breaks, { link, before: this.last, secondBefore: this.hashBeforeLast });
    }
    const { computed } = link;
    if (computed === null) {
      const detail = 'the entry is gone; its place in the chain is left';
      this.keep(this.faults, { kind: 'dropped', sequence: link.sequence, entryId: link.entryId, detail });
    } else if (!computed.equals(link.entryHash)) {
      this.keep(this.strangers, { link, computed });
    }
    this.hashBeforeLast = previousHash;
    this.last = link;
  }

  private keep<T>(found: T[], one: T): void {
    if (found.length < MAX_EXPLAINED) found.push(one);
    else this.unexplained++;
  }

  /** `entries`: those that neither stand in the chain nor wait for it. */
  conclude(entries: readonly ChainedEntry[]): ChainFault[] {
    const loose = entries.map((entry) => ({ id: entry.id, entryHash: entryHashOf(entry) }));
    const explained = new Set<string>();
    this.explainGaps(loose, explained);
    this.explainStrangers();
    this.explainBreaks(loose, explained);
    for (const entry of loose) {
      if (explained.has(entry.id)) continue;
      const detail = 'the entry is in no chain and does not wait for one: its link or its mark was removed';
      this.faults.push({ kind: 'unchained', sequence: null, entryId: entry.id, detail });
    }
    return this.faults.sort((a, b) => (a.sequence ?? Infinity) - (b.sequence ?? Infinity));
  }

  private explainGaps(loose: readonly LooseEntry[], explained: Set<string>): void {
    // of all gaps together: few links with numbers that are far apart leave many places
    let room = MAX_EXPLAINED;
    for (const { from, to, before, next } of this.gaps) {
      const single =
        from === to ? this.found(loose, ({ entryHash }) => follows(next, linkHashOf(before, entryHash))) : undefined;
      if (single) explained.add(single.id);
      const told = Math.min(to, from + room - 1);
      for (let sequence = from; sequence <= told; sequence++) {
        const detail = 'its place in the chain is missing';
        this.faults.push({ kind: 'dropped', sequence, entryId: single?.id ?? null, detail });
      }
      room -= told - from + 1;
      this.unexplained += to - told;
    }
  }

  /** The first that fits, as long as there are tries left. */
  private found<T>(among: readonly T[], fits: (one: T) => boolean): T | undefined {
    for (const one of among) {
      if (this.tries-- <= 0) return undefined;
      if (fits(one)) return one;
    }
    return undefined;
  }

  /** Entries that are not what their link says. */
  private explainStrangers(): void {
    const homes = new Map<string, number>();
    for (const { link } of this.strangers) {
      const digest = link.entryHash.toString('hex');
      if (!homes.has(digest)) homes.set(digest, link.sequence);
    }
    for (const { link, computed } of this.strangers) {
      const home = homes.get(computed.toString('hex'));
      if (home !== undefined) this.faults.push(reordered(link, home));
      else this.faults.push(fault('altered', link, 'the entry is not what was chained'));
    }
  }

  /** Links that do not follow from the one before. */
  private explainBreaks(loose: readonly LooseEntry[], explained: Set<string>): void {
    const { breaks } = this;
    const bySequence = new Map(breaks.map((one) => [one.link.sequence, one]));
    /** What a place's hash should be, where its row is not the right one. */
    const mended = new Map<number, Buffer>();
    for (const { link, before, secondBefore } of breaks) {
      const at = link.sequence;
      const previous = mended.get(at - 1) ?? before?.hash ?? this.from.hash;
      if (follows(link, previous)) continue;
      const rightOne = this.found(breaks, (other) => other.link !== link && follows(other.link, previous))?.link;
      const next = bySequence.get(at + 1)?.link;
      if (rightOne && rightOne === next && !follows(link, rightOne.hash)) {
        this.faults.push(fault('inserted', link, 'the next link follows from the one before this one'));
        mended.set(at, previous);
      } else if (rightOne) {
        this.faults.push(reordered(rightOne, at));
        mended.set(at, rightOne.hash);
      } else if (before && mended.get(at - 1) === undefined && follows(link, secondBefore)) {
        this.faults.push(fault('inserted', before, 'the next link follows from the one before this one'));
      } else {
        const swapped = this.found(
          breaks,
          (other) => other.link !== link && linkHashOf(previous, other.link.entryHash).equals(link.hash),
        );
        const taken = swapped
          ? undefined
          : this.found(loose, ({ entryHash }) => follows(link, linkHashOf(previous, entryHash)));
        if (swapped) {
          this.faults.push(reordered(swapped.link, at));
        } else if (taken) {
          explained.add(taken.id);
          const detail = 'it stood before this place, and the rest was renumbered';
          this.faults.push({ kind: 'dropped', sequence: at, entryId: taken.id, detail });
        } else {
          const detail =
            'it does not follow from the one before: it was altered with its digest, or what stood before it was taken out';
          this.faults.push(fault('altered', link, detail));
        }
      }
    }
  }
}

export function digested({ entry, ...link }: InspectedLink): DigestedLink {
  return { ...link, computed: entry && entryHashOf(entry) };
}

function follows(link: ChainLink, previous: Buffer): boolean {
  return linkHashOf(previous, link.entryHash).equals(link.hash);
}

function fault(kind: ChainFaultKind, link: ChainLink, detail: string): ChainFault {
  return { kind, sequence: link.sequence, entryId: link.entryId, detail };
}

function reordered(link: ChainLink, home: number): ChainFault {
  return fault('reordered', link, `it belongs at ${home}`);
}
