import fc from 'fast-check';
import { asUtf8 } from './body-charset';
import { parseAnswer } from './json-answer';
import type { OutboundRequest } from './outbound-http';

const NAMES = { data: [{ name: 'Jürgen O’Müller — 5 €' }, { name: 'x' }] };
const TEXT = JSON.stringify(NAMES);
const windows1252 = (text: string): Buffer =>
  Buffer.from(text.replace('€', '\x80').replace('’', '\x92').replace('—', '\x97'), 'latin1');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const marked = (mark: number[], body: Buffer): Buffer => Buffer.concat([Buffer.from(mark), body]);

const parsed = (body: Buffer, type?: string, list?: string) =>
  parseAnswer({ status: 200, headers: type === undefined ? {} : { 'content-type': type }, body, bytes: body.length }, {
    list,
  } as OutboundRequest);
/** As a body, and as a list whose elements are left as they came. */
const bothWays = async (body: Buffer, type?: string) => {
  const { elements, problem } = await parsed(body, type, 'data');
  const whole = await parsed(body, type);
  if (elements)
    expect(elements.map(({ bytes }) => JSON.parse(bytes.toString()))).toEqual((whole.body as typeof NAMES).data);
  expect(problem).toBe(whole.problem);
  return whole.problem ?? whole.body;
};

describe('the text of an answer', () => {
  it.each<[string, string | undefined, Buffer]>([
    ['no type', undefined, Buffer.from(TEXT)],
    ['no charset', 'application/json', Buffer.from(TEXT)],
    ['UTF-8', 'application/json; charset=utf-8', Buffer.from(TEXT)],
    ['UTF-8 by another name', 'application/json;charset=UTF8', Buffer.from(TEXT)],
    ['UTF-8 that is called ASCII', 'application/json; charset=US-ASCII', Buffer.from(TEXT)],
    ['an empty charset', 'application/json; charset=', Buffer.from(TEXT)],
    ['a mark', 'application/json', marked([0xef, 0xbb, 0xbf], Buffer.from(TEXT))],
    [
      'a mark against what is declared',
      'application/json; charset=latin1',
      marked([0xef, 0xbb, 0xbf], Buffer.from(TEXT)),
    ],
    ['ISO-8859-1, which is read as windows-1252', 'application/json; charset=ISO-8859-1', windows1252(TEXT)],
    ['windows-1252', 'application/vnd.api+json; Charset = "Windows-1252"', windows1252(TEXT)],
    ['another parameter before it', 'application/json; profile=x;charset=cp1252; q=1', windows1252(TEXT)],
    ['single quotes', "application/json; charset='windows-1252'", windows1252(TEXT)],
    ['a quoted pair', 'application/json; charset="windows\\-1252"', windows1252(TEXT)],
    ['UTF-16 with a mark', 'application/json; charset=UTF-16', marked([0xfe, 0xff], utf16be(TEXT))],
    [
      'UTF-16 with the other mark',
      'application/json; charset=UTF-16',
      marked([0xff, 0xfe], Buffer.from(TEXT, 'utf16le')),
    ],
    ['UTF-16 without a mark', 'application/json; charset=utf-16', utf16be(TEXT)],
    ['UTF-16 without a mark, the other way', 'application/json; charset=utf-16', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16LE', 'application/json; charset=utf-16le', Buffer.from(TEXT, 'utf16le')],
    ['UTF-16BE', 'application/json; charset=UTF-16BE', utf16be(TEXT)],
    ['UTF-16 that nobody declares', 'application/json', utf16be(TEXT)],
    ['UTF-16 with a mark that nobody declares', undefined, marked([0xff, 0xfe], Buffer.from(TEXT, 'utf16le'))],
  ])('is understood: %s', async (_name, type, body) => {
    expect(await bothWays(body, type)).toEqual(NAMES);
  });

  it.each<[string, string | undefined, Buffer, string]>([
    ['in a charset that nobody knows', 'application/json; charset=klingon', Buffer.from('{"data":[]}'), 'charset'],
    ['in a charset that is a trap', 'application/json; charset=utf-7', Buffer.from('{"data":[]}'), 'charset'],
    [
      'half a character of UTF-16',
      'application/json; charset=utf-16le',
      Buffer.from('{"a":"\ud800"}', 'utf16le'),
      'UTF-16LE',
    ],
    ['an odd number of bytes', 'application/json; charset=utf-16le', Buffer.from([0x7b, 0x00, 0x7d]), 'UTF-16LE'],
    [
      'no character of Shift JIS',
      'application/json; charset=shift_jis',
      Buffer.from('{"a":"\xa0\xff"}', 'latin1'),
      'SHIFT_JIS',
    ],
    ['latin1 that nobody declares', 'application/json', Buffer.from('{"a":"J\xfcrgen"}', 'latin1'), 'no UTF-8'],
    [
      'latin1 that is called UTF-8',
      'application/json; charset=utf-8',
      Buffer.from('{"a":"J\xfcrgen"}', 'latin1'),
      'no UTF-8',
    ],
    [
      'latin1 that is called ASCII',
      'application/json; charset=ascii',
      Buffer.from('{"a":"J\xfcrgen"}', 'latin1'),
      'no UTF-8',
    ],
    ['an overlong form', 'application/json', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'no UTF-8'],
  ])('is refused, not replaced: %s', async (_name, type, body, words) => {
    expect(await bothWays(body, type)).toMatch(words);
  });

  it('comes out as it was sent, whatever single-byte charset it is in, and is refused where it cannot be', () => {
    const labels = ['iso-8859-2', 'iso-8859-15', 'windows-1250', 'windows-1251', 'koi8-r', 'macintosh'];
    fc.assert(
      fc.property(fc.constantFrom(...labels), fc.uint8Array({ maxLength: 40 }), (label, bytes) => {
        const body = Buffer.from(bytes.map((byte) => (byte === 0xef || byte >= 0xfe ? 0x20 : byte)));
        const decoder = new TextDecoder(label, { fatal: true });
        let expected: string | null;
        try {
          expected = decoder.decode(body);
        } catch {
          expected = null;
        }
        const read = (): string => asUtf8(body, `application/json; charset=${label}`).toString();
        if (expected === null) expect(read).toThrow('holds bytes that are no');
        else expect(read()).toBe(expected);
      }),
    );
  });

  it('of a list is refused only in the row that is none', async () => {
    const body = Buffer.from('{"data":[{"id":1,"name":"J\xfcrgen"},{"id":2}]}', 'latin1');
    expect(await parsed(body, 'application/json', 'data')).toMatchObject({ problem: null, elements: [{}, {}] });
  });
});
