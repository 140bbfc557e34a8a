import { describe, expect, test } from 'bun:test'
import { byteByByte, cuts, listCaptures, randomCuts, readLines } from '@dragoman/fixtures'
import fc from 'fast-check'
import type { Frame, FrameParser } from '../../src/wire/frame.ts'
import { createJsonArrayParser } from '../../src/wire/json-array.ts'
import { createNdjsonParser } from '../../src/wire/ndjson.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function parse(pieces: Iterable<Uint8Array>, parser: FrameParser): readonly Frame[] {
  const frames: Frame[] = []
  for (const piece of pieces) frames.push(...parser.push(piece))
  return [...frames, ...parser.end()]
}

const meaning = (frames: readonly Frame[]) => frames.map(frame => frame.data).filter(data => data !== '')
const joined = (frames: readonly Frame[]) => Buffer.concat(frames.map(frame => frame.raw)).toString()

/** Every way of cutting reads the same data and keeps every byte. */
function expectAlways(text: string, data: readonly string[], create: () => FrameParser): void {
  const bytes = bytesOf(text)
  for (const pieces of [[bytes], [...byteByByte(bytes)], ...cuts(bytes)]) {
    const frames = parse(pieces, create())
    expect(meaning(frames)).toEqual([...data])
    expect(joined(frames)).toBe(text)
  }
}

const json = fc.json({ maxDepth: 4 })
const space = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '\n  ')

describe('NDJSON', () => {
  const create = createNdjsonParser

  test('lines end in LF or CRLF, and the last may lack its end', () => {
    expectAlways('{"a":1}\n{"b":"é"}\r\n{"c":3}', ['{"a":1}', '{"b":"é"}', '{"c":3}'], create)
  })

  test('blank lines are no frames but stay in the bytes', () => {
    expectAlways('\n\r\n{"a":1}\n\n \t\n{"b":2}\n\n', ['{"a":1}', '{"b":2}'], create)
    expectAlways('\n \n', [], create)
  })

  test('blank lines belong to the line after them, and what is left at the end is a frame without data', () => {
    const frames = parse([bytesOf('\n{"a":1}\n'), bytesOf('\n'), bytesOf(' \r\n{"b":2}\n\n')], create())
    expect(frames.map(frame => [joined([frame]), frame.data])).toEqual([
      ['\n{"a":1}\n', '{"a":1}'],
      ['\n \r\n{"b":2}\n', '{"b":2}'],
      ['\n', ''],
    ])
  })

  test('a line that lies in one read is a view of it', () => {
    const read = bytesOf('{"a":1}\n{"b":2}\n')
    expect(
      create()
        .push(read)
        .map(frame => [frame.raw.buffer === read.buffer, frame.raw.byteOffset]),
    ).toEqual([
      [true, 0],
      [true, 8],
    ])
  })

  test('a line is there as soon as its LF is', () => {
    const parser = create()
    expect(parser.push(bytesOf('{"a":1}\n{"b"')).map(frame => frame.data)).toEqual(['{"a":1}'])
    expect(parser.pending).toBe(4)
  })

  test('a line over the limit is an overflow by name', () => {
    for (const pieces of [[bytesOf(`${'x'.repeat(50)}\n`)], [...byteByByte(bytesOf('x'.repeat(50)))]]) {
      const parser = create({ limit: 50 })
      expect(
        parse([bytesOf('{}\n'), ...pieces, bytesOf('x'), bytesOf('\n{}\n')], parser).map(frame => frame.data),
      ).toEqual(['{}'])
      expect(parser.overflow).toEqual({ kind: 'overflow', limit: 50 })
    }
  })

  test('any lines, cut in any way', () => {
    fc.assert(
      fc.property(fc.array(json), fc.constantFrom('\n', '\r\n', '\n\n'), fc.nat(), (lines, end, seed) => {
        const bytes = bytesOf(lines.map(line => line + end).join(''))
        const frames = parse(randomCuts(bytes, seed, 6), create())
        expect(meaning(frames)).toEqual(lines)
        expect(joined(frames)).toBe(new TextDecoder().decode(bytes))
      }),
    )
  })

  test('recorded events as lines', () => {
    for (const capture of listCaptures({ form: 'stream', surface: 'bedrock-converse' })) {
      const lines = readLines(capture).flat()
      expect(meaning(parse(randomCuts(bytesOf(lines.join('\n')), 7), create()))).toEqual(lines)
    }
  })
})

describe('a streamed JSON array', () => {
  const create = createJsonArrayParser

  test('elements come out one by one, pretty-printed or not', () => {
    expectAlways('[{"a":1}\n,\r\n{"b":[2,{"c":3}]}]\n', ['{"a":1}', '{"b":[2,{"c":3}]}'], create)
    expectAlways(
      '[{\n  "a": "x"\n}\n,\n{\n  "b": "y"\n}\n]\n',
      ['{\n  "a": "x"\n}', '{\n  "b": "y"\n}'],
      create,
    )
  })

  test('brackets, quotes and backslashes in strings open and close nothing', () => {
    const tricky = '{"a]}\\"[{":"\\\\","b":"\\\\\\"}","c":"}]"}'
    expectAlways(`[${tricky},${tricky}]`, [tricky, tricky], create)
  })

  test('elements of any kind, a BOM, and an empty array', () => {
    expectAlways('\ufeff[1,"a,]",[2],null , true]', ['1', '"a,]"', '[2]', 'null', 'true'], create)
    expectAlways(' [ ] ', [], create)
  })

  test('a body that is no array is one element', () => {
    expectAlways('{"error":{"code":429}}\n', ['{"error":{"code":429}}'], create)
  })

  test('an element is there with its last byte, the closing bracket is a frame without data', () => {
    const parser = create()
    expect(parser.push(bytesOf('[{"a":1}')).map(frame => frame.data)).toEqual(['{"a":1}'])
    expect(parser.push(bytesOf(']')).map(frame => frame.data)).toEqual([''])
    expect(parser.push(bytesOf('\n'))).toEqual([])
    expect(parser.end().map(frame => frame.data)).toEqual([''])
  })

  test('an element that was cut comes out as it is', () => {
    expectAlways('[{"a":1},{"b', ['{"a":1}', '{"b'], create)
  })

  test('an element over the limit is an overflow by name', () => {
    const parser = create({ limit: 20 })
    expect(meaning(parse([bytesOf(`[{"a":1},{"b":"${'x'.repeat(20)}"},{}]`)], parser))).toEqual(['{"a":1}'])
    expect(parser.overflow).toEqual({ kind: 'overflow', limit: 20 })
  })

  test('any elements, cut in any way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(space, json, space)), fc.nat(), (elements, seed) => {
        const text = `[${elements.map(([before, element, after]) => before + element + after).join(',')}]`
        const frames = parse(randomCuts(bytesOf(text), seed, 5), create())
        expect(meaning(frames)).toEqual(elements.map(([, element]) => element))
        expect(joined(frames)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  test('any bytes at all are parsed without an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...'[]{}",\\: a1') })), pieces => {
        const parser = create()
        const frames = parse(pieces.map(bytesOf), parser)
        expect(joined(frames)).toBe(pieces.join(''))
      }),
    )
  })
})
