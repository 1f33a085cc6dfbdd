const MAPPED_V4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_HEX = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;
/** Some proxies write the caller's port too, and every connection has another one. */
const V4_WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d+$/;
const IN_BRACKETS = /^\[([^\]]*)\](:\d+)?$/;

/**
 * An address without what proxies and sockets write around it: port, brackets, zone, and the mapping of IPv4 into IPv6.
 * What is no address is returned as it is.
 */
export function plainAddress(written: string): string {
  const address = ((V4_WITH_PORT.exec(written) ?? IN_BRACKETS.exec(written))?.[1] ?? written).split('%')[0]!;
  const v4 = MAPPED_V4.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [, high, low] = MAPPED_HEX.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.');
}

/**
 * What counts as one caller: an IPv4 address, or the 64-bit network of an IPv6 address, which one subscriber has to
 * itself. What is no address is taken as it is.
 */
export function networkOf(written: string): string {
  const address = plainAddress(written);
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + after < 8) groups.push('0');
    groups.push(...tail.split(':'));
  }
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
