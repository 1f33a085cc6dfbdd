import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import getRawBody, { type RawBodyError } from 'raw-body';
import { InterlockError } from '../../errors';

export interface ByteRule {
  /** After unpacking. */
  readonly maxBytes: number;
  /** Whether gzip, deflate and br are taken. */
  readonly packed: boolean;
}

const UNPACK: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** The bytes of a body, unpacked. Reading ends at the limit, so that a small packed body never becomes a large one here. */
export async function readBytes(request: IncomingMessage, rule: ByteRule): Promise<Buffer> {
  // its end will never come
  if (request.destroyed) throw new InterlockError('invalid_request', { message: NOT_WHOLE });
  const encoding = (request.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') {
    return getRawBody(request, { length: request.headers['content-length'], limit: rule.maxBytes }).catch(refuse(rule));
  }
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding] : undefined;
  if (!rule.packed || !unpack) {
    throw new InterlockError('unsupported_media_type', {
      message: 'The body has a Content-Encoding that is not taken.',
    });
  }
  const unpacked = request.pipe(unpack());
  const cut = (): void => void unpacked.destroy(new Error('aborted'));
  request.once('aborted', cut);
  try {
    return await getRawBody(unpacked, { limit: rule.maxBytes });
  } catch (error) {
    return refuse(rule)(error);
  } finally {
    request.off('aborted', cut);
    request.unpipe(unpacked);
    unpacked.destroy();
  }
}

const NOT_WHOLE = 'The body did not arrive whole.';

function refuse(rule: ByteRule): (error: unknown) => never {
  return (cause) => {
    const { type } = cause as Partial<RawBodyError>;
    if (type === 'entity.too.large') {
      const limit = rule.maxBytes >= 1024 * 1024 ? `${rule.maxBytes / 1024 / 1024} MiB` : `${rule.maxBytes / 1024} KiB`;
      throw new InterlockError('payload_too_large', { message: `The body is larger than ${limit}.`, cause });
    }
    throw new InterlockError('invalid_request', { message: NOT_WHOLE, cause });
  };
}
