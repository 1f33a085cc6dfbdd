import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { parseJsonBody } from './json-body';
import { parseJsonList } from './json-list';

/** The list put together again, as the parser would have given it. */
function joined(body: Buffer): unknown {
  const { body: around, elements } = parseJsonList(body, 'data');
  if (elements === null) return around;
  return { ...(around as object), data: elements.map(({ bytes }) => parseJsonBody(bytes)) };
}

/** Bytes that are no UTF-8 are no JSON. */
const textOf = (body: Buffer): string => (isUtf8(body) ? body.toString() : '');
const outcome = (parse: () => unknown): unknown => {
  try {
    return { value: parse() };
  } catch (error) {
    return error instanceof SyntaxError ? 'not JSON' : error;
  }
};
const same = (text: string | Buffer): void => {
  const body = Buffer.from(text as string);
  expect(outcome(() => joined(body))).toEqual(outcome(() => JSON.parse(textOf(body))));
};
const elementsOf = (text: string): string[] | null =>
  parseJsonList(Buffer.from(text), 'data').elements?.map(({ bytes }) => bytes.toString()) ?? null;

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
  ])('%s', (text, elements) => {
    expect(elementsOf(text)).toEqual(elements);
    same(text);
  });

  it('says what JSON.parse says, of every JSON text', () => {
    const list = fc.record({ first: fc.jsonValue(), data: fc.array(fc.jsonValue()), last: fc.jsonValue() });
    fc.assert(
      fc.property(list, fc.constantFrom(undefined, 1), (value, indent) => same(JSON.stringify(value, null, indent))),
    );
    fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), (text) => same(`{"data":${text}}`)));
  });

  it('and of every text that is none', () => {
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
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const inside = Buffer.concat(pieces.map((part) => Buffer.from(part as string)));
        same(inside);
        same(Buffer.concat([Buffer.from('{"data":['), inside, Buffer.from(']}')]));
        same(Buffer.concat([Buffer.from('{"data":[{'), inside, Buffer.from('}],"a":1}')]));
      }),
      { numRuns: 5_000 },
    );
  });
});
