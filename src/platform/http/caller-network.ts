const MAPPED_V4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** Some proxies write the caller's port too, and every connection has another one. */
const V4_WITH_PORT = /^(\d+\.\d+\.\d+\.\d+):\d+$/;
const IN_BRACKETS = /^\[([^\]]*)\](:\d+)?$/;

/**
 * What counts as one caller: an IPv4 address, or the 64-bit network of an IPv6 address, which one subscriber has to
 * itself. What is no address is taken as it is.
 */
export function networkOf(written: string): string {
  const address = (V4_WITH_PORT.exec(written) ?? IN_BRACKETS.exec(written))?.[1] ?? written;
  const v4 = MAPPED_V4.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::');
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
