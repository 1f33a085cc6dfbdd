import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { CollectedBytes } from '../bytes';

export class BodyTooLarge extends Error {}
export class BodyUnreadable extends Error {}

export const ACCEPTED_ENCODINGS = 'gzip, br, deflate';
/**
 * Encodings on top of each other are how a small bomb becomes a big one: each is bounded by itself, and nobody needs
 * more.
 */
const MAX_ENCODINGS = 2;
/** On the wire. Each costs time, however small it is: a full body in pieces of 64 bytes has so many. */
export const MAX_ANSWER_PIECES = 160_000;

/**
 * Collects one body and counts what comes out of each decompressor, so that a bomb costs at most `maxBytes` for each of
 * its encodings, not what it says. Pieces are counted too.
 */
export class BodyReader {
  private readonly collected = new CollectedBytes();
  private pieces = 0;
  /** What is to be undone, the last one that was applied first. */
  private readonly encodings: readonly string[];
  /** Bytes that went into each decompressor, and at the end those that came out of the last. */
  private readonly sizes: number[];
  private readonly decoders: Transform[] = [];
  private failure: Error | null = null;
  private resolve: (body: Buffer) => void;
  private reject: (error: Error) => void;
  /** Rejects as soon as the body is too large or cannot be decoded; resolves after `end`. */
  readonly body: Promise<Buffer>;

  /** `contentEncoding`: the header's value. */
  constructor(
    contentEncoding: string,
    private readonly maxBytes: number,
  ) {
    this.encodings = encodingsIn(contentEncoding).toReversed();
    this.sizes = [...this.encodings, 'none'].map(() => 0);
    this.body = new Promise<Buffer>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // the reader may fail before anybody waits for it
    this.body.catch(() => undefined);
  }

  /** On the wire. */
  get bytes(): number {
    return this.sizes[0]!;
  }

  /** false: call `onDrain` and wait. */
  write(chunk: Buffer, onDrain: () => void): boolean {
    if (++this.pieces > MAX_ANSWER_PIECES) this.fail(new BodyTooLarge());
    return this.pass(chunk, 0, onDrain);
  }

  end(): void {
    this.ended(0);
  }

  fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.collected.clear();
    for (const decoder of this.decoders) decoder.destroy();
    this.reject(error);
  }

  /** Through the decompressor of this level, or to the others when there is none left. */
  private pass(chunk: Buffer, level: number, onDrain: () => void): boolean {
    if (this.failure !== null) return true;
    this.sizes[level]! += chunk.length;
    if (this.sizes[level]! > this.maxBytes) {
      this.fail(new BodyTooLarge());
      return true;
    }
    if (level === this.encodings.length) {
      this.collected.add(chunk);
      return true;
    }
    const decoder = this.decoders[level] ?? this.openDecoder(chunk, level);
    if (decoder === null || decoder.write(chunk)) return true;
    decoder.once('drain', onDrain);
    return false;
  }

  private ended(level: number): void {
    if (this.failure !== null) return;
    const decoder = this.decoders[level];
    if (decoder !== undefined) decoder.end();
    else this.resolve(this.collected.whole());
  }

  private openDecoder(firstChunk: Buffer, level: number): Transform | null {
    const decoder = this.encodings.length > MAX_ENCODINGS ? null : decoderFor(this.encodings[level]!, firstChunk);
    if (decoder === null) {
      this.fail(new BodyUnreadable('content encoding'));
      return null;
    }
    this.decoders[level] = decoder;
    decoder.on('data', (chunk: Buffer) => {
      if (!this.pass(chunk, level + 1, () => decoder.resume())) decoder.pause();
    });
    decoder.on('end', () => this.ended(level + 1));
    decoder.on('error', () => this.fail(new BodyUnreadable('compressed body')));
    return decoder;
  }
}

/** `identity` says that nothing was done. */
function encodingsIn(header: string): string[] {
  return header
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
}

function decoderFor(encoding: string, firstChunk: Buffer): Transform | null {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding !== 'deflate') return null;
  // "deflate" means zlib, but some servers send it without the zlib header
  return ((firstChunk[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
}
