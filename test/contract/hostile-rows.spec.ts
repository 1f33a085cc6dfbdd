import { createAdapter } from '../../src/providers/adapters';
import { commitRow } from '../../src/sync/page-rows';
import { LISTS } from '../support/hostile/lists';
import { PAGES } from '../support/pages';
import { fullScan, stubCall, StubHttp } from './provider-stub';

/** What a member of a row may turn out to be, as text: JSON that no provider should write. */
const LINE = `{"id":1,"description":"${'a'.repeat(300)}","product":"x","total":"1.00","final_charge":"1.00"}`;
const ODD: Readonly<Record<string, string>> = {
  'lists nested deeply': '['.repeat(5_000) + ']'.repeat(5_000),
  'objects nested deeply': '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000),
  'a number beyond all': '1e400',
  'a number beyond int8': '9e99',
  'a number of hardly anything': '5e-324',
  'digits without end': `"${'9'.repeat(200_000)}"`,
  'a year of five digits': '"9999-12-31T23:59:59-12:00"',
  'a year before the first': '"0001-01-01T00:00:00+14:00"',
  'a long text': `"${'é'.repeat(100_000)}"`,
  'half a pair': '"\\ud800"',
  'a NUL': '"a\\u0000b"',
  'an object that is no primitive': '{"toString":1,"valueOf":1,"__proto__":{"x":1}}',
  'a list of anything': '[null,[],{},1,"",{"id":[],"quantity":{"valueOf":1},"total":1e300,"description":{}}]',
  'a quantity beyond all': `[${LINE.replace('"id":1', '"id":1,"quantity":1e308')}]`,
  'many lines': `[${Array.from({ length: 1_000 }, () => LINE).join()}]`,
  null: 'null',
};
const MEMBERS = [
  ...new Set(
    Object.values(LISTS).flatMap((shape) => [...Object.keys(JSON.parse(shape.row(1)) as object), shape.lines]),
  ),
  ...[
    'balance',
    'due_date',
    'payment_date',
    'payment_due',
    'paid_on_date',
    'payment_plan',
    'address',
    'email',
    'visits',
  ],
].filter((member) => member !== 'id');

/** The providers whose rows are written above. */
const STREAMS = (['practicehub', 'wodify', 'terminal'] as const).flatMap((id) =>
  createAdapter(id).streams.map((stream) => [`${id}: ${stream.key}`, id, stream] as const),
);

describe.each(STREAMS)('rows of %s with a member that is odd', (_title, id, stream) => {
  const base = `http://provider.test${{ practicehub: '/api', wodify: '/v1', terminal: '' }[id]}`;
  const numbers = Array.from({ length: MEMBERS.length * 2 + 1 }, (_, index) => index + 1);

  it.each(Object.entries(ODD))('(%s) stop no other row', async (_what, value) => {
    // every other row is sound; each of the rest has one odd member
    const memberOf = (number: number) => (number % 2 === 0 ? `"${MEMBERS[number / 2 - 1]}":${value}` : undefined);
    const http = new StubHttp((path) => {
      const single = /^(.*)\/(\d+)$/.exec(path);
      const shape = LISTS[single?.[1] ?? path];
      // a list that is asked beside the stream's own
      if (!shape) return { status: 404, body: {} };
      const row = (number: number) => shape.row(number, memberOf(number));
      if (single === null) return { text: shape.body(numbers.map(row).join(), false) };
      const text = row(Number(single[2]));
      return { body: JSON.parse(text), text };
    });
    const page = await stream.fetchPage(stubCall(http, base, { timezone: 'America/New_York' }), fullScan);
    const rows = page.rows.map((row) => commitRow(row, PAGES.reading));
    const kept = new Set(rows.filter((row) => 'json' in row).map(({ externalId }) => externalId?.replace(/^.*:/, '')));
    expect(numbers.filter((number) => number % 2 === 1 && !kept.has(String(number)))).toEqual([]);
    for (const row of rows) {
      if (!('json' in row)) continue;
      expect(row.json.length).toBeLessThanOrEqual(256 * 1024);
      // what the database could not read: a year that is not of four digits, half a character, a NUL
      expect(/"[+-]\d{6}-|\\u0000|\\ud8/.test(row.json.toString())).toBe(false);
    }
  });
});
