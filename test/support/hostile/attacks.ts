import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** One list of a provider, as its answers are made. */
export interface ListShape {
  /** A row as text; `more`: further members, as text. */
  row(id: number, more?: string): string;
  /** An answer of these rows. */
  body(rows: string, hasMore: boolean): string;
  /** The row's member for the items of an invoice, or whatever else is a list. */
  readonly lines: string;
}

/** `count`: how often this list was asked for, from 1. */
export type Attack = (response: ServerResponse, shape: ListShape, count: number) => void;

const MEGABYTE = 1024 * 1024;
const rowsFrom = (shape: ListShape, first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => shape.row(first + index));
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const withOdd = (shape: ListShape, more: string): string =>
  shape.body([shape.row(1), shape.row(2, more), shape.row(3)].join(), false);

function answer(response: ServerResponse, text: string | Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

/**
 * What a provider may do to whoever reads it, on purpose or not. Every body is within what one answer may hold, but for
 * the last few.
 */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  'pages without end': (response, shape, count) =>
    answer(response, shape.body(rowsFrom(shape, count * 100, 100).join(), true)),
  'the same page without end': (response, shape) => answer(response, shape.body(rowsFrom(shape, 1, 100).join(), true)),
  'empty pages without end': (response, shape) => answer(response, shape.body('', true)),
  'rows of 9 MB, without end': (response, shape, count) => {
    const line = '{"id":1,"description":"x","product":"x","total":"1.00","final_charge":"1.00","quantity":1},';
    const lines = line.repeat(Math.floor((9 * MEGABYTE) / line.length));
    answer(response, shape.body(shape.row(count, `"${shape.lines}":[${lines.slice(0, -1)}]`), true));
  },
  'rows of 400 kB': (response, shape) => {
    const line = `{"id":1,"description":"${'x'.repeat(400)}","product":"x","total":"1.00","final_charge":"1.00"},`;
    const lines = `"${shape.lines}":[${line.repeat(1_000).slice(0, -1)}]`;
    answer(response, shape.body(Array.from({ length: 15 }, (_, id) => shape.row(id + 1, lines)).join(), false));
  },
  '150,000 rows in a page': (response, shape) =>
    answer(
      response,
      shape.body(Array.from({ length: 150_000 }, (_, id) => `{"id":${id + 1},"name":"n"}`).join(), false),
    ),
  'millions of values': (response, shape) => answer(response, shape.body('{},'.repeat(3_000_000) + '{}', false)),
  'millions of values beside the rows': (response, shape) =>
    answer(response, shape.body('', false).replace(/\}$/, `,"x":[${'{},'.repeat(3_000_000)}{}]}`)),
  'a row 20,000 levels deep': (response, shape) =>
    answer(response, withOdd(shape, `"${shape.lines}":${nested(20_000)}`)),
  'an answer 1,000,000 levels deep': (response, shape) => answer(response, withOdd(shape, `"x":${nested(1_000_000)}`)),
  'a text of 9 MB': (response, shape) => answer(response, withOdd(shape, `"name":"${'x'.repeat(9 * MEGABYTE)}"`)),
  'a text of 9 MB beyond ASCII': (response, shape) =>
    answer(response, withOdd(shape, `"first_name":"${'é'.repeat(4.5 * MEGABYTE)}"`)),
  'numbers out of range': (response, shape) =>
    answer(
      response,
      shape.body(
        ['1e400', '-9e99', `"${'9'.repeat(MEGABYTE)}"`, '1e-320', '{"toString":1,"valueOf":1}']
          .map((odd, id) =>
            shape.row(
              id + 1,
              `"total":${odd},"final_charge":${odd},"amount":${odd},"price":${odd},"amount_minor":${odd},
              "${shape.lines}":[{"id":1,"quantity":${odd},"total":"1.00","final_charge":"1.00"}]`,
            ),
          )
          .join(),
        false,
      ),
    ),
  'dates out of range': (response, shape) =>
    answer(
      response,
      shape.body(
        ['9999-12-31T23:59:59-12:00', '0001-01-01T00:00:00+14:00', '0000-00-00', '275760-09-13']
          .map((odd, id) =>
            shape.row(id + 1, `"created":"${odd}","due_date":"${odd}","payment_due":"${odd}","completed_at":"${odd}"`),
          )
          .join(),
        false,
      ),
    ),
  'a bomb': (response) => answer(response, bomb(), { 'content-encoding': 'gzip' }),
  'ten million pieces of one byte': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    const { socket } = response;
    const pieces = '1\r\n \r\n'.repeat(20_000);
    let left = 500;
    const more = (): void => {
      while (left-- > 0 && socket!.write(pieces));
    };
    socket!.on('drain', more);
    more();
  },
  'a byte now and then': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 200);
    response.on('close', () => clearInterval(timer));
  },
  'headers of 1 MB': (response, shape) => answer(response, shape.body('', false), { 'x-long': 'x'.repeat(MEGABYTE) }),
  'an error of 9 MB': (response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(`{"message":"${'words '.repeat(1.5 * MEGABYTE)}"}`);
  },
};

let packed: Buffer | undefined;
function bomb(): Buffer {
  return (packed ??= gzipSync(Buffer.alloc(512 * MEGABYTE, ' '), { level: 9 }));
}
