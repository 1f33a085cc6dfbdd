import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { parseJsonBody } from './json-body';
import { parseJsonList } from './json-list';

/** The list put together again, as the parser would have given it. */
async function joined(body: Buffer): Promise<unknown> {
  const { body: around, elements } = await parseJsonList(body, 'data');
  if (elements === null) return around;
  return { ...(around as object), data: elements.map(({ bytes }) => parseJsonBody(bytes)) };
}

/** Bytes that are no UTF-8 are no JSON. */
const textOf = (body: Buffer): string => (isUtf8(body) ? body.toString() : '');
const outcome = async (parse: () => unknown): Promise<unknown> => {
  try {
    return { value: await parse() };
  } catch (error) {
    return error instanceof SyntaxError ? 'not JSON' : error;
  }
};
const same = async (text: string | Buffer): Promise<void> => {
  const body = Buffer.from(text as string);
  expect(await outcome(() => joined(body))).toEqual(await outcome(() => JSON.parse(textOf(body))));
};
const elementsOf = async (text: string): Promise<string[] | null> =>
  (await parseJsonList(Buffer.from(text), 'data')).elements?.map(({ bytes }) => bytes.toString()) ?? null;

describe('a list whose elements are left as they came', () => {
  it.each<[string, string[] | null]>([
    ['{"data":[{"id":1,"tags":["a]","}"]}, {"id":2}],"total":2}', ['{"id":1,"tags":["a]","}"]}', '{"id":2}']],
    [' { "total" : 2 , "links":{"data":[9]}, "data" : [ 1 , "é\\"," , null ] } ', ['1', '"é\\","', 'null']],
    ['{"data":[]}', []],
    ['{"data":[ ]}', []],
    // not an object, not an array, not there, or not the one that counts: the parser gives all of it
    ['[{"data":[1]}]', null],
    ['{"data":{"0":1}}', null],
    ['{"rows":[1]}', null],
    ['{"data":[1],"data":[2]}', null],
    ['{"data":[1],"d\\u0061ta":[2]}', null],
    ['{"data":[1],"data":[]}', null],
  ])('%s', async (text, elements) => {
    expect(await elementsOf(text)).toEqual(elements);
    await same(text);
  });

  it.each([
    ['$', ' [ 1 , {"a":2} ] ', ['1', '{"a":2}'], []],
    ['$', '[]', [], []],
    ['a.b', '{"x":[9],"a":{"y":1,"b":[ 1, 2 ],"z":3}}', ['1', '2'], { x: [9], a: { y: 1, b: [], z: 3 } }],
    // the parser gives all of it
    ['$', '{"$":[1]}', null, { $: [1] }],
    ['$', '[1] [2]', 'not JSON', null],
    ['a.b', '{"a":[{"b":[1]}]}', null, { a: [{ b: [1] }] }],
    ['a.b', '{"a.b":[1]}', null, { 'a.b': [1] }],
    ['a.b', '{"a":{"b":[1]},"a":{"b":[2]}}', null, { a: { b: [2] } }],
    ['a.b', '{"a":{"b":[1]},"a":5}', null, { a: 5 }],
    ['a.b', '{"a":{"b":[1]},"a":null}', null, { a: null }],
  ])('stands at %s in %s', async (place, text, elements, body) => {
    const parsed = await outcome(() => parseJsonList(Buffer.from(text), place));
    if (elements === 'not JSON') return expect(parsed).toBe(elements);
    const { value } = parsed as { value: Awaited<ReturnType<typeof parseJsonList>> };
    expect([value.elements?.map(({ bytes }) => bytes.toString()) ?? null, value.body]).toEqual([elements, body]);
  });

  it('says what JSON.parse says, of every JSON text', async () => {
    const list = fc.record({ first: fc.jsonValue(), data: fc.array(fc.jsonValue()), last: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(list, fc.constantFrom(undefined, 1), (value, indent) =>
        same(JSON.stringify(value, null, indent)),
      ),
    );
    await fc.assert(fc.asyncProperty(fc.json({ stringUnit: 'binary' }), (text) => same(`{"data":${text}}`)));
  });

  it('and of every text that is none', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '"',
        '\\',
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        ' ',
        '\n',
        '1',
        'é',
        '"a"',
        '"data":[',
        '"data":',
        '{}',
        'true',
      ),
      fc.uint8Array({ maxLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const inside = Buffer.concat(pieces.map((part) => Buffer.from(part as string)));
        await same(inside);
        await same(Buffer.concat([Buffer.from('{"data":['), inside, Buffer.from(']}')]));
        await same(Buffer.concat([Buffer.from('{"data":[{'), inside, Buffer.from('}],"a":1}')]));
      }),
      { numRuns: 5_000 },
    );
  });

  it('and lets others have the event loop while a long one is looked through', async () => {
    const row = JSON.stringify({ id: 1, padding: 'x'.repeat(64 * 1024) });
    const body = Buffer.from(`{"data":[${Array.from({ length: 100 }, () => row).join(',')}]}`);
    let turns = 0;
    const others = setImmediate(function again() {
      turns++;
      next = setImmediate(again);
    });
    let next = others;
    const { elements } = await parseJsonList(body, 'data');
    clearImmediate(next);
    expect(elements).toHaveLength(100);
    expect(turns).toBeGreaterThan(5);
  });
});
