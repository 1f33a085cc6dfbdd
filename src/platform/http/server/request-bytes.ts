import type { IncomingMessage } from 'node:http';
import { PassThrough, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import getRawBody, { type RawBodyError } from 'raw-body';
import { InterlockError } from '../../errors';
import type { BodyShare } from './body-budget';

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
 * The bytes of a body, unpacked. Reading ends at the limit, on the wire and unpacked: a small packed body never becomes a
 * large one here, and an empty one never goes on for ever. `share` holds the bytes until the body is whole or ends.
 */
export async function readBytes(request: IncomingMessage, rule: ByteRule, share: BodyShare): Promise<Buffer> {
  // its end will never come
  if (request.destroyed) throw new InterlockError('invalid_request', { message: NOT_WHOLE });
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!unpack || (encoding !== 'identity' && !rule.packed)) {
    throw new InterlockError('unsupported_media_type', {
      message: 'The body has a Content-Encoding that is not taken.',
    });
  }
  const length = request.headers['content-length'];
  if (Number(length) > rule.maxBytes) throw tooLarge(rule);
  const body = request.pipe(unpack());
  const stop = (error: Error): void => void body.destroy(error);
  const cut = (): void => stop(new Error('aborted'));
  let wireBytes = 0;
  const count = (chunk: Buffer): void => {
    wireBytes += chunk.length;
    if (wireBytes > rule.maxBytes) stop(tooLarge(rule));
  };
  const hold = (chunk: Buffer): void => {
    try {
      share.take(chunk.length);
    } catch (error) {
      stop(error as Error);
    }
  };
  // it may fail once more after the first reason has been told
  body.on('error', () => undefined);
  body.on('data', hold);
  request.on('data', count);
  request.once('aborted', cut);
  try {
    return await getRawBody(body, { limit: rule.maxBytes, ...(encoding === 'identity' && { length }) });
  } catch (error) {
    throw refusal(rule, error);
  } finally {
    request.off('aborted', cut);
    request.off('data', count);
    request.unpipe(body);
    body.destroy();
    share.release();
  }
}

const NOT_WHOLE = 'The body did not arrive whole.';

function refusal(rule: ByteRule, cause: unknown): InterlockError {
  if (cause instanceof InterlockError) return cause;
  if ((cause as Partial<RawBodyError>).type === 'entity.too.large') return tooLarge(rule);
  return new InterlockError('invalid_request', { message: NOT_WHOLE, cause });
}

function tooLarge({ maxBytes }: ByteRule): InterlockError {
  const limit = maxBytes >= 1024 * 1024 ? `${maxBytes / 1024 / 1024} MiB` : `${maxBytes / 1024} KiB`;
  return new InterlockError('payload_too_large', { message: `The body is larger than ${limit}.` });
}
