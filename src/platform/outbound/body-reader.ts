import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

export class BodyTooLarge extends Error {}
export class BodyUnreadable extends Error {}

export const ACCEPTED_ENCODINGS = 'gzip, br, deflate';

/** Collects one body and counts what comes out of the decompressor, so that a bomb costs at most `maxBytes`, not what it says. */
export class BodyReader {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private wireSize = 0;
  private decoder: Transform | null = null;
  private failure: Error | null = null;
  private resolve: (body: Buffer) => void;
  private reject: (error: Error) => void;
  /** Rejects as soon as the body is too large or cannot be decoded; resolves after `end`. */
  readonly body: Promise<Buffer>;

  constructor(
    private readonly encoding: string,
    private readonly maxBytes: number,
  ) {
    this.body = new Promise<Buffer>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // the reader may fail before anybody waits for it
    this.body.catch(() => undefined);
  }

  get bytes(): number {
    return this.wireSize;
  }

  /** false: call `onDrain` and wait. */
  write(chunk: Buffer, onDrain: () => void): boolean {
    if (this.failure !== null) return true;
    this.wireSize += chunk.length;
    if (this.wireSize > this.maxBytes) {
      this.fail(new BodyTooLarge());
      return true;
    }
    if (this.isPlain()) {
      this.collect(chunk);
      return true;
    }
    this.decoder ??= this.openDecoder(chunk);
    if (this.decoder === null || this.decoder.write(chunk)) return true;
    this.decoder.once('drain', onDrain);
    return false;
  }

  end(): void {
    if (this.failure !== null) return;
    if (this.decoder === null) this.resolve(this.collected());
    else this.decoder.end();
  }

  fail(error: Error): void {
    if (this.failure !== null) return;
    this.failure = error;
    this.chunks.length = 0;
    this.decoder?.destroy();
    this.reject(error);
  }

  private isPlain(): boolean {
    return this.encoding === '' || this.encoding === 'identity';
  }

  private collect(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.maxBytes) this.fail(new BodyTooLarge());
    else this.chunks.push(chunk);
  }

  private collected(): Buffer {
    return this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
  }

  private openDecoder(firstChunk: Buffer): Transform | null {
    const decoder = decoderFor(this.encoding, firstChunk);
    if (decoder === null) {
      this.fail(new BodyUnreadable('content encoding'));
      return null;
    }
    decoder.on('data', (chunk: Buffer) => {
      if (this.failure === null) this.collect(chunk);
    });
    decoder.on('end', () => this.resolve(this.collected()));
    decoder.on('error', () => this.fail(new BodyUnreadable('compressed body')));
    return decoder;
  }
}

/** One encoding only: encodings on top of each other are how a small bomb becomes a big one, and nobody needs them. */
function decoderFor(encoding: string, firstChunk: Buffer): Transform | null {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding !== 'deflate') return null;
  // "deflate" means zlib, but some servers send it without the zlib header
  return ((firstChunk[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
}
