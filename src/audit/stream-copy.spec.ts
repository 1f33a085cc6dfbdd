import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { syslogFrame } from './adapters/syslog-sink';
import type { Anchor } from './audit-verifier';
import { chainOn, type ChainedEntry } from './chain';
import type { InspectedLink } from './chain-inspection';
import { MAX_LINE_BYTES, verifyCopy, type CopyVerification } from './stream-copy';
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

/** As a line has it. */
const memberOf = (name: string, value: unknown): string =>
  JSON.stringify({ [name]: value })
    .slice(1, -1)
    .replaceAll('ü', '\\u00fc');

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
    const altered = lines[4]!.replace(memberOf(name, value), memberOf(name, other));
    expect(altered).not.toBe(lines[4]);
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

  it('reads a line behind a header of syslog, and behind half a line', async () => {
    const headed = lines.map((line) => `<109>1 2023-11-14T22:13:20.000001Z host interlock 7 thing.done - ${line}`);
    expect(await verify(headed)).toMatchObject({ intact: true, links: LENGTH, unreadable: 0 });
    for (let at = 1; at < headed[0]!.length; at++) {
      const behind = [`${headed[0]!.slice(0, at)}${headed[0]!}`, ...headed.slice(1)];
      const unreadable = headed[0]!.slice(0, at).includes('{') ? 1 : 0;
      expect(await verify(behind)).toMatchObject({ intact: true, links: LENGTH, unreadable });
    }
    // half a line counts for nothing
    const torn = [lines[0]!.slice(0, 90), ...lines];
    expect(await verify(torn)).toMatchObject({ intact: true, unreadable: 1, firstUnreadable: 1 });
    expect((await verify([lines[0]!.slice(0, 90), ...lines.slice(1)])).intact).toBe(false);
  });

  const fifth = lines[4]!;
  const member = (name: string) => memberOf(name, (JSON.parse(fifth) as Record<string, unknown>)[name]);
  const forged = member('actorId').replace('j', 'k');
  it.each([
    ['another object before the link', `{${forged}} ${fifth}`],
    ['the link with another actor before it', `${fifth.replace(member('actorId'), forged)}${fifth}`],
    ['an object behind half a line', `${fifth.slice(0, 90)}"} {${forged}}${fifth}`],
    ['another object behind the link', `${fifth}{${forged}}`],
    ['a member twice', fifth.replace(member('actorId'), `${forged},${member('actorId')}`)],
    ['a member of no link', fifth.replace(/\}$/, `,${forged.replace('actorId', 'by')}}`)],
    ['a number that is written otherwise', fifth.replace('{"sequence":5', '{"sequence":5.0')],
    ['members in another order', fifth.replace(member('actorId') + ',', '').replace(/\}$/, `,${member('actorId')}}`)],
    ['space between', fifth.replace('","', '", "')],
    ['characters of no ASCII', fifth.replaceAll('\\u00fc', 'ü')],
  ])('takes a line for no link that holds %s', async (_what, line) => {
    expect(line).not.toBe(fifth);
    expect(linkOfLine(line)).toEqual({ link: null, isWhole: false });
    expect(await verify(lines.with(4, line))).toMatchObject({
      intact: false,
      unreadable: 1,
      firstUnreadable: 5,
      faults: [{ kind: 'dropped', sequence: 5 }],
    });
  });

  it('counts what numbers that are far apart leave out, and names the first ten thousand', async () => {
    const sequences = Array.from({ length: 60 }, (_one, index) => 1 + index * 1_000_000);
    const sparse = sequences.map((sequence) => streamLineOf({ ...links[0]!, sequence }).text);
    const { intact, faults, moreFaults } = await verify(sparse);
    expect([intact, faults.length, faults.length + moreFaults]).toEqual([false, 10_000, 59 * 999_999]);
  });

  it('reads a line of 16 MiB, and tells a longer one by its number', async () => {
    const headed = (bytes: number) => `${'h'.repeat(bytes - lines[4]!.length)}${lines[4]!}`;
    const longest = lines.with(4, headed(MAX_LINE_BYTES));
    expect(await verify(longest)).toMatchObject({ intact: true, unreadable: 0, tooLong: 0, firstTooLong: null });
    expect(await verify(lines.with(4, headed(MAX_LINE_BYTES + 1)))).toMatchObject({
      intact: false,
      unreadable: 0,
      tooLong: 1,
      firstTooLong: 5,
      faults: [{ kind: 'dropped', sequence: 5 }],
    });
  });

  it('reads on behind a line that no memory holds', async () => {
    const file = path.join(folder, 'long.jsonl');
    const written = openSync(file, 'w');
    // a hole: more characters than a string of V8 may have
    writeSync(written, `\n${lines.join('\n')}\n`, 600 * 1024 * 1024);
    closeSync(written);
    const found = await verifyCopy([file], last);
    expect(found).toMatchObject({ intact: true, links: LENGTH, unreadable: 0, tooLong: 1, firstTooLong: 1 });
  }, 30_000);

  it('reads what begins many strings once', () => {
    const begun = `{"sequence":"${'\\"'.repeat(300_000)}\\\u2028`;
    expect(linkOfLine(`${begun}${lines[4]!}`)).toEqual({ link: links[4], isWhole: false });
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
      expect(linkOfLine(message!)).toEqual({ link, isWhole: true });
    }
  });
});
