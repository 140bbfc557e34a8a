import { expect, test } from 'bun:test'
import { isLoopback } from '../../src/config/loopback.ts'
import { formatPath } from '../../src/config/problem.ts'
import { editDistance, suggest } from '../../src/config/suggest.ts'
import { parseDuration, parseSize, writeDuration } from '../../src/config/units.ts'

test('durations are milliseconds', () => {
  expect(['3s', '500ms', '10m', '1.5h', '0s'].map(parseDuration)).toEqual([3000, 500, 600_000, 5_400_000, 0])
  expect(['3', 's', '', '3 s', '-3s', '3d', '1..2s'].map(parseDuration)).toEqual(Array(7).fill(undefined))
})

test('sizes are bytes, in powers of 1024', () => {
  expect(['32mb', '512KB', '1gb', '10b', '1.5mb'].map(parseSize)).toEqual([
    33_554_432, 524_288, 1_073_741_824, 10, 1_572_864,
  ])
  expect(['32', '32 mb', 'mb', '32tb'].map(parseSize)).toEqual(Array(4).fill(undefined))
})

test('a duration is written in its largest whole unit', () => {
  expect([500, 15_000, 600_000, 3_600_000, 90_000].map(writeDuration)).toEqual([
    '500ms',
    '15s',
    '10m',
    '1h',
    '90s',
  ])
})

test('edits are counted, a swap as one', () => {
  expect(editDistance('port', 'prot')).toBe(1)
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('same', 'same')).toBe(0)
})

test('only a near name is suggested', () => {
  expect(suggest('opnai', ['anthropic', 'openai'])).toBe('openai')
  expect(suggest('OpenAI', ['openai'])).toBe('openai')
  expect(suggest('zebra', ['openai', 'anthropic'])).toBeUndefined()
  expect(suggest('x'.repeat(10_000), ['openai'])).toBeUndefined()
})

test('paths are dotted, with brackets for what is no plain name', () => {
  expect(formatPath(['models', 'claude-*', 'targets', 0, 'provider'])).toBe(
    'models["claude-*"].targets[0].provider',
  )
  expect(formatPath([])).toBe('')
})

test('only what no other machine reaches is loopback', () => {
  expect(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]', 'LOCALHOST'].every(isLoopback)).toBe(true)
  expect(
    ['0.0.0.0', '::', '', '10.0.0.1', '127.0.0.1.evil.com', 'localhost.evil', '::ffff:1.2.3.4'].some(
      isLoopback,
    ),
  ).toBe(false)
})
