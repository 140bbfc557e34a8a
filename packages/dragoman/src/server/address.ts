import { isIPv4, isIPv6 } from 'node:net'

/** `never`: not even where private hosts are allowed. */
export type AddressClass = 'public' | 'private' | 'never'

type Range = readonly [network: string, bits: number, is: AddressClass]

/** IANA's special-purpose registry, and where clouds answer their own machines. The narrowest match counts. */
const ranges4: readonly Range[] = [
  ['0.0.0.0', 0, 'public'],
  ['0.0.0.0', 8, 'never'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['100.100.100.200', 32, 'never'],
  ['127.0.0.0', 8, 'private'],
  ['168.63.129.16', 32, 'never'],
  ['169.254.0.0', 16, 'never'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'never'],
  ['192.0.2.0', 24, 'never'],
  ['192.88.99.0', 24, 'never'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['198.51.100.0', 24, 'never'],
  ['203.0.113.0', 24, 'never'],
  ['224.0.0.0', 4, 'never'],
  ['240.0.0.0', 4, 'never'],
]

/** What is not unicast of the internet is none of ours: IPv4 in IPv6 above all, in each of its forms. */
const ranges6: readonly Range[] = [
  ['::', 0, 'never'],
  ['::1', 128, 'private'],
  ['2000::', 3, 'public'],
  ['2001::', 23, 'never'],
  ['2001:db8::', 32, 'never'],
  ['2002::', 16, 'never'],
  ['3fff::', 20, 'never'],
  ['fc00::', 7, 'private'],
  ['fd00:ec2::254', 128, 'never'],
  ['fd20:ce::254', 128, 'never'],
]

const valueOf4 = (address: string): bigint =>
  address.split('.').reduce((value, octet) => (value << 8n) | BigInt(octet), 0n)

/** The last 32 bits may be written as IPv4. */
function valueOf6(address: string): bigint {
  const tail = /[^:]+\.[^:]+$/.exec(address)?.[0]
  const plain =
    tail === undefined
      ? address
      : address.slice(0, -tail.length) +
        [valueOf4(tail) >> 16n, valueOf4(tail) & 0xffffn].map(group => group.toString(16)).join(':')
  const [left = '', right] = plain.split('::')
  const groups = (side: string) => (side === '' ? [] : side.split(':'))
  const before = groups(left)
  const after = groups(right ?? '')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

function find(
  ranges: readonly Range[],
  value: bigint,
  width: number,
  read: (text: string) => bigint,
): AddressClass {
  let best: Range | undefined
  for (const range of ranges) {
    const [network, bits] = range
    const shift = BigInt(width - bits)
    if (value >> shift === read(network) >> shift && bits >= (best?.[1] ?? 0)) best = range
  }
  return best?.[2] ?? 'never'
}

/** NAT64 (RFC 6052): on networks without IPv4, this is how its hosts are reached; it is what it stands for. */
const nat64 = valueOf6('64:ff9b::') >> 32n

/** Where an address is. What is no address is `never`. */
export function classOf(address: string): AddressClass {
  if (isIPv4(address)) return find(ranges4, valueOf4(address), 32, valueOf4)
  // A zone names an interface, which only link-local addresses need.
  if (!isIPv6(address) || address.includes('%')) return 'never'
  const value = valueOf6(address)
  if (value >> 32n === nat64) return find(ranges4, value & 0xffffffffn, 32, valueOf4)
  return find(ranges6, value, 128, valueOf6)
}
