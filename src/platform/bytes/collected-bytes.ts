const MAX_BLOCK_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * The bytes of a body, copied as they come. A piece as it arrives is an object of its own, and may be a view of all
 * that the socket read at once: a thousand pieces of one byte could keep 64 MiB.
 */
export class CollectedBytes {
  private full: Buffer[] = [];
  private block = NOTHING;
  private used = 0;
  /** Of the blocks before. */
  private fullBytes = 0;

  /** Of memory: at most about twice the bytes. */
  get held(): number {
    return this.fullBytes + this.block.length;
  }

  add(piece: Buffer): void {
    for (let at = 0; at < piece.length;) {
      if (this.used === this.block.length) this.openBlock(piece.length - at);
      const copied = piece.copy(this.block, this.used, at);
      this.used += copied;
      at += copied;
    }
  }

  whole(): Buffer {
    const last = this.block.subarray(0, this.used);
    return this.full.length === 0 ? last : Buffer.concat([...this.full, last]);
  }

  clear(): void {
    this.full = [];
    this.block = NOTHING;
    this.used = 0;
    this.fullBytes = 0;
  }

  /** As large as all before it: little is kept for a body that stalls, and few blocks are made for a long one. */
  private openBlock(wanted: number): void {
    const { held } = this;
    if (held > 0) this.full.push(this.block);
    this.fullBytes = held;
    this.block = Buffer.allocUnsafeSlow(Math.max(wanted, Math.min(held, MAX_BLOCK_BYTES)));
    this.used = 0;
  }
}
