import type { IncomingMessage } from 'node:http';
import { PassThrough, type Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { CollectedBytes } from '../../bytes';
import { InterlockError } from '../../errors';
import type { BodyReservation } from './body-budget';

/**
 * Each costs time, however small it is, and more when it is packed. A client that writes token by token stays below.
 */
export const MAX_BODY_PIECES = 65_536;

export interface ByteRule {
  /** After unpacking. */
  readonly maxBytes: number;
  /** Whether gzip, deflate and br are taken. */
  readonly packed: boolean;
}

const UNPACK: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * The bytes of a body, unpacked. Reading ends at the limit, on the wire and unpacked: a small packed body never becomes
 * a large one here, and an empty one never goes on for ever. `share` holds the bytes until the body is whole or ends.
 */
export async function readBytes(request: IncomingMessage, rule: ByteRule, share: BodyReservation): Promise<Buffer> {
  // its end will never come
  if (request.destroyed) throw new InterlockError('invalid_request', { message: NOT_WHOLE });
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!unpack || (encoding !== 'identity' && !rule.packed)) {
    throw new InterlockError('unsupported_media_type', {
      message: 'The Content-Encoding of the body is not supported.',
    });
  }
  if (Number(request.headers['content-length']) > rule.maxBytes) throw tooLarge(rule);
  const body = request.pipe(unpack());
  const stop = (error: Error): void => void body.destroy(error);
  const cut = (): void => stop(new Error('aborted'));
  let wireBytes = 0;
  let pieces = 0;
  const count = (chunk: Buffer): void => {
    wireBytes += chunk.length;
    if (wireBytes > rule.maxBytes) stop(tooLarge(rule));
    else if (++pieces > MAX_BODY_PIECES) stop(inPieces());
  };
  const collected = new CollectedBytes();
  let unpackedBytes = 0;
  const collect = (chunk: Buffer): void => {
    unpackedBytes += chunk.length;
    if (unpackedBytes > rule.maxBytes) return stop(tooLarge(rule));
    const before = collected.held;
    collected.add(chunk);
    try {
      share.take(collected.held - before);
    } catch (error) {
      stop(error as Error);
    }
  };
  // it may fail once more after the first reason has been told
  body.on('error', () => undefined);
  body.on('data', collect);
  request.on('data', count);
  request.once('aborted', cut);
  try {
    await finished(body);
    return collected.whole();
  } catch (error) {
    if (error instanceof InterlockError) throw error;
    throw new InterlockError('invalid_request', { message: NOT_WHOLE, cause: error });
  } finally {
    request.off('aborted', cut);
    request.off('data', count);
    request.unpipe(body);
    body.destroy();
    share.release();
  }
}

const NOT_WHOLE = 'The body did not arrive whole.';

function inPieces(): InterlockError {
  return new InterlockError('payload_too_large', { message: `The body comes in more than ${MAX_BODY_PIECES} pieces.` });
}

function tooLarge({ maxBytes }: ByteRule): InterlockError {
  const limit = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes / 1024} KiB`;
  return new InterlockError('payload_too_large', { message: `The body is larger than ${limit}.` });
}
