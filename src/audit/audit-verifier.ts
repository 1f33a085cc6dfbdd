import { Injectable } from '@nestjs/common';
import { type ChainedEntry, GENESIS } from './chain';
import { type ChainFault, ChainInspection, type InspectedLink } from './chain-inspection';
import { ChainRepository } from './store/chain.repository';

/** The end of the chain as it was seen; kept where the database's owner cannot write. */
export interface Anchor {
  readonly sequence: number;
  /** Hexadecimal. */
  readonly hash: string;
}

export interface AuditVerdict {
  readonly intact: boolean;
  readonly links: number;
  /** Entries that have committed and wait for the chainer: not covered yet. */
  readonly unchained: number;
  readonly faults: readonly ChainFault[];
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

const BATCH = 2_000;
const MAX_LOOSE = 10_000;

@Injectable()
export class AuditVerifier {
  constructor(private readonly chain: ChainRepository) {}

  async verify(anchor: Anchor | null = null): Promise<AuditVerdict> {
    const inspection = new ChainInspection();
    let atAnchor: InspectedLink | null = null;
    for await (const link of this.links()) {
      inspection.read(link);
      if (link.sequence === anchor?.sequence) atAnchor = link;
    }
    const faults = [...inspection.conclude(await this.chain.loose(MAX_LOOSE))];
    const last = inspection.lastLink;
    if (anchor) faults.push(...anchorFaults(anchor, last?.sequence ?? 0, atAnchor));
    return {
      intact: faults.length === 0,
      links: inspection.links,
      unchained: await this.chain.countUnchained(),
      faults,
      end: { sequence: last?.sequence ?? 0, hash: (last?.hash ?? GENESIS).toString('hex') },
    };
  }

  /** The whole log: in the order of the chain, then what is not chained yet. */
  async *export(): AsyncGenerator<ExportedEntry> {
    for await (const { entry, sequence, hash } of this.links()) {
      if (entry) yield exported(entry, sequence, hash);
    }
    let after: string | null = null;
    for (;;) {
      const entries: ChainedEntry[] = await this.chain.unchained(after, BATCH);
      for (const entry of entries) yield exported(entry, null, null);
      if (entries.length < BATCH) return;
      after = entries.at(-1)!.id;
    }
  }

  private async *links(): AsyncGenerator<InspectedLink> {
    let after = Number.MIN_SAFE_INTEGER;
    for (;;) {
      const links = await this.chain.links(after, BATCH);
      yield* links;
      if (links.length < BATCH) return;
      after = links.at(-1)!.sequence;
    }
  }
}

function anchorFaults(anchor: Anchor, last: number, atAnchor: InspectedLink | null): ChainFault[] {
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

/** To the microsecond: with fewer digits nobody could recompute a hash from an export. */
function isoOf(microseconds: string): string {
  const milliseconds = new Date(Number(microseconds.slice(0, -3))).toISOString();
  return milliseconds.replace('Z', `${microseconds.slice(-3)}Z`);
}
