import fc from 'fast-check';
import { ProviderFailure } from '../platform/outbound';
import { FIRST_PAGE, fittingPage, pageAfter, pageOfText, textOfPage, type NumberedPage } from './page-size';

const tooLarge = (): ProviderFailure => new ProviderFailure('contract', 'too large', { tooLarge: true });

/** A list of rows, each of so many bytes, whose answers hold at most `limit`. */
async function readAll(sizes: readonly number[], limit: number): Promise<number[]> {
  const read: number[] = [];
  let position: string | null = textOfPage(FIRST_PAGE);
  while (position !== null) {
    const { answer, page }: { answer: number[]; page: NumberedPage } = await fittingPage(
      pageOfText(position),
      async ({ number, size }: NumberedPage) => {
        const from = (number - 1) * size;
        const rows = sizes.slice(from, from + size);
        if (rows.reduce((sum, bytes) => sum + bytes, 0) > limit) throw tooLarge();
        return rows.map((_bytes, index) => from + index);
      },
    );
    read.push(...answer);
    position = answer.length < page.size ? null : textOfPage(pageAfter(page, answer.length));
  }
  return read;
}

describe('a list whose pages are too large', () => {
  it('is read in smaller ones, every row once and in order, however large each row is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 10 }), { maxLength: 450 }),
        fc.integer({ min: 10, max: 600 }),
        async (sizes, limit) => {
          expect(await readAll(sizes, limit)).toEqual(sizes.map((_bytes, index) => index));
        },
      ),
    );
  });

  it('fails where one row alone is too large, and for any other reason at once', async () => {
    await expect(readAll([1, 1, 20], 10)).rejects.toMatchObject({ tooLarge: true });
    const ask = jest.fn().mockRejectedValue(new ProviderFailure('provider_down', 'down'));
    await expect(fittingPage(FIRST_PAGE, ask)).rejects.toMatchObject({ verdict: 'provider_down' });
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('fails behind a page that was shorter than asked for: it is not known with which row the next one begins', async () => {
    const next = pageOfText(textOfPage(pageAfter(FIRST_PAGE, 30)));
    const ask = jest.fn().mockRejectedValue(tooLarge());
    await expect(fittingPage(next, ask)).rejects.toMatchObject({ tooLarge: true });
    expect(ask.mock.calls).toEqual([[{ number: 2, size: 100, afterFull: false }]]);
    expect(textOfPage(pageAfter(next, 100))).toBe('3~');
  });

  it.each(['', '0', 'x50', '1x7', '-1', '1.5', 'NaN', '1x'])('has no page %p', (text) => {
    expect(() => pageOfText(text)).toThrow('cannot be read');
  });
});
