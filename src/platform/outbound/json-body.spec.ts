import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { parseJsonBody } from './json-body';

/** Bytes that are no UTF-8 are no JSON. */
const textOf = (body: Buffer): string => (isUtf8(body) ? body.toString() : '');
const outcome = (parse: () => unknown): unknown => {
  try {
    return { value: parse() };
  } catch (error) {
    return error instanceof SyntaxError ? 'not JSON' : error;
  }
};
/** Long texts are read in another way than short ones. */
const BLANKS = Buffer.alloc(20_000, ' ');
const same = (body: Buffer): void => {
  for (const each of [body, Buffer.concat([BLANKS, body])]) {
    expect(outcome(() => parseJsonBody(each))).toEqual(outcome(() => JSON.parse(textOf(each))));
  }
};

it('reads every JSON text as JSON.parse does', () => {
  fc.assert(fc.property(fc.json({ stringUnit: 'binary' }), (text) => same(Buffer.from(text))));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => same(Buffer.from(JSON.stringify(texts)))),
  );
});

it('and every text that is none, or is no text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      '\\',
      '\\\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '1',
      'é',
      '\\u00e9',
      '\ufeff',
      '😀',
      '\u2028',
    ),
    fc.uint8Array({ maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const inside = Buffer.concat(pieces.map((part) => Buffer.from(part as string)));
      same(inside);
      same(Buffer.concat([Buffer.from('["'), inside, Buffer.from('"]')]));
    }),
    { numRuns: 3_000 },
  );
});

it.each(['"\\é"', '"\\\\é"', '"\\\\\\é"', '["a", é]', '\ufeff{}', '"é\\u00e9"', ''])('%s', (text) =>
  same(Buffer.from(text)),
);
