const BLOCK_BYTES = 64 * 1024;

/**
 * The bytes of a body, copied as they come. A piece as it arrives is a view of all that the socket read at once, and keeps it: a
 * thousand pieces of one byte could hold 64 MiB.
 */
export class CollectedBytes {
  private full: Buffer[] = [];
  private block = Buffer.alloc(0);
  private used = 0;

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
    this.block = Buffer.alloc(0);
    this.used = 0;
  }

  private openBlock(wanted: number): void {
    if (this.used > 0) this.full.push(this.block);
    // most bodies are small: the first block is as large as what has come
    this.block = Buffer.allocUnsafeSlow(
      this.full.length === 0 && this.used === 0 ? wanted : Math.max(wanted, BLOCK_BYTES),
    );
    this.used = 0;
  }
}
