import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  BodyBudget,
  MAX_READING_BYTES,
  MAX_READING_BYTES_OF_STRANGERS,
  MAX_READING_BYTES_PER_ADDRESS,
  MAX_READING_BYTES_PER_CALLER,
} from './body-budget';
import { MAX_BODY_PIECES, readBytes } from './request-bytes';

const MIB = 1024 * 1024;
/** An empty gzip member's head; empty stored blocks that are not the last follow. */
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
const EMPTY_BLOCKS = Buffer.concat(Array<Buffer>(8_000).fill(Buffer.from([0, 0, 0, 0xff, 0xff])));

describe('bodies that are being read', () => {
  let server: Server;
  let budget: BodyBudget;
  let ended: string[];
  let packed: boolean;
  /** Bytes that one body held. */
  let most: number;
  const sockets: Socket[] = [];
  beforeEach(async () => {
    budget = new BodyBudget();
    ended = [];
    packed = true;
    most = 0;
    server = createServer((request, response) => {
      const share = budget.shareOf(String(request.headers['x-caller']));
      let held = 0;
      const take = (bytes: number): void => {
        most = Math.max(most, (held += bytes));
        share.take(bytes);
      };
      void readBytes(request, { maxBytes: MIB, packed }, { ...share, take })
        .then(
          () => 'whole',
          (error: { code: string }) => error.code,
        )
        .then((outcome) => {
          ended.push(outcome);
          response.end(outcome);
        });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    const closed = new Promise((done) => server.close(done));
    server.closeAllConnections();
    await closed;
  });
  const send = (caller: string, headers: string[], body: Buffer): Socket => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket.resume() as Socket);
    socket.write(['POST / HTTP/1.1', 'Host: localhost', `x-caller: ${caller}`, ...headers, '', ''].join('\r\n'));
    socket.write(body);
    return socket;
  };
  const until = async (met: () => boolean): Promise<void> => {
    while (!met()) await new Promise((later) => setTimeout(later, 5));
  };
  const stall = (caller: string): Socket => send(caller, [`Content-Length: ${MIB}`], Buffer.alloc(MIB - 10));

  it('hold no more than the budget where they stall, and give it back with their connections', async () => {
    const room = MAX_READING_BYTES_PER_CALLER / MIB;
    const stalled = Array.from({ length: room + 4 }, () => stall('a'));
    await until(() => ended.length >= 4);
    expect(new Set(ended)).toEqual(new Set(['unavailable']));
    // of somebody else there is room
    send('b', ['Content-Length: 2'], Buffer.from('{}'));
    await until(() => ended.includes('whole'));
    for (const socket of stalled) socket.destroy();
    await until(() => ended.length === room + 5);
    send('a', ['Content-Length: 2'], Buffer.from('{}'));
    await until(() => ended.filter((outcome) => outcome === 'whole').length === 2);
  });

  it('of many callers hold no more than all of the budget', () => {
    const shares = Array.from({ length: 5 }, (_, caller) => budget.shareOf(String(caller)));
    const most = MAX_READING_BYTES / 4 - 1024;
    for (const share of shares.slice(0, 4)) share.take(most);
    expect(() => shares[4]!.take(most)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    for (const share of shares) share.release();
    shares[4]!.take(most);
  });

  it('of strangers from however many addresses leave room for whoever has a key', () => {
    const each = MAX_READING_BYTES_PER_ADDRESS - 1024;
    const whole = MAX_READING_BYTES_OF_STRANGERS / MAX_READING_BYTES_PER_ADDRESS;
    for (let at = 0; at < whole; at++) budget.reservationOfStranger(String(at)).take(each);
    const refused = expect.objectContaining({ code: 'unavailable' });
    expect(() => budget.reservationOfStranger('0').take(2_048)).toThrow(refused);
    expect(() => budget.reservationOfStranger('another').take(each)).toThrow(refused);
    budget.shareOf('a').take(MAX_READING_BYTES_PER_CALLER - 1024);
  });

  it('end at the limit on the wire, however little they unpack to', async () => {
    const socket = send('a', ['Content-Encoding: gzip', 'Transfer-Encoding: chunked'], Buffer.alloc(0));
    const piece = (bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    socket.write(piece(GZIP_HEAD));
    for (let sent = 0; sent <= MIB; sent += EMPTY_BLOCKS.length) socket.write(piece(EMPTY_BLOCKS));
    await until(() => ended.length > 0);
    expect(ended).toEqual(['payload_too_large']);
  });

  it('end at the limit unpacked, however little came on the wire', async () => {
    const bomb = gzipSync(Buffer.alloc(12 * MIB));
    send('a', ['Content-Encoding: gzip', `Content-Length: ${bomb.length}`], bomb);
    await until(() => ended.length > 0);
    expect(ended).toEqual(['payload_too_large']);
    // what it was read in pieces of, and no more
    expect(most).toBeLessThan(2 * MIB);
  });

  it.each(['gzip', 'deflate', 'br'])('that are packed by %s are not taken where nobody needs it', async (encoding) => {
    packed = false;
    send('a', [`Content-Encoding: ${encoding}`, 'Content-Length: 2'], Buffer.from('{}'));
    await until(() => ended.length > 0);
    expect(ended).toEqual(['unsupported_media_type']);
  });

  it('take little more than their size of the budget, in whatever pieces they come', async () => {
    // each in as many pieces as one may have
    const pieces = Buffer.from('1\r\n \r\n'.repeat(MAX_BODY_PIECES));
    const all = Array.from({ length: 12 }, () => send('a', ['Transfer-Encoding: chunked'], pieces));
    await Promise.all(all.map((socket) => new Promise((sent) => socket.write('', sent))));
    for (const socket of all) socket.write('0\r\n\r\n');
    await until(() => ended.length === all.length);
    expect(new Set(ended)).toEqual(new Set(['whole']));
  }, 60_000);

  it.each([
    ['in clear', 'identity', Buffer.alloc(MAX_BODY_PIECES + 1, ' ')],
    ['packed', 'gzip', Buffer.concat([GZIP_HEAD, EMPTY_BLOCKS, EMPTY_BLOCKS])],
  ])('end at the limit of pieces, %s', async (_how, encoding, body) => {
    const socket = send('a', [`Content-Encoding: ${encoding}`, 'Transfer-Encoding: chunked'], Buffer.alloc(0));
    socket.write(Buffer.concat([...body].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]))));
    await until(() => ended.length > 0);
    expect(ended).toEqual(['payload_too_large']);
  });

  it('that are packed and announce too much are not read', async () => {
    send('a', ['Content-Encoding: gzip', `Content-Length: ${MIB + 1}`], GZIP_HEAD);
    await until(() => ended.length > 0);
    expect(ended).toEqual(['payload_too_large']);
  });
});
