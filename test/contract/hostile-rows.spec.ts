import { PROVIDER_IDS, type Stream } from '../../src/providers';
import { createAdapter } from '../../src/providers/adapters';
import { commitRow } from '../../src/sync/page-rows';
import { LISTS } from '../support/hostile/lists';
import { fullScan, StubHttp, stubCall } from './provider-stub';

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
/** What a member of a row may turn out to be, as text: JSON that no provider should write. */
const ODD: Readonly<Record<string, string>> = {
  'nested deeply': nested(20_000),
  'nested objects': '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
  'a number beyond all': '1e400',
  'a number beyond int8': '9e99',
  'a number of hardly anything': '5e-324',
  'a million digits': `"${'9'.repeat(1_000_000)}"`,
  'a year of five digits': '"9999-12-31T23:59:59-12:00"',
  'a year before the first': '"0001-01-01T00:00:00+14:00"',
  'a text of a megabyte': `"${'é'.repeat(500_000)}"`,
  'half a pair': '"\\ud800"',
  'a NUL': '"a\\u0000b"',
  'an object that is no primitive': '{"toString":1,"valueOf":1,"__proto__":{"x":1}}',
  'a list of anything':
    '[null,[],{},1,"",{"id":[],"quantity":{"valueOf":1},"total":1e300,"final_charge":1e300,"description":{}}]',
  'many lines': `[${Array.from({ length: 20_000 }, (_, id) => `{"id":${id + 1},"description":"a line","product":"x","total":"1.00","final_charge":"1.00"}`).join()}]`,
  true: 'true',
  null: 'null',
};

describe.each(
  PROVIDER_IDS.flatMap((id) =>
    createAdapter(id).streams.map((stream) => [`${id}: ${stream.key}`, id, stream] as const),
  ),
)('a row of %s with a member that is odd', (_title, id, stream: Stream) => {
  const base = 'http://provider.test' + (id === 'practicehub' ? '/api' : id === 'wodify' ? '/v1' : '');
  const readWith = async (odd: string) => {
    const http = new StubHttp((path) => {
      const single = /^(.*)\/(\d+)$/.exec(path);
      const shape = LISTS[single?.[1] ?? path]!;
      const row = (number: number) => shape.row(number, number === 2 ? odd : undefined);
      const text = single === null ? shape.body([1, 2, 3].map(row).join(), false) : row(Number(single[2]));
      return { text, body: single === null ? undefined : JSON.parse(text) };
    });
    const page = await stream.fetchPage(stubCall(http, base, { timezone: 'America/New_York' }), fullScan);
    return page.rows.map(commitRow);
  };

  const all = new Set([
    ...Object.values(LISTS).flatMap((shape) => [...Object.keys(JSON.parse(shape.row(1)) as object), shape.lines]),
    'balance',
    'due_date',
    'payment_date',
    'payment_due',
    'paid_on_date',
    'payment_plan',
    'address',
    'email',
    'visits',
    'status',
  ]);
  all.delete('id');

  it.each(Object.entries(ODD))('(%s) stops no other row', async (_what, value) => {
    for (const member of all) {
      const rows = await readWith(`"${member}":${value}`);
      const kept = rows.filter((row) => 'json' in row).map(({ externalId }) => externalId?.replace(/^.*:/, ''));
      expect([member, kept]).toEqual([member, expect.arrayContaining(['1', '3'])]);
      for (const row of rows) {
        if (!('json' in row)) continue;
        expect(row.json.length).toBeLessThanOrEqual(256 * 1024);
        // what the database could not read: a year that is not of four digits, half a character, a NUL
        expect(row.json.toString()).not.toMatch(/"[+-]\d{6}-|\\u0000|\\ud8/);
      }
    }
  });
});
