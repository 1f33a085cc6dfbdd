import { BlockList, isIP } from 'node:net';
import { plainAddress } from './caller-network';

const RANGE = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/;
const MAPPED_BITS = 96;

/** An address or a network in CIDR form, such as `10.0.0.0/8`, `203.0.113.7` or `2001:db8::/32`. */
export function isAddressRange(text: unknown): text is string {
  return typeof text === 'string' && rangeOf(text) !== null;
}

/** The rule of a list of those, for messages. */
export const ADDRESS_RANGE_RULE =
  'must be addresses or networks in CIDR form, such as 10.0.0.0/8, 203.0.113.7 or 2001:db8::/32';

/** Addresses and networks of IPv4 and IPv6. An IPv4 address and the same one mapped into IPv6 are one address. */
export class AddressList {
  /** Apart: an IPv6 network of a BlockList holds IPv4 addresses too. */
  private readonly ranges = { ipv4: new BlockList(), ipv6: new BlockList() };

  /** Precondition: each is an address range. */
  constructor(ranges: readonly string[]) {
    for (const text of ranges) {
      const { address, bits, family } = rangeOf(text)!;
      this.ranges[family].addSubnet(address, bits, family);
    }
  }

  /** Whatever is no address is not in the list. */
  has(written: string): boolean {
    const address = plainAddress(written);
    const family = isIP(address);
    if (family === 0) return false;
    return family === 4 ? this.ranges.ipv4.check(address, 'ipv4') : this.ranges.ipv6.check(address, 'ipv6');
  }
}

function rangeOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [, written = '', prefix] = RANGE.exec(text) ?? [];
  const writtenFamily = isIP(written);
  if (writtenFamily === 0) return null;
  const width = writtenFamily === 4 ? 32 : 128;
  const bits = prefix === undefined ? width : Number(prefix);
  if (bits > width) return null;
  const address = plainAddress(written);
  const isMapped = writtenFamily === 6 && isIP(address) === 4;
  if (!isMapped) return { address, bits, family: writtenFamily === 4 ? 'ipv4' : 'ipv6' };
  // a wider network of mapped addresses holds all of IPv4 and more: nobody means that
  return bits < MAPPED_BITS ? null : { address, bits: bits - MAPPED_BITS, family: 'ipv4' };
}
