import { parseWodifyQuery } from './wodify-query';

describe('parseWodifyQuery', () => {
  it('reads conditions, lists and quoted texts', () => {
    expect(parseWodifyQuery("id|gte|5;last_name|in|('O''Brien','a|b;c,d');end_date|is_null")).toEqual([
      { field: 'id', operation: 'gte', values: [{ text: '5', quoted: false }] },
      {
        field: 'last_name',
        operation: 'in',
        values: [
          { text: "O'Brien", quoted: true },
          { text: 'a|b;c,d', quoted: true },
        ],
      },
      { field: 'end_date', operation: 'is_null', values: [] },
    ]);
  });

  it.each(["last_name|eq|'open", 'a|b|c|d', '', '|eq|1', "name|eq|'a'b'c'"])('refuses %s', (query) => {
    expect(() => parseWodifyQuery(query)).toThrow();
  });
});
