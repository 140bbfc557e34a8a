import { describe, expect, test } from 'bun:test'
import { classOf } from '../../src/server/address.ts'

describe('where an address is', () => {
  test.each([
    ...['8.8.8.8', '1.1.1.1', '93.184.216.34', '100.63.255.255', '100.128.0.0', '172.15.255.255'],
    ...['172.32.0.0', '192.167.255.255', '192.169.0.0', '223.255.255.255', '11.0.0.0', '198.20.0.0'],
    ...['2606:2800:220:1::1', '2a00:1450:4001:80b::200e', '2001:4860:4860::8888', '3ffe::1'],
    // NAT64 is what it stands for.
    '64:ff9b::808:808',
  ])('%s is of the internet', address => expect(classOf(address)).toBe('public'))

  test.each([
    ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255'],
    ...['192.168.0.1', '100.64.0.1', '100.127.255.255', '198.18.0.1', '::1', 'fc00::1', 'fdff:ffff::1'],
    ...['64:ff9b::7f00:1', '64:ff9b::10.0.0.1'],
  ])('%s is private', address => expect(classOf(address)).toBe('private'))

  test.each([
    // Nobody, everybody, the link, documentation, the future.
    ...['0.0.0.0', '0.1.2.3', '169.254.1.1', '192.0.0.192', '192.0.2.1', '198.51.100.1', '203.0.113.9'],
    ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1'],
    ...['::', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '2001:db8::1', '3fff::1', '100::1', 'fec0::1', '4000::'],
    // Metadata services, whatever range they are in.
    ...['169.254.169.254', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254', '64:ff9b::a9fe:a9fe'],
    // IPv4 in IPv6, however it is put.
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '2002:7f00:1::', '2001::1'],
    ...['', 'localhost', '127.1', '1.2.3.4.5', '0x7f.0.0.1', ':::1'],
  ])('%s is asked in no case', address => expect(classOf(address)).toBe('never'))
})
