import { Injectable } from '@nestjs/common';
import { GENESIS, isoOf, type ChainedEntry, type ChainLink } from './chain';
import { ChainInspection, digested, type ChainFault, type InspectedLink } from './chain-inspection';
import { ChainRepository, type EntriesStep } from './store/chain.repository';
import { streamLineOf, type StreamLine } from './stream-line';

/** The end of the chain as it was seen; kept where the database's owner cannot write. */
export interface Anchor {
  readonly sequence: number;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface VerificationResult {
  readonly intact: boolean;
  readonly links: number;
  /** Entries that have committed and wait for the chainer: not covered yet. */
  readonly unchained: number;
  /** The first ten thousand of each kind. */
  readonly faults: readonly ChainFault[];
  /** How many more there are. */
  readonly moreFaults: number;
  /** The end of the chain now: the next anchor. */
  readonly end: Anchor;
}

/** One line of an export. */
export interface ExportedEntry extends Omit<ChainedEntry, 'details' | 'occurredAt'> {
  readonly sequence: number | null;
  readonly hash: string | null;
  readonly occurredAt: string;
  readonly details: unknown;
}

/** How far a verification has come. */
export interface VerifyProgress {
  readonly step: 'chain' | 'entries';
  /** Links of the chain, or entries. */
  readonly done: number;
  /** About, for entries. */
  readonly total: number;
  /** The chain is sound up to here: a verification that is broken off may go on from it. null: something is wrong. */
  readonly sound: Anchor | null;
}

export interface VerifyOptions {
  /** Only what came after the anchor; the chain before it was verified when it was set. */
  readonly sinceAnchor?: boolean;
  /** Called after each batch, and waited for. */
  readonly onProgress?: (progress: VerifyProgress) => Promise<void> | void;
}

const BATCH = 2_000;
const ENTRIES_BATCH = 10_000;
const MAX_LOOSE = 10_000;

@Injectable()
export class AuditVerifier {
  constructor(private readonly chain: ChainRepository) {}

  /** In batches, each a statement of its own: memory and the time of a statement do not grow with the log. */
  async verify(anchor: Anchor | null = null, options: VerifyOptions = {}): Promise<VerificationResult> {
    const { onProgress } = options;
    const size = await this.chain.size();
    const from = options.sinceAnchor && anchor ? anchor : null;
    const inspection = new ChainInspection(from ? knownLink(from) : undefined);
    // what it stood for then stands there still, or all that follows is of another chain
    let atAnchor = from ? await this.chain.link(from.sequence) : null;
    for await (const links of this.batches(from?.sequence)) {
      for (const link of links) {
        inspection.read(digested(link));
        if (link.sequence === anchor?.sequence) atAnchor = link;
      }
      const { sequence } = inspection.end;
      const passed = anchor === null || (sequence >= anchor.sequence && atAnchor?.hash.toString('hex') === anchor.hash);
      const sound = inspection.isClean && (passed || anchor?.sequence === 0) ? anchorAt(inspection) : null;
      await onProgress?.({ step: 'chain', done: sequence, total: Math.max(size.lastSequence, sequence), sound });
    }
    const { loose, waiting, more } = await this.apart(size.entries, onProgress);
    const faults = [...inspection.conclude(await this.chain.entries(loose))];
    const end = anchorAt(inspection);
    if (anchor) faults.push(...anchorFaults(anchor, inspection.links > 0 ? end.sequence : size.lastSequence, atAnchor));
    const moreFaults = inspection.unexplained + more;
    return {
      intact: faults.length + moreFaults === 0,
      links: inspection.links,
      unchained: waiting,
      faults,
      moreFaults,
      end,
    };
  }

  /** Entries that are not in the chain: how many wait for it, and which do not. */
  private async apart(
    total: number,
    onProgress: VerifyOptions['onProgress'],
  ): Promise<{ loose: string[]; waiting: number; more: number }> {
    const loose: string[] = [];
    let [waiting, more, done] = [0, 0, 0];
    for (let after: string | null = null; ;) {
      const step: EntriesStep = await this.chain.notChained(after, ENTRIES_BATCH);
      const room = MAX_LOOSE - loose.length;
      loose.push(...step.loose.slice(0, room));
      more += Math.max(0, step.loose.length - room);
      waiting += step.waiting;
      done += step.entries;
      await onProgress?.({ step: 'entries', done, total: Math.max(total, done), sound: null });
      if (step.entries < ENTRIES_BATCH) return { loose, waiting, more };
      after = step.last;
    }
  }

  /** The whole log: in the order of the chain, then what is not chained yet. */
  async *export(): AsyncGenerator<ExportedEntry> {
    for await (const links of this.batches()) {
      for (const { entry, sequence, hash } of links) if (entry) yield exported(entry, sequence, hash);
    }
    let after: string | null = null;
    for (;;) {
      const entries: ChainedEntry[] = await this.chain.unchained(after, BATCH);
      for (const entry of entries) yield exported(entry, null, null);
      if (entries.length < BATCH) return;
      after = entries.at(-1)!.id;
    }
  }

  /** The chain as an audit stream sends it: `audit verify --from-stream` proves a whole one. */
  async *lines(): AsyncGenerator<StreamLine> {
    for await (const links of this.batches()) for (const link of links) yield streamLineOf(link);
  }

  private async *batches(after = Number.MIN_SAFE_INTEGER): AsyncGenerator<InspectedLink[]> {
    for (;;) {
      const links = await this.chain.links(after, BATCH);
      if (links.length > 0) yield links;
      if (links.length < BATCH) return;
      after = links.at(-1)!.sequence;
    }
  }
}

export function knownLink({ sequence, hash }: Anchor): { sequence: number; hash: Buffer } {
  return { sequence, hash: sequence === 0 ? GENESIS : Buffer.from(hash, 'hex') };
}

export function anchorAt({ end }: ChainInspection): Anchor {
  return { sequence: end.sequence, hash: end.hash.toString('hex') };
}

export function anchorFaults(anchor: Anchor, last: number, atAnchor: ChainLink | null): ChainFault[] {
  if (anchor.sequence === 0) return [];
  if (last < anchor.sequence) {
    const detail = `the chain ends at ${last}; it was seen up to ${anchor.sequence}`;
    const lost = Math.min(anchor.sequence - last, MAX_LOOSE);
    return Array.from({ length: lost }, (_one, index) => {
      return { kind: 'cut' as const, sequence: last + 1 + index, entryId: null, detail };
    });
  }
  if (atAnchor && atAnchor.hash.toString('hex') === anchor.hash) return [];
  const detail = 'the chain up to here is not the one that was seen: it was written anew';
  return [{ kind: 'rewritten', sequence: anchor.sequence, entryId: atAnchor?.entryId ?? null, detail }];
}

function exported(entry: ChainedEntry, sequence: number | null, hash: Buffer | null): ExportedEntry {
  return {
    sequence,
    hash: hash?.toString('hex') ?? null,
    ...entry,
    occurredAt: isoOf(entry.occurredAt),
    details: JSON.parse(entry.details) as unknown,
  };
}
