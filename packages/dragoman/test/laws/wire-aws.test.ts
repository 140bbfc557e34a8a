import { describe, expect, test } from 'bun:test'
import { byteByByte, cuts, randomCuts } from '@dragoman/fixtures'
import fc from 'fast-check'
import {
  type AwsMessage,
  bytesToText,
  createAwsEventStreamParser,
  textToBytes,
  writeAwsMessage,
} from '../../src/wire/aws-event-stream.ts'
import { crc32 } from '../../src/wire/crc32.ts'
import type { FrameParser } from '../../src/wire/frame.ts'

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

/** Decoded with botocore: an event and an exception, byte for byte. */
const vectors = {
  event: fromHex(
    '0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a224869227d7d1f944657',
  ),
  exception: fromHex(
    '0000008800000061de0175f40f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b226d657373616765223a22736c6f7720646f776e227d832ee072',
  ),
}

const messages: { readonly [name: string]: AwsMessage } = {
  event: { type: 'event', name: 'contentBlockDelta', data: '{"contentBlockIndex":0,"delta":{"text":"Hi"}}' },
  exception: { type: 'exception', name: 'throttlingException', data: '{"message":"slow down"}' },
  error: { type: 'error', name: 'InternalFailure', message: 'broken' },
}

const joined = (...pieces: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(pieces))

function read(pieces: Iterable<Uint8Array>, parser: FrameParser = createAwsEventStreamParser()) {
  const frames = [...pieces].flatMap(piece => parser.push(piece))
  frames.push(...parser.end())
  const shown = frames.map(({ event, data, failure }) => ({ event, data, failure }))
  const raw = joined(...frames.map(frame => frame.raw))
  return { shown, raw, damage: parser.damage, overflow: parser.overflow, pending: parser.pending }
}

const arbitraryMessage: fc.Arbitrary<AwsMessage> = fc.oneof(
  fc.record({
    type: fc.constantFrom('event' as const, 'exception' as const),
    name: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
    data: fc.string({ unit: 'binary', minLength: 1 }).map(text => JSON.stringify(text)),
  }),
  fc.record({
    type: fc.constant('error' as const),
    name: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
    message: fc.string({ unit: 'grapheme', maxLength: 40 }),
  }),
)

const shownOf = (message: AwsMessage) => ({
  event: message.name,
  data: message.type === 'error' ? message.message : message.data,
  failure: message.type === 'event' ? undefined : message.type,
})

describe('the known messages', () => {
  test('an event and an exception are written to the byte', () => {
    expect(writeAwsMessage(messages.event as AwsMessage)).toEqual(vectors.event)
    expect(writeAwsMessage(messages.exception as AwsMessage)).toEqual(vectors.exception)
  })

  test.each(Object.keys(messages))('%s is read as what it is', name => {
    const message = messages[name] as AwsMessage // a key of the table
    expect(read([writeAwsMessage(message)]).shown).toEqual([shownOf(message)])
  })

  test('the checksum is that of zip', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })
})

describe('any stream', () => {
  const all = fc.array(arbitraryMessage, { minLength: 1, maxLength: 5 })

  test('says the same for every cut, and its frames hold every byte', () => {
    fc.assert(
      fc.property(all, fc.integer({ min: 1 }), (sent, seed) => {
        const bytes = joined(...sent.map(writeAwsMessage))
        const expected = sent.map(shownOf)
        for (const pieces of [[bytes], randomCuts(bytes, seed), byteByByte(bytes)]) {
          const { shown, raw, damage, pending } = read(pieces)
          expect({ shown, raw, damage, pending }).toEqual({
            shown: expected,
            raw: bytes,
            damage: undefined,
            pending: 0,
          })
        }
      }),
      { numRuns: 60 },
    )
  })

  test('two messages cut at every byte are two frames', () => {
    const bytes = joined(vectors.event, vectors.exception)
    for (const pieces of cuts(bytes)) expect(read(pieces).shown.length).toBe(2)
  })

  test('any bytes at all never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        const { shown, damage, overflow, pending } = read([bytes])
        if (bytes.length > 0) expect([damage, overflow].some(Boolean) || pending === 0).toBe(true)
        expect(shown.length).toBeLessThan(2)
      }),
      { numRuns: 500 },
    )
  })
})

describe('damage', () => {
  test('a bit that flipped anywhere is noticed, and nothing is yielded after it', () => {
    for (let at = 0; at < vectors.event.length; at++) {
      const spoiled = vectors.event.slice()
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x10
      const { shown, damage } = read([joined(spoiled, vectors.exception)])
      expect({ at, shown, kind: damage?.kind }).toEqual({ at, shown: [], kind: 'corrupt' })
    }
  })

  test('what came whole before the damage is kept', () => {
    const spoiled = vectors.exception.slice()
    spoiled[100] = 0
    expect(read([joined(vectors.event, spoiled)]).shown.length).toBe(1)
  })

  test('an end in the middle of a message is a cut, at every byte of it', () => {
    for (let at = 1; at < vectors.event.length; at++) {
      const { shown, damage } = read([vectors.exception, vectors.event.subarray(0, at)])
      expect({ at, count: shown.length, kind: damage?.kind }).toEqual({ at, count: 1, kind: 'cut' })
    }
    expect(read([vectors.event]).damage).toBeUndefined()
  })

  test('lengths and headers that cannot be are damage, though the checksums agree', () => {
    const withHeaders = (headers: readonly number[], told = headers.length): Uint8Array => {
      const bytes = new Uint8Array(16 + headers.length)
      const view = new DataView(bytes.buffer)
      view.setUint32(0, bytes.length)
      view.setUint32(4, told)
      view.setUint32(8, crc32(bytes, 0, 8))
      bytes.set(headers, 12)
      view.setUint32(bytes.length - 4, crc32(bytes, 0, bytes.length - 4))
      return bytes
    }
    const wrong = [
      withHeaders([3, 65]),
      withHeaders([1, 65, 99]),
      withHeaders([1, 65, 7, 0, 9, 66]),
      withHeaders([1, 65, 7, 0]),
      withHeaders([1, 65, 5, 0, 0]),
      withHeaders([], 200_000),
      withHeaders([1, 65, 0], 9),
    ]
    for (const bytes of wrong) expect(read([bytes]).damage?.kind).toBe('corrupt')
    // Headers of every other type are passed over.
    const others = [0, 1, 2, 3, 4, 5, 8, 9].flatMap(type => {
      const lengths = [0, 0, 1, 2, 4, 8, 0, 0, 8, 16]
      return [1, 65, type, ...Array<number>(lengths[type] ?? 0).fill(7)]
    })
    expect(read([withHeaders([...others, 1, 66, 6, 0, 2, 9, 9])]).shown.length).toBe(1)
  })

  test('a message over the limit is an overflow before it is read', () => {
    const parser = createAwsEventStreamParser({ limit: 100 })
    expect(parser.push(vectors.event.subarray(0, 20))).toEqual([])
    expect(parser.overflow).toEqual({ kind: 'overflow', limit: 100 })
    expect(parser.push(vectors.event)).toEqual([])
    expect(parser.end()).toEqual([])
  })
})

test('bytes travel as text of one character each', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  expect(textToBytes(bytesToText(bytes))).toEqual(bytes)
  expect(bytesToText(bytes).length).toBe(256)
})
