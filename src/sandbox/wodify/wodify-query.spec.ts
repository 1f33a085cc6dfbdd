import { parseWodifyQuery } from './wodify-query';

describe('parseWodifyQuery', () => {
  it('reads conditions, lists in braces, two bounds and quoted texts', () => {
    expect(parseWodifyQuery("id|between|5|9;last_name|in|{'Smith','a|b;c,d'};end_date|is_null;id|in|{1, 2}")).toEqual([
      {
        field: 'id',
        operation: 'between',
        values: [
          { text: '5', quoted: false },
          { text: '9', quoted: false },
        ],
      },
      {
        field: 'last_name',
        operation: 'in',
        values: [
          { text: 'Smith', quoted: true },
          { text: 'a|b;c,d', quoted: true },
        ],
      },
      { field: 'end_date', operation: 'is_null', values: [] },
      {
        field: 'id',
        operation: 'in',
        values: [
          { text: '1', quoted: false },
          { text: '2', quoted: false },
        ],
      },
    ]);
  });

  it.each(["last_name|eq|'open", 'a|b|c|d', '', '|eq|1', "name|eq|'O''Brien'", 'id|in|1,2', 'id|in|(1,2)'])(
    'refuses %s',
    (query) => {
      expect(() => parseWodifyQuery(query)).toThrow();
    },
  );
});
