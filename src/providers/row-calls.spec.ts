import { ProviderFailure, type Verdict } from '../platform/outbound';
import { isBadRow } from './provider';
import { RowCalls } from './row-calls';

describe('calls for single rows', () => {
  const failing = (verdict: Verdict) => async (): Promise<string> => {
    throw new ProviderFailure(verdict, 'no');
  };
  /** The letter of what became of each row: good, bad, or thrown. */
  const outcomes = async (calls: RowCalls, rows: readonly (Verdict | 'fine')[]): Promise<string> => {
    let letters = '';
    for (const [index, row] of rows.entries()) {
      const call = row === 'fine' ? async () => 'row' : failing(row);
      const letter = await calls.ask(String(index), {}, call).then(
        (answer) => (typeof answer === 'string' ? 'g' : isBadRow(answer) ? 'b' : '?'),
        () => 't',
      );
      letters += letter;
    }
    return letters;
  };
  const many = (count: number, verdict: Verdict) => Array.from({ length: count }, () => verdict);

  it.each([...many(1, 'permission'), ...many(1, 'contract')])(
    '%s is of the row, and no list is asked',
    async (verdict) => {
      const list = jest.fn();
      expect(await outcomes(new RowCalls(list), [...many(20, verdict), 'fine'])).toBe(`${'b'.repeat(20)}g`);
      expect(list).not.toHaveBeenCalled();
    },
  );

  it.each<Verdict>(['provider_down', 'network'])(
    '%s of many rows is theirs while their list answers',
    async (verdict) => {
      const list = jest.fn(async () => 'list');
      expect(await outcomes(new RowCalls(list), [...many(7, verdict), 'fine', ...many(2, verdict)])).toBe('bbbbbbbgbb');
      expect(list).toHaveBeenCalledTimes(2);
    },
  );

  it.each<Verdict>(['provider_down', 'network'])(
    '%s of three in a row is an outage when their list fails too',
    async (verdict) => {
      const calls = new RowCalls(failing('provider_down'));
      expect(await outcomes(calls, [verdict, verdict, 'fine', verdict, verdict, verdict])).toBe('bbgbbt');
    },
  );

  it.each<Verdict>(['auth', 'configuration'])(
    '%s is of the row while its list answers, and of all where it does not',
    async (verdict) => {
      expect(await outcomes(new RowCalls(async () => 'list'), [verdict, 'fine'])).toBe('bg');
      expect(await outcomes(new RowCalls(failing(verdict)), [verdict])).toBe('t');
    },
  );

  it.each<Verdict>(['rate_limited', 'internal'])('%s is never of the row', async (verdict) => {
    expect(await outcomes(new RowCalls(async () => 'list'), [verdict])).toBe('t');
  });

  it('asks for no more once twelve in a row were not shown: each costs all its retries', async () => {
    const calls = new RowCalls(async () => 'list');
    await outcomes(calls, [...many(11, 'network'), 'fine', ...many(11, 'network')]);
    expect(calls.isGivenUp).toBe(false);
    await outcomes(calls, ['network']);
    expect(calls.isGivenUp).toBe(true);
    const call = jest.fn();
    expect(await calls.ask('1', {}, call)).toMatchObject({
      externalId: '1',
      reason: expect.stringContaining('not asked'),
    });
    expect(call).not.toHaveBeenCalled();
  });
});
