import { BlockList, isIP } from 'node:net';

/** `open`: anybody's address. `inner`: only with OUTBOUND_ALLOW_PRIVATE. `never`: no provider can live there. */
export type AddressClass = 'open' | 'inner' | 'never';

const innerV4 = ranges('ipv4', [
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
]);

const neverV4 = ranges('ipv4', [
  '0.0.0.0/8', // Linux connects 0.0.0.0 to itself
  '100.100.100.200/32', // metadata, Alibaba
  '168.63.129.16/32', // metadata, Azure: looks public
  '169.254.0.0/16', // link-local, with the metadata service of most clouds
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24', // 6to4 relays
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and the broadcast address
]);

const innerV6 = ranges('ipv6', ['::1/128', 'fc00::/7']);
/**
 * Only here are addresses given to the public; mapped, compatible, NAT64, link-local, multicast and the rest lie
 * outside.
 */
const globalV6 = ranges('ipv6', ['2000::/3']);
const neverV6 = ranges('ipv6', [
  '2001::/23', // IETF protocols: Teredo, ORCHID, benchmarking
  '2001:db8::/32',
  '2002::/16', // 6to4: carries an IPv4 address that would go unchecked
  '3fff::/20',
  'fd00:ec2::254/128', // metadata, AWS
  'fd20:ce::254/128', // metadata, Google
]);

/** What an IP literal (no brackets) is; null when it is none. */
export function classifyAddress(address: string): AddressClass | null {
  const family = isIP(address);
  if (family === 0) return null;
  if (family === 4) {
    if (neverV4.check(address, 'ipv4')) return 'never';
    return innerV4.check(address, 'ipv4') ? 'inner' : 'open';
  }
  // a zone id (fe80::1%eth0) names an interface of this machine
  if (address.includes('%') || neverV6.check(address, 'ipv6')) return 'never';
  if (innerV6.check(address, 'ipv6')) return 'inner';
  return globalV6.check(address, 'ipv6') ? 'open' : 'never';
}

export function mayConnect(address: string, allowPrivate: boolean): boolean {
  const kind = classifyAddress(address);
  return kind === 'open' || (kind === 'inner' && allowPrivate);
}

function ranges(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network, prefix] = subnet.split('/') as [string, string];
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
