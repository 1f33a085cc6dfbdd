import { AddressList, isAddressRange } from './address-list';

describe('a list of addresses', () => {
  const inside: [range: string, address: string][] = [
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7', '::ffff:203.0.113.7'],
    ['203.0.113.7', '::FFFF:cb00:7107'],
    ['203.0.113.7', '203.0.113.7:51234'],
    ['10.0.0.0/8', '10.255.255.255'],
    ['10.1.2.3/8', '10.9.9.9'],
    ['0.0.0.0/0', '198.51.100.1'],
    ['::ffff:10.0.0.0/104', '10.1.2.3'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:db8::1', '2001:0DB8:0:0::1'],
    ['2001:db8::1', '[2001:db8::1]:443'],
    ['::1', '::1'],
    ['fe80::/10', 'fe80::1%eth0'],
  ];
  it.each(inside)('%s holds %s', (range, address) => {
    expect(isAddressRange(range)).toBe(true);
    expect(new AddressList([range]).has(address)).toBe(true);
    expect(new AddressList(['192.0.2.1', range, '2001:db8:1::/48']).has(address)).toBe(true);
  });

  const outside: [range: string, address: string][] = [
    ['203.0.113.7', '203.0.113.8'],
    ['203.0.113.8/30', '203.0.113.7'],
    ['203.0.113.8/30', '203.0.113.12'],
    ['10.0.0.0/8', '11.0.0.0'],
    ['10.0.0.0/8', '::ffff:11.0.0.0'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['::/0', '203.0.113.7'],
    ['::/0', '::ffff:203.0.113.7'],
    ['2001:db8::/32', '2001:db9::'],
    ['203.0.113.7', ''],
    ['203.0.113.7', 'unknown'],
    ['203.0.113.7', '203.0.113.7, 198.51.100.1'],
  ];
  it.each(outside)('%s does not hold %s', (range, address) => {
    expect(new AddressList([range]).has(address)).toBe(false);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/',
    '::/129',
    '::ffff:0.0.0.0/90',
    'localhost',
    '10.0.0.1 ',
    'fe80::1%1',
    10,
  ])('takes no %s', (text) => expect(isAddressRange(text)).toBe(false));

  it('holds nothing when it is empty', () => expect(new AddressList([]).has('127.0.0.1')).toBe(false));
});
