import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { syslogFrame } from './adapters/syslog-sink';
import type { Anchor } from './audit-verifier';
import { chainOn, type ChainedEntry } from './chain';
import type { InspectedLink } from './chain-inspection';
import { verifyCopy, type CopyVerification } from './stream-copy';
import { linkOfLine, streamLineOf } from './stream-line';

const LENGTH = 12;
const entries = Array.from({ length: LENGTH }, (_one, index): ChainedEntry => ({
  id: `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
  occurredAt: String(1_700_000_000_000_000 + index),
  action: 'thing.done',
  merchantId: null,
  environment: 'live',
  actorKind: 'cli',
  actorId: 'jürgen',
  requestId: null,
  subjectType: 'thing',
  subjectId: `thing ${index}`,
  reason: 'a "reason"\n{"sequence":1}',
  details: `{"b": 1.50, "aa": ${index}}`,
}));
const links: InspectedLink[] = chainOn(null, entries).map((link, index) => ({ ...link, entry: entries[index]! }));
const lines = links.map((link) => streamLineOf(link).text);
const last = { sequence: LENGTH, hash: links.at(-1)!.hash.toString('hex') };

describe('the copy of an audit stream', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'interlock-stream-copy-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const verify = (
    copy: readonly string[],
    anchor: Anchor | null = null,
    options?: { sinceAnchor: boolean },
  ): Promise<CopyVerification> => {
    const file = path.join(folder, 'copy.jsonl');
    writeFileSync(file, copy.map((line) => `${line}\n`).join(''));
    return verifyCopy([file], anchor, options);
  };
  const named = ({ faults }: CopyVerification) => faults.map(({ kind, sequence }) => [kind, sequence]);

  it('is intact in any order and with any duplicates', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: LENGTH - 1 }), { maxLength: 40 }), async (more) => {
        const copy = [...more.map((index) => lines[index]!), ...lines];
        expect(await verify(copy, last)).toMatchObject({
          intact: true,
          links: LENGTH,
          duplicates: more.length,
          end: last,
        });
      }),
      { numRuns: 50 },
    ));

  it('names each link that is missing, wherever it is', async () => {
    for (let missing = 1; missing < LENGTH; missing++) {
      const found = await verify(lines.filter((_line, index) => index !== missing - 1));
      expect([found.intact, named(found)]).toEqual([false, [['dropped', missing]]]);
    }
    // of the end only an anchor knows
    const cut = lines.slice(0, -1);
    expect(await verify(cut)).toMatchObject({ intact: true });
    expect(named(await verify(cut, last))).toEqual([['cut', LENGTH]]);
  });

  const members = Object.keys(JSON.parse(lines[4]!) as object).filter((name) => name !== 'sequence');
  it.each(members)('finds a %s that was altered, in the only line and in a duplicate', async (name) => {
    const value = (JSON.parse(lines[4]!) as Record<string, unknown>)[name];
    const other = /[hH]ash$/.test(name)
      ? '0'.repeat(64)
      : name === 'occurredAt'
        ? String(value).replace(/\dZ$/, '9Z')
        : `${String(value)}x`;
    const altered = JSON.stringify({ ...(JSON.parse(lines[4]!) as object), [name]: other });
    const only = await verify([...lines.slice(0, 4), altered, ...lines.slice(5)]);
    expect([only.intact, named(only).some(([, sequence]) => sequence === 5 || sequence === 6)]).toEqual([false, true]);
    expect((await verify([...lines, altered])).intact).toBe(false);
    expect((await verify([altered, ...lines])).intact).toBe(false);
  });

  it('finds a chain that was written anew, by its anchor', async () => {
    const forged = entries.map((entry) => ({ ...entry, actorId: 'somebody else' }));
    const copy = chainOn(null, forged).map((link, index) => streamLineOf({ ...link, entry: forged[index]! }).text);
    expect(named(await verify(copy, last))).toEqual([['rewritten', LENGTH]]);
  });

  it('may begin behind an anchor', async () => {
    const anchor = { sequence: 5, hash: links[4]!.hash.toString('hex') };
    expect(await verify(lines.slice(5), anchor, { sinceAnchor: true })).toMatchObject({ intact: true, links: 7 });
    expect(named(await verify(lines.slice(6), anchor, { sinceAnchor: true }))).toEqual([['dropped', 6]]);
    expect((await verify(lines.slice(5))).intact).toBe(false);
  });

  it('reads a line behind a header of syslog and behind half a line, and written again by another program', async () => {
    const again = lines.map((line) => {
      const { sequence, ...others } = JSON.parse(line) as { sequence: number };
      return JSON.stringify({ ...others, sequence }, null, 1).replaceAll('\n', '');
    });
    expect(await verify(again)).toMatchObject({ intact: true, links: LENGTH, unreadable: 0 });
    const behind = [`${lines[0]!.slice(0, 90)}${lines[0]!}`, ...lines.slice(1).map((line) => `<109>1 - host ${line}`)];
    expect(await verify(behind)).toMatchObject({ intact: true, links: LENGTH, unreadable: 0 });
    // half a line counts for nothing
    const torn = [lines[0]!.slice(0, 90), ...lines];
    expect(await verify(torn)).toMatchObject({ intact: true, unreadable: 1, firstUnreadable: 1 });
    expect((await verify([lines[0]!.slice(0, 90), ...lines.slice(1)])).intact).toBe(false);
  });

  it('names an entry that was gone when it was sent', async () => {
    const gone = streamLineOf({ ...links[4]!, entry: null }).text;
    expect(named(await verify(lines.with(4, gone)))).toEqual([['dropped', 5]]);
  });

  it('is ASCII, so that its characters are octets', () => {
    for (const link of links) {
      const frame = syslogFrame(streamLineOf(link));
      expect(frame).toMatch(/^[\x20-\x7e]+$/);
      const [, length, message] = /^(\d+) (.*)$/.exec(frame)!;
      expect(message).toHaveLength(Number(length));
      expect(message).toMatch(/^<109>1 2023-11-14T22:13:20\.\d{6}Z \S+ interlock \d+ thing\.done - \{/);
      expect(linkOfLine(message!)).toEqual(link);
    }
  });
});
