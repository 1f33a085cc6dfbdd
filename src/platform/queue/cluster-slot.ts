const SLOTS = 16_384;
/** How near a hash tag has to lie, in slots: a few hundred tries find one. */
const NEAR = 64;

/** The slot of a Redis Cluster that a hash tag leads to: CRC-16 (XMODEM) of it. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc % SLOTS;
}

/** A hash tag that begins with the name, and whose slot is near that part of all slots. */
export function hashTagNear(name: string, part: number): string {
  for (let tries = 0; ; tries += 1) {
    const tag = `${name}.${tries}`;
    if (Math.abs(slotOf(tag) - part * SLOTS) <= NEAR) return tag;
  }
}
