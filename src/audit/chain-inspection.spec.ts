import * as fc from 'fast-check';
import { chainOn, entryHashOf, GENESIS, linkHashOf, type ChainedEntry } from './chain';
import { ChainInspection, digested, type ChainFault, type InspectedLink } from './chain-inspection';

const entryOf = (index: number): ChainedEntry => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  occurredAt: String(1_700_000_000_000_000 + index),
  action: 'secret.opened',
  merchantId: null,
  environment: 'live',
  actorKind: 'run',
  actorId: `run-${index}`,
  requestId: null,
  subjectType: 'secret',
  subjectId: `secret-${index}`,
  reason: null,
  details: '{"purpose": "sync"}',
});

/** A chain of `length`; the entry at sequence n has index n. */
function chainOf(length: number): InspectedLink[] {
  const entries = Array.from({ length }, (_one, index) => entryOf(index + 1));
  return chainOn(null, entries).map((link, index) => ({ ...link, entry: entries[index]! }));
}

function inspect(links: readonly InspectedLink[], loose: readonly ChainedEntry[] = []): ChainFault[] {
  const inspection = new ChainInspection();
  for (const link of links) inspection.read(digested(link));
  return inspection.conclude(loose);
}

const named = (faults: readonly ChainFault[]) => faults.map(({ kind, sequence, entryId }) => [kind, sequence, entryId]);
const idAt = (index: number) => entryOf(index).id;
/** Sequences in their order again, as the table would return them. */
const renumbered = (links: InspectedLink[]) => links.map((link, index) => ({ ...link, sequence: index + 1 }));

describe('chain inspection', () => {
  it('finds nothing in an intact chain, whatever its length', () => {
    for (const length of [0, 1, 2, 50]) expect(inspect(chainOf(length))).toEqual([]);
  });

  const changes: [string, Partial<ChainedEntry>][] = [
    ['id', { id: idAt(99) }],
    ['time, by a microsecond', { occurredAt: '1700000000000006' }],
    ['action', { action: 'secret.sealed' }],
    ['merchant', { merchantId: idAt(1) }],
    ['environment', { environment: 'sandbox' }],
    ['kind of actor', { actorKind: 'cli' }],
    ['actor', { actorId: 'run-6' }],
    ['request id', { requestId: 'r' }],
    ['kind of subject', { subjectType: 'key' }],
    ['subject', { subjectId: 'secret-6' }],
    ['reason', { reason: 'because' }],
    ['details', { details: '{"purpose": "test"}' }],
  ];
  it.each(changes)('names the entry whose %s was altered', (_what, change) => {
    const links = chainOf(9);
    links[4] = { ...links[4]!, entry: { ...links[4]!.entry!, ...change } };
    expect(named(inspect(links))).toEqual([['altered', 5, idAt(5)]]);
  });

  it('names an entry that was altered together with its digest', () => {
    const links = chainOf(9);
    const entry = { ...entryOf(5), reason: 'because' };
    links[4] = { ...links[4]!, entry, entryHash: entryHashOf(entry) };
    expect(named(inspect(links))).toEqual([['altered', 5, idAt(5)]]);
  });

  it('names the last entry as exactly as one in the middle, and the first', () => {
    for (const at of [1, 9]) {
      const links = chainOf(9);
      links[at - 1] = { ...links[at - 1]!, entry: { ...entryOf(at), action: 'x' } };
      expect(named(inspect(links))).toEqual([['altered', at, idAt(at)]]);
    }
  });

  it('names an entry that was dropped and left its link', () => {
    const links = chainOf(9);
    links[4] = { ...links[4]!, entry: null };
    expect(named(inspect(links))).toEqual([['dropped', 5, idAt(5)]]);
  });

  it('names the place whose link was dropped, and the entry while it is there', () => {
    const links = chainOf(9);
    links.splice(4, 1);
    expect(named(inspect(links))).toEqual([['dropped', 5, null]]);
    expect(named(inspect(links, [entryOf(5)]))).toEqual([['dropped', 5, idAt(5)]]);
  });

  it('names every place of a gap, at the beginning too', () => {
    const links = chainOf(9);
    expect(named(inspect([...links.slice(0, 3), ...links.slice(6)]))).toEqual([
      ['dropped', 4, null],
      ['dropped', 5, null],
      ['dropped', 6, null],
    ]);
    expect(named(inspect(links.slice(2)))).toEqual([
      ['dropped', 1, null],
      ['dropped', 2, null],
    ]);
  });

  it('names the place where an entry was dropped and the rest renumbered', () => {
    const links = renumbered(chainOf(9).filter((link) => link.sequence !== 5));
    const faults = inspect(links);
    expect(faults).toHaveLength(1);
    expect(faults[0]!.sequence).toBe(5);
    expect(faults[0]!.detail).toMatch(/taken out/);
    expect(named(inspect(links, [entryOf(5)]))).toEqual([['dropped', 5, idAt(5)]]);
  });

  it.each([true, false])('names an entry that was inserted and the rest renumbered (well hashed: %s)', (wellHashed) => {
    const links = chainOf(9);
    const entry = entryOf(77);
    const entryHash = entryHashOf(entry);
    const hash = wellHashed ? linkHashOf(links[3]!.hash, entryHash) : Buffer.alloc(32, 7);
    links.splice(4, 0, { sequence: 0, entryId: entry.id, entryHash, hash, entry });
    expect(named(inspect(renumbered(links)))).toEqual([['inserted', 5, idAt(77)]]);
  });

  it.each([
    [3, 7],
    [4, 5],
    [1, 9],
    [8, 9],
  ])('names both of two whole links that changed places (%i and %i)', (one, other) => {
    const links = chainOf(9);
    [links[one - 1], links[other - 1]] = [links[other - 1]!, links[one - 1]!];
    const faults = inspect(renumbered(links));
    expect(named(faults)).toEqual([
      ['reordered', one, idAt(other)],
      ['reordered', other, idAt(one)],
    ]);
    expect(faults.map((fault) => fault.detail)).toEqual([`it belongs at ${other}`, `it belongs at ${one}`]);
  });

  it.each([
    [3, 7],
    [4, 5],
  ])('names both of two entries that changed places while the hashes stayed (%i and %i)', (one, other) => {
    for (const digestsMoveToo of [true, false]) {
      const links = chainOf(9);
      const [a, b] = [links[one - 1]!, links[other - 1]!];
      links[one - 1] = { ...a, entry: b.entry, entryId: b.entryId, ...(digestsMoveToo && { entryHash: b.entryHash }) };
      links[other - 1] = {
        ...b,
        entry: a.entry,
        entryId: a.entryId,
        ...(digestsMoveToo && { entryHash: a.entryHash }),
      };
      expect(named(inspect(links))).toEqual([
        ['reordered', one, idAt(other)],
        ['reordered', other, idAt(one)],
      ]);
    }
  });

  it('names a link whose own hash was altered, though the next one no longer follows from it', () => {
    const links = chainOf(9);
    links[4] = { ...links[4]!, hash: Buffer.alloc(32, 1) };
    const faults = inspect(links);
    expect(faults[0]).toMatchObject({ sequence: 5, entryId: idAt(5) });
  });

  it('names an entry that stands outside of the chain', () => {
    expect(named(inspect(chainOf(3), [entryOf(50)]))).toEqual([['unchained', null, idAt(50)]]);
  });

  it('tells ten thousand places that are wrong, and as many entries outside, without trying each with each', () => {
    const links = chainOf(10_000).map((link) => ({ ...link, hash: linkHashOf(link.hash, link.entryHash) }));
    const outside = Array.from({ length: 10_000 }, (_one, index) => entryOf(20_000 + index));
    const faults = inspect(links, outside);
    expect(faults.filter(({ kind }) => kind === 'altered')).toHaveLength(10_000);
    expect(faults.filter(({ kind }) => kind === 'unchained')).toHaveLength(10_000);
  }, 30_000);

  it('names the homes of ten thousand entries that changed places', () => {
    const links = chainOf(10_000);
    const moved = links.map((link, index) => ({ ...link, entry: links[(index + 1) % links.length]!.entry }));
    expect(inspect(moved).map(({ detail }) => detail)).toEqual(
      links.map(({ sequence }) => `it belongs at ${(sequence % links.length) + 1}`),
    );
  });

  it('never calls a tampered chain intact', () => {
    const tamper = fc.record({
      at: fc.integer({ min: 0, max: 11 }),
      to: fc.integer({ min: 0, max: 11 }),
      how: fc.constantFrom('alter', 'drop', 'move', 'rehash', 'forget'),
      renumber: fc.boolean(),
    });
    fc.assert(
      fc.property(tamper, ({ at, to, how, renumber }) => {
        const links = chainOf(12);
        const [link] = links.splice(at, 1) as [InspectedLink];
        if (how === 'alter') links.splice(at, 0, { ...link, entry: { ...link.entry!, actorId: 'thief' } });
        if (how === 'rehash') links.splice(at, 0, { ...link, hash: Buffer.from(GENESIS) });
        if (how === 'forget') links.splice(at, 0, { ...link, entry: null });
        if (how === 'move') links.splice(to, 0, link);
        // what is cut from the tail only an anchor shows; what was put back where it stood is no tampering
        if ((how === 'drop' && at === 11) || (how === 'move' && at === to)) return true;
        return inspect(renumber || how === 'move' ? renumbered(links) : links).length > 0;
      }),
      { numRuns: 500 },
    );
  });
});
