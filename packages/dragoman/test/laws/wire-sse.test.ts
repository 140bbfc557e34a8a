import { describe, expect, test } from 'bun:test'
import { byteByByte, cuts, listCaptures, randomCuts, readLines, readStreams } from '@dragoman/fixtures'
import fc from 'fast-check'
import type { Frame, FrameParser } from '../../src/wire/frame.ts'
import { createSseParser, writeComment, writeSse } from '../../src/wire/sse.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

function parse(pieces: Iterable<Uint8Array>, parser: FrameParser = createSseParser()): readonly Frame[] {
  const frames: Frame[] = []
  for (const piece of pieces) frames.push(...parser.push(piece))
  return [...frames, ...parser.end()]
}

const joined = (frames: readonly Frame[]) => Buffer.concat(frames.map(frame => frame.raw)).toString()

/** What a browser would dispatch, and the fields it would act on: what must not depend on the cutting. */
const meaning = (frames: readonly Frame[]) =>
  frames
    .map(({ event, data, id, retry }) => ({ event, data, id, retry }))
    .filter(({ event, data, id, retry }) => data !== '' || (event ?? id ?? retry) !== undefined)

const texts = (stream: string) => parse([bytesOf(stream)]).map(frame => frame.data)

describe('the WHATWG examples', () => {
  test('one data line a frame', () => {
    expect(texts('data: This is the first message.\n\ndata: {"a":1}\n\n')).toEqual([
      'This is the first message.',
      '{"a":1}',
    ])
  })

  test('data lines are joined by a newline', () => {
    expect(texts('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual(['YHOO\n+2\n10'])
  })

  test('comments, ids, an empty id, and one space only', () => {
    const frames = parse([
      bytesOf(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third\n\n'),
    ])
    expect(frames.map(({ data, id }) => ({ data, id }))).toEqual([
      { data: '', id: undefined },
      { data: 'first event', id: '1' },
      { data: 'second event', id: '' },
      { data: ' third', id: undefined },
    ])
  })

  test('the space after the colon is optional, and only one is taken', () => {
    expect(texts('data:{"a":1}\n\ndata: {"a":1}\n\ndata:  x\n\ndata:\tx\n\n')).toEqual([
      '{"a":1}',
      '{"a":1}',
      ' x',
      '\tx',
    ])
  })

  test('data without colon is an empty line', () => {
    expect(texts('data\n\ndata\ndata\n\ndata:\n\n')).toEqual(['', '\n', ''])
  })
})

describe('fields', () => {
  const only = (stream: string) => {
    const [frame, ...more] = parse([bytesOf(stream)])
    expect(more).toEqual([])
    if (frame === undefined) throw new Error('no frame')
    return { event: frame.event, data: frame.data, id: frame.id, retry: frame.retry }
  }
  const none = { event: undefined, data: '', id: undefined, retry: undefined }

  test('an event name, the last one counting, an empty one being the default', () => {
    expect(only('event: a\nevent: b\ndata: x\n\n')).toEqual({ ...none, event: 'b', data: 'x' })
    expect(only('event: a\nevent:\ndata: x\n\n')).toEqual({ ...none, data: 'x' })
  })

  test('an id with NUL and a retry that is no number are ignored', () => {
    expect(only('id: a\0b\nretry: 12x\ndata: x\n\n')).toEqual({ ...none, data: 'x' })
    expect(only('id: 7\nretry: 3000\ndata: x\n\n')).toEqual({ ...none, data: 'x', id: '7', retry: 3000 })
    expect(only('retry:\n\n')).toEqual(none)
  })

  test('unknown fields and field names in another case or with a space are ignored', () => {
    expect(only('foo: 1\nData: 2\n data: 3\ndata : 4\nlonely\ndata: x\n\n')).toEqual({ ...none, data: 'x' })
  })

  test('colons in values, and a comment between', () => {
    expect(only('data: a:b: c\n:data: no\ndata::d\n\n')).toEqual({ ...none, data: 'a:b: c\n:d' })
  })

  test('a BOM counts at the very start only', () => {
    expect(texts('\ufeffdata: a\n\ndata: b\n\n')).toEqual(['a', 'b'])
    expect(texts('data: a\n\n\ufeffdata: b\n\n')).toEqual(['a', ''])
    expect(texts('\ufeff\ufeffdata: a\n\n')).toEqual([''])
    expect(texts('data: \ufeffa\n\n')).toEqual(['\ufeffa'])
  })

  test('NEL, LS and PS end no line', () => {
    expect(texts('data: a\u0085b\u2028c\u2029d\n\n')).toEqual(['a\u0085b\u2028c\u2029d'])
  })
})

describe('line ends', () => {
  const stream = (end: string) =>
    ['event: x', 'data: a', 'data: b', '', ': c', '', 'data: d', '', ''].join(end)

  test.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('%s at every cut means the same, and loses no byte', (_, end) => {
    const bytes = bytesOf(stream(end))
    const whole = meaning(parse([bytes]))
    expect(whole).toEqual([
      { event: 'x', data: 'a\nb', id: undefined, retry: undefined },
      { event: undefined, data: 'd', id: undefined, retry: undefined },
    ])
    for (const pieces of [...cuts(bytes), [...byteByByte(bytes)]]) {
      const frames = parse(pieces)
      expect(meaning(frames)).toEqual(whole)
      expect(joined(frames)).toBe(stream(end))
    }
  })

  test('a frame that ends in CR does not wait for an LF', () => {
    const parser = createSseParser()
    expect(parser.push(bytesOf('data: a\r\n\r')).map(frame => frame.data)).toEqual(['a'])
    expect(parser.push(bytesOf('\ndata: b\r\n\r\n')).map(frame => frame.data)).toEqual(['b'])
    expect(parser.end()).toEqual([])
  })
})

describe('the end of the stream', () => {
  test('a last event without its blank line is yielded and made whole', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const frames = parse([bytesOf(`data: a${end}${end}event: e${end}data: b${end}`)])
      expect(frames.map(({ event, data }) => ({ event, data }))).toEqual([
        { event: undefined, data: 'a' },
        { event: 'e', data: 'b' },
      ])
      expect(joined(frames)).toBe(`data: a${end}${end}event: e${end}data: b${end}${end}`)
    }
  })

  test('a last line without its end is discarded and counted', () => {
    const parser = createSseParser()
    parser.push(bytesOf('data: a\n\ndata: [DO'))
    expect(parser.pending).toBe(9)
    expect(parser.end()).toEqual([])
    expect(parser.pending).toBe(9)
    expect(texts('data: a\ndata: b')).toEqual(['a'])
  })

  test('an event name without data is no event', () => {
    expect(texts('event: message_stop\n')).toEqual([])
    expect(texts('metadata: x\n')).toEqual([])
  })
})

describe('bounds', () => {
  test('a frame of the limit passes, a longer one is an overflow by name, however it is cut', () => {
    const fits = bytesOf(`data: ${'x'.repeat(92)}\n\n`)
    const long = bytesOf(`data: ${'x'.repeat(93)}\n\n`)
    for (const pieces of [[long], [...byteByByte(long)], ...cuts(long)]) {
      const parser = createSseParser({ limit: 100 })
      expect(parse([fits, ...pieces, fits], parser).length).toBe(1)
      expect(parser.overflow).toEqual({ kind: 'overflow', limit: 100 })
      expect(parser.pending).toBe(0)
    }
  })

  test('an endless line is let go once it is too long', () => {
    const parser = createSseParser({ limit: 1000 })
    for (let read = 0; read < 100; read++) parser.push(bytesOf('x'.repeat(64)))
    expect(parser.overflow?.kind).toBe('overflow')
    expect(parser.pending).toBe(0)
  })
})

describe('raw bytes', () => {
  test('are views of the read where the frame lies in one, else a copy of the frame alone', () => {
    const read = bytesOf('data: a\n\ndata: b\n\nda')
    const parser = createSseParser()
    const [first, second] = parser.push(read)
    const [third] = parser.push(bytesOf('ta: c\n\n'))
    expect(first?.raw.buffer).toBe(read.buffer)
    expect(second?.raw.byteOffset).toBe(9)
    expect(third?.raw.buffer.byteLength).toBe(9)
  })

  test('invalid UTF-8 becomes a replacement character in the text and stays as it was in the bytes', () => {
    const bytes = Uint8Array.from([...bytesOf('data: a'), 0xff, 0xe2, 0x82, ...bytesOf('b\n\n')])
    const [frame] = parse([bytes])
    expect(frame?.data).toBe('a\ufffd\ufffdb')
    expect(Buffer.from(frame?.raw ?? []).equals(Buffer.from(bytes))).toBe(true)
  })
})

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => `data: ${text}`),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => `data:${text}`),
  fc.constantFrom(
    'data',
    'data:',
    ': ping',
    'event: x',
    'event',
    'id: 1',
    'id: \0',
    'retry: 5',
    'junk',
    '',
    '',
    '\ufeff',
  ),
)
const lineEnd = fc.constantFrom('\n', '\r\n', '\r')

test('any stream, cut in any way, has one meaning and keeps its bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(line, lineEnd), { maxLength: 20 }), fc.nat(), (lines, seed) => {
      const bytes = bytesOf(`${lines.flat().join('')}data: last\n\n`)
      const whole = parse([bytes])
      expect(meaning(whole)).toEqual(meaning(parse(byteByByte(bytes))))
      const frames = parse(randomCuts(bytes, seed, 5))
      expect(meaning(frames)).toEqual(meaning(whole))
      expect(Buffer.concat(frames.map(frame => frame.raw)).equals(Buffer.from(bytes))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('any bytes at all are parsed without an exception, in bounded memory', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), pieces => {
      const parser = createSseParser({ limit: 200 })
      for (const frame of parse(pieces, parser))
        expect(typeof (frame.data + (frame.event ?? ''))).toBe('string')
      expect(parser.pending).toBeLessThanOrEqual(200)
    }),
  )
})

test('what is written is read back, with line breaks as newlines', () => {
  const text = fc.string({ unit: 'grapheme' }).map(value => value.replaceAll('\0', ''))
  fc.assert(
    fc.property(text, text, text, (event, data, id) => {
      const [frame, ...more] = parse([bytesOf(writeSse({ event, data, id }))])
      const oneLine = (value: string) => value.replace(/[\r\n]+/g, ' ')
      expect(more).toEqual([])
      expect(frame?.data).toBe(data.replace(/\r\n?/g, '\n'))
      expect(frame?.event).toBe(oneLine(event) === '' ? undefined : oneLine(event))
      expect(frame?.id).toBe(oneLine(id))
    }),
  )
  expect(writeSse({ data: '{"a":1}' })).toBe('data: {"a":1}\n\n')
  expect(writeSse({ event: 'x', data: 'a\nb', id: '7' })).toBe('event: x\nid: 7\ndata: a\ndata: b\n\n')
})

test('a comment is a frame without data, whatever its text', () => {
  expect(writeComment('ping')).toBe(': ping\n\n')
  expect(texts(writeComment('a\ndata: forged\r\n\r\ndata: forged'))).toEqual([''])
})

const streams = listCaptures({ form: 'stream' }).filter(
  capture => capture.surface !== 'bedrock-converse' && capture.surface !== 'realtime',
)

describe.skipIf(streams.length === 0)('recorded streams', () => {
  test.each(streams.map(capture => [capture.name, capture] as const))('%s', (_, capture) => {
    for (const [index, bytes] of readStreams(capture).entries()) {
      const whole = parse([bytes])
      const lines = readLines(capture)[index] ?? []
      expect(whole.map(frame => frame.data).filter(data => data !== '[DONE]')).toEqual([...lines])
      for (const seed of [1, 2, 3]) {
        const frames = parse(randomCuts(bytes, seed, 4 ** (seed + 1)))
        expect(meaning(frames)).toEqual(meaning(whole))
        expect(Buffer.concat(frames.map(frame => frame.raw)).equals(Buffer.from(bytes))).toBe(true)
      }
    }
  })
})
