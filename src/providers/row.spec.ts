import {
  flag,
  mapRows,
  nameIn,
  optionalId,
  receivedRows,
  requiredId,
  rowDigest,
  RowProblem,
  text,
  UnknownWord,
  wholeNumber,
} from './row';

describe('reading a row', () => {
  it('ids: numbers and texts become the same text, none is none', () => {
    expect(requiredId({ id: 7 }, 'id')).toBe('7');
    expect(requiredId({ id: ' 7 ' }, 'id')).toBe('7');
    for (const none of [null, undefined, '', 0, '0']) expect(optionalId({ id: none }, 'id')).toBeNull();
    for (const bad of [
      1.5,
      -1,
      Number.NaN,
      {},
      [],
      true,
      'a b',
      '.',
      '..',
      ' .. ',
      "'; drop",
      'x'.repeat(129),
      2 ** 60,
    ]) {
      expect(() => optionalId({ id: bad }, 'id')).toThrow('id: is not an id');
    }
  });

  it.each<[string, (rows: readonly object[]) => readonly unknown[]]>([
    ['values', (rows) => rows],
    ['unparsed', (rows) => rows.map((row) => ({ bytes: Buffer.from(JSON.stringify(row)), tooDeep: false }))],
  ])('a page of %s is known by the ids of its rows, in any order', (_what, received) => {
    const digest = (...rows: object[]) => receivedRows(received(rows)).digest;
    const page = digest({ id: 1, seen: 'now' }, { id: 'b' });
    expect(digest({ id: 'b', seen: 'later' }, { id: 1 })).toBe(page);
    expect(digest({ id: 1 }, { id: 'c' })).not.toBe(page);
    expect(digest({ id: 1 }, { id: 'b' }, { id: 2 })).not.toBe(page);
    // an id that stands further inside may be another's
    expect(digest({ holder: { id: 1 }, name: 'x' })).not.toBe(digest({ holder: { id: 1 }, name: 'y' }));
    expect(digest({ name: 'x' })).toBe(digest({ name: 'x' }));
    expect(digest({ id: null, name: 'x' })).not.toBe(digest({ id: null, name: 'y' }));
  });

  it.each([
    ['escrowed', 'is not a known status: escrowed'],
    ['On_Hold', 'is not a known status: On_Hold'],
    // what may be somebody's data, by its form or because the row has it elsewhere
    ['4242 4242', 'is not a known status: a word that is not shown here'],
    ['Ann', 'is not a known status: a word that is not shown here'],
    ['x'.repeat(33), 'is not a known status: a word that is not shown here'],
    ['', 'is not a known status'],
  ])('says which word of an enumeration it does not know, where it is a word: %j', (word, reason) => {
    const unknown = (): never => {
      throw new UnknownWord('status', 'status', word);
    };
    const [bad] = mapRows([{ id: 1, name: 'Ann Doe', status: word }], () => '1', unknown);
    expect(bad).toMatchObject({ path: 'status', reason });
  });

  it('texts: trimmed, cut, without what a database cannot take', () => {
    expect(text({ a: '  b  ' }, 'a')).toBe('b');
    expect(text({ a: '   ' }, 'a')).toBeNull();
    expect(text({ a: 'x\u0000y\nz' }, 'a')).toBe('x y z');
    expect(text({ a: 'x\ud800y' }, 'a')).toBe('xy');
    expect(text({ a: '😀'.repeat(10) }, 'a', 4)).toBe('😀'.repeat(4));
    expect(text({ a: 5 }, 'a')).toBe('5');
    expect(() => text({ a: {} }, 'a')).toThrow('a: is not a text');
  });

  it('flags and whole numbers come in several dresses', () => {
    expect([1, '1', true, 'true'].map((value) => flag({ a: value }, 'a', false))).toEqual([true, true, true, true]);
    expect([0, '0', false, 'false'].map((value) => flag({ a: value }, 'a', true))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(flag({}, 'a', true)).toBe(true);
    expect(() => flag({ a: 'maybe' }, 'a', true)).toThrow(RowProblem);
    expect([wholeNumber({ a: '12' }, 'a'), wholeNumber({ a: 12 }, 'a'), wholeNumber({}, 'a')]).toEqual([12, 12, null]);
    expect(() => wholeNumber({ a: 1.5 }, 'a')).toThrow(RowProblem);
  });

  it('takes the first name that holds something', () => {
    expect(nameIn({ total: '', amount: '1' }, 'total', 'amount')).toBe('amount');
    expect(nameIn({}, 'total', 'amount')).toBe('total');
  });
});

describe('mapRows', () => {
  const good = { record: {} as never, sourceUpdatedAt: null, store: 'always' as const, digest: null };

  it('puts a row that cannot be understood in quarantine and goes on with the next', () => {
    const secret = { id: 2, name: { first: 'Jane' } };
    const rows = mapRows(
      [{ id: 1 }, secret, null, { id: 3 }],
      (row) => requiredId(row, 'id'),
      (row) => {
        text(row, 'name');
        return good;
      },
    );
    expect(rows.map(({ externalId }) => externalId)).toEqual(['1', '2', null, '3']);
    expect(rows[1]).toEqual({ externalId: '2', reason: 'is not a text', path: 'name', rowDigest: rowDigest(secret) });
    expect(JSON.stringify(rows)).not.toContain('Jane');
    expect(rows[2]).toMatchObject({ path: '$', reason: 'is not an object' });
  });

  it('leaves out what is no row of the stream', () => {
    expect(
      mapRows(
        [{ id: 1 }],
        () => '1',
        () => null,
      ),
    ).toEqual([]);
  });

  it('does not hide a fault of our own', () => {
    expect(() =>
      mapRows(
        [{}],
        () => '1',
        () => {
          throw new TypeError('bug');
        },
      ),
    ).toThrow(TypeError);
  });
});
