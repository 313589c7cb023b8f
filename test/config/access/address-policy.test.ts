import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressPolicy, parseCidr } from '../../../src/config/access/address-policy.ts';

const strict = addressPolicy({ allowCidrs: [] });

/** What a policy is asked for a URL: its host after parsing, without brackets. */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

const deniedAddresses: [address: string, rule: string][] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::FFFF:127.0.0.1', 'loopback'],
  ['0:0:0:0:0:ffff:127.0.0.1', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['64:ff9b::127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['2002:7f00:0001:1234:5678:9abc:def0:1', 'loopback'],
  ['::ffff:127.0.0.1%lo', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['169.254.255.255', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['febf:ffff::1', 'link-local'],
  ['::ffff:169.254.7.7', 'link-local'],
  ['169.254.169.254', 'metadata-address'],
  ['::ffff:169.254.169.254', 'metadata-address'],
  ['::ffff:a9fe:a9fe', 'metadata-address'],
  ['64:ff9b::a9fe:a9fe', 'metadata-address'],
  ['2002:a9fe:a9fe::1', 'metadata-address'],
  ['169.254.170.2', 'metadata-address'],
  ['fd00:ec2::254', 'metadata-address'],
  ['fd00:0ec2:0:0:0:0:0:254', 'metadata-address'],
  ['100.100.100.200', 'metadata-address'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['::ffff:0.0.0.0', 'unspecified'],
  ['::2', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.250', 'multicast'],
  ['ff02::1', 'multicast'],
  ['ff02::1%2', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['::ffff:ffff:ffff', 'broadcast'],
  ['64:ff9b:1::a00:1', 'translated'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'translated'],
  ['::ffff:0:127.0.0.1', 'translated'],
  ['', 'not-an-address'],
  ['localhost', 'not-an-address'],
  ['127.1', 'not-an-address'],
  ['2130706433', 'not-an-address'],
  ['0x7f.0.0.1', 'not-an-address'],
  ['0177.0.0.1', 'not-an-address'],
  ['256.0.0.1', 'not-an-address'],
  ['1.2.3.4.5', 'not-an-address'],
  [' 10.0.0.1', 'not-an-address'],
  ['[::1]', 'not-an-address'],
  [':::1', 'not-an-address'],
  ['1::2::3', 'not-an-address'],
  ['1:2:3:4:5:6:7', 'not-an-address'],
  ['1:2:3:4:5:6:7:8:9', 'not-an-address'],
  ['1:2:3:4:5:6:7:8::', 'not-an-address'],
  ['fe80::1%', 'not-an-address'],
  ['fe80::1%a%b', 'not-an-address'],
  ['::1.2.3.4:5', 'not-an-address'],
  ['g::1', 'not-an-address'],
  ['12345::1', 'not-an-address'],
  [':1:2:3:4:5:6:7', 'not-an-address'],
];

const deniedUrls: [url: string, rule: string][] = [
  ['http://127.0.0.1/', 'loopback'],
  ['http://127.1/', 'loopback'],
  ['http://2130706433/', 'loopback'],
  ['http://0x7f000001/', 'loopback'],
  ['http://0x7f.1/', 'loopback'],
  ['http://0177.0.0.1/', 'loopback'],
  ['http://017700000001/', 'loopback'],
  ['http://127.0.0.1./', 'loopback'],
  ['http://%31%32%37.0.0.1/', 'loopback'],
  ['http://127。0。0。1/', 'loopback'],
  ['http://[::ffff:127.0.0.1]/', 'loopback'],
  ['http://[0:0:0:0:0:0:0:1]/', 'loopback'],
  ['http://2852039166/', 'metadata-address'],
  ['http://0xa9fea9fe/', 'metadata-address'],
  ['http://[::a9fe:a9fe]/', 'metadata-address'],
  ['http://0/', 'unspecified'],
  ['http://[::]/', 'unspecified'],
];

const allowedAddresses = [
  '10.0.0.1',
  '172.16.5.4',
  '192.168.1.1',
  '100.64.0.1',
  '8.8.8.8',
  '128.0.0.1',
  '126.255.255.255',
  '169.253.255.255',
  '223.255.255.255',
  '240.0.0.1',
  'fd00::1',
  'fd00:ec2::253',
  '2001:db8::1',
  '::ffff:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '2002:a00:1::1',
  'fec0::1',
];

describe('without an operator’s word', () => {
  it('has a row for at least sixty attempts', () => {
    expect(deniedAddresses.length + deniedUrls.length).toBeGreaterThanOrEqual(60);
  });
  it.each(deniedAddresses)('denies "%s" as %s', (address, rule) => {
    expect(strict.check(address)).toEqual({ allowed: false, rule });
  });
  it.each(deniedUrls)('denies the host of %s as %s', (url, rule) => {
    expect(strict.check(hostOf(url))).toEqual({ allowed: false, rule });
  });
  it.each(allowedAddresses)('allows %s', (address) => expect(strict.check(address)).toEqual({ allowed: true }));
});

describe('with an operator’s word', () => {
  it.each([
    [['127.0.0.0/8'], '127.0.0.1', true],
    [['127.0.0.0/8'], '::ffff:127.0.0.1', true],
    [['127.0.0.0/8'], '64:ff9b::127.0.0.1', true],
    [['127.0.0.0/8'], '::1', false],
    [['127.0.0.0/8'], '169.254.169.254', false],
    [['::1'], '::1', true],
    [['::1'], '127.0.0.1', false],
    [['::ffff:127.0.0.0/104'], '127.9.9.9', true],
    [['::ffff:127.0.0.0/104'], '169.254.169.254', false],
    [['169.254.20.10'], '169.254.20.10', true],
    [['169.254.20.10'], '169.254.20.11', false],
    [['0.0.0.0/0'], '169.254.169.254', true],
    [['0.0.0.0/0'], '::1', false],
    [['::/0'], '::1', true],
    [['::/0'], '::ffff:127.0.0.1', false],
    [['0.0.0.0/0', '::/0'], 'not an address', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
  ])('allowing %s, %s: %s', (allowCidrs, address, allowed) => {
    expect(addressPolicy({ allowCidrs }).check(address).allowed).toBe(allowed);
  });

  it('denies what the operator denies, also where it is embedded, unless it is allowed as well', () => {
    const policy = addressPolicy({ allowCidrs: ['10.0.0.7'], extraDenyCidrs: ['10.0.0.0/24', 'fd00:1::/32'] });
    const denial = { allowed: false, rule: 'denied-network' };
    expect(policy.check('10.0.0.1')).toEqual(denial);
    expect(policy.check('::ffff:10.0.0.1')).toEqual(denial);
    expect(policy.check('fd00:1:2::3')).toEqual(denial);
    expect(policy.check('10.0.0.7')).toEqual({ allowed: true });
    expect(policy.check('10.0.1.1')).toEqual({ allowed: true });
  });

  it('refuses to be made from what is no network', () => {
    expect(() => addressPolicy({ allowCidrs: ['10.0.0.0/33'] })).toThrow(RangeError);
    expect(() => addressPolicy({ allowCidrs: [], extraDenyCidrs: ['x'] })).toThrow(RangeError);
  });
});

describe('parseCidr', () => {
  it.each([
    ['10.0.0.0/8', [10, 0, 0, 0], 8],
    ['10.1.2.3', [10, 1, 2, 3], 32],
    ['0.0.0.0/0', [0, 0, 0, 0], 0],
    ['172.16.0.0/12', [172, 16, 0, 0], 12],
    ['::ffff:10.0.0.0/104', [10, 0, 0, 0], 8],
    ['fd00::/8', [0xfd, ...Array<number>(15).fill(0)], 8],
    ['::1', [...Array<number>(15).fill(0), 1], 128],
  ])('reads %s', (text, bytes, prefixBits) => {
    expect(parseCidr(text)).toEqual({ ok: true, value: { bytes, prefixBits } });
  });
  it.each([
    ['', 'a network such as'],
    ['10.0.0.0/', 'a network such as'],
    ['10.0.0.0/33', 'a network such as'],
    ['10.0.0.0/-1', 'a network such as'],
    ['10.0.0.0/8/8', 'a network such as'],
    ['10.0.0/8', 'a network such as'],
    ['fe80::%eth0/10', 'a network such as'],
    ['fd00::/129', 'a network such as'],
    ['example.com', 'a network such as'],
    ['10.0.0.1/8', 'no bits beyond the prefix'],
    ['fd00::1/8', 'no bits beyond the prefix'],
    ['2002:7f00::/24', 'the IPv4 network inside it'],
    ['64:ff9b::/96', 'the IPv4 network inside it'],
  ])('refuses "%s": expected %s', (text, expected) => {
    const parsed = parseCidr(text);
    expect(parsed.ok ? [] : parsed.faults).toEqual([expect.stringContaining(`expected ${expected}`)]);
    expect(parsed.ok ? [] : parsed.faults).toEqual([expect.stringContaining(`found "${text}"`)]);
  });
});

it('says the same of an IPv4 address and of every IPv6 address that leads to it', () => {
  const property = fc.property(fc.ipV4(), (address) => {
    const [a, b, c, d] = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
    const verdict = strict.check(address);
    expect(strict.check(`::ffff:${address}`)).toEqual(verdict);
    expect(strict.check(`::ffff:${a}${b}:${c}${d}`)).toEqual(verdict);
    expect(strict.check(`64:ff9b::${address}`)).toEqual(verdict);
    expect(strict.check(`2002:${a}${b}:${c}${d}::1`)).toEqual(verdict);
  });
  fc.assert(property);
});

it('never throws and always names a rule', () => {
  const property = fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.%/]{0,45}$/)), (text) => {
    const verdict = strict.check(text);
    expect(verdict.allowed ? 'allowed' : verdict.rule).toMatch(/^[a-z-]+$/);
    parseCidr(text);
  });
  fc.assert(property);
});

it('lets nothing pass but what is allowed where that is asked for', () => {
  const strict = addressPolicy({ allowCidrs: ['10.0.0.0/8'], onlyAllowed: true });
  expect(strict.check('10.1.2.3')).toEqual({ allowed: true });
  expect(strict.check('192.0.2.1')).toEqual({ allowed: false, rule: 'not-allowed' });
  expect(strict.check('169.254.169.254')).toEqual({ allowed: false, rule: 'metadata-address' });
});
