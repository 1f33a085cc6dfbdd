import type { JsonElement } from '../platform/outbound';
import { pagesToTheEnd, partOfList, type ReadAt } from './bounded-reading';

const row = (id: number, size = 0): JsonElement => ({
  bytes: Buffer.from(`{"id":${id},"x":"${'x'.repeat(size)}"}`),
  tooDeep: false,
});
/** Pages of rows that count on for ever; `asked` counts them. */
function endless(rowsPerPage: number, size = 0): { readAt: ReadAt; asked: () => number } {
  let asked = 0;
  const readAt: ReadAt = async (position) => {
    asked++;
    const page = Number(position ?? 0);
    const rows = Array.from({ length: rowsPerPage }, (_, index) => row(page * rowsPerPage + index, size));
    return { rows, next: String(page + 1) };
  };
  return { readAt, asked: () => asked };
}
const same: ReadAt = async () => ({ rows: [row(1)], next: '1' });
const idOf = ({ bytes }: JsonElement): number => (JSON.parse(bytes.toString()) as { id: number }).id;
async function readAll(readAt: ReadAt): Promise<number> {
  let rows = 0;
  for await (const page of pagesToTheEnd(readAt)) rows += page.length;
  return rows;
}

describe('a list that is read to its end', () => {
  it('is read to its end', async () => {
    const { readAt } = endless(3);
    expect(
      await readAll(async (at) => ({ ...(await readAt(at))!, next: at === '4' ? null : String(Number(at ?? 0) + 1) })),
    ).toBe(15);
    expect(await readAll(async () => null)).toBe(0);
  });

  it.each<[string, ReturnType<typeof endless>, number]>([
    ['pages', endless(0), 1_000],
    ['rows', endless(1_000), 100],
    ['bytes', endless(1, 4_000_000), 70],
  ])('fails where it has %s without end', async (_what, { readAt, asked }, most) => {
    await expect(readAll(readAt)).rejects.toMatchObject({ verdict: 'contract' });
    expect(asked()).toBeLessThanOrEqual(most);
  });

  it('fails where a page comes a second time', async () => {
    await expect(readAll(same)).rejects.toThrow('begins again');
  });
});

describe('a part of a list', () => {
  it('and the parts behind it are the whole list, each entry once', async () => {
    const { readAt } = endless(7);
    const ending: ReadAt = async (at) => ({
      ...(await readAt(at))!,
      next: Number(at ?? 0) >= 4 ? null : String(Number(at ?? 0) + 1),
    });
    for (const limit of [1, 3, 7, 10, 34, 35, 100]) {
      const seen: number[] = [];
      let cursor: string | null = null;
      do {
        const part: { entries: number[]; next: string | null } = await partOfList(ending, { limit, cursor }, idOf);
        expect(part.entries.length).toBeLessThanOrEqual(limit);
        seen.push(...part.entries);
        cursor = part.next;
      } while (cursor !== null);
      expect(seen).toEqual(Array.from({ length: 35 }, (_, index) => index));
    }
  });

  it.each<[string, ReturnType<typeof endless>]>([
    ['pages', endless(0)],
    ['rows', endless(1_000)],
    ['bytes', endless(1, 4_000_000)],
  ])('is cut, and says so, where the list has %s without end', async (_what, { readAt, asked }) => {
    const { entries, next } = await partOfList(readAt, { limit: 1_000, cursor: null }, idOf);
    expect(entries.length).toBeLessThanOrEqual(1_000);
    expect(next).not.toBeNull();
    expect(asked()).toBeLessThanOrEqual(50);
  });

  it('fails where a page comes a second time, or the cursor is none', async () => {
    await expect(partOfList(same, { limit: 10, cursor: null }, idOf)).rejects.toThrow('begins again');
    await expect(partOfList(same, { limit: 10, cursor: 'x' }, idOf)).rejects.toMatchObject({
      verdict: 'configuration',
      field: 'cursor',
    });
  });
});
