import { describe, expect, test } from 'bun:test'
import { listCaptures, readText } from '@dragoman/fixtures'
import fc from 'fast-check'
import { isObject, type JsonObject, type JsonValue } from '../../src/wire/json.ts'
import { locate, splice, type WireEdit } from '../../src/wire/splice.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
const set = (path: readonly string[], value: JsonValue): WireEdit => ({ operation: 'set', path, value })
const remove = (path: readonly string[]): WireEdit => ({ operation: 'delete', path })
const spliced = (text: string, ...edits: WireEdit[]) => textOf(splice(bytesOf(text), edits))

describe('set', () => {
  test('replaces a value and nothing around it', () => {
    expect(spliced('{ "a" : 1 ,\n"model"\t:  "x" , "b":[ ] }', set(['model'], 'gpt "é"'))).toBe(
      '{ "a" : 1 ,\n"model"\t:  "gpt \\"é\\"" , "b":[ ] }',
    )
  })

  test('finds a key that is written with escapes, and not one in a string or further inside', () => {
    expect(spliced('{"x":"model","y":{"model":1},"mod\\u0065l":2}', set(['model'], 3))).toBe(
      '{"x":"model","y":{"model":1},"mod\\u0065l":3}',
    )
  })

  test('adds at the end of its object', () => {
    expect(spliced('{"a":1}', set(['b'], null))).toBe('{"a":1,"b":null}')
    expect(spliced('{"a":1\n}', set(['b'], 2), set(['c'], 3))).toBe('{"a":1,"b":2,"c":3\n}')
    expect(spliced('{ }', set(['b'], 2))).toBe('{"b":2 }')
    expect(spliced(' {}\n', set(['b'], 2))).toBe(' {"b":2}\n')
    expect(spliced('\ufeff{}', set(['b'], 2))).toBe('\ufeff{"b":2}')
  })

  test('makes parents that are absent or no objects', () => {
    const include = set(['stream_options', 'include_usage'], true)
    expect(spliced('{"a":1}', include)).toBe('{"a":1,"stream_options":{"include_usage":true}}')
    expect(spliced('{"stream_options":null}', include)).toBe('{"stream_options":{"include_usage":true}}')
    expect(spliced('{"stream_options":{}}', include)).toBe('{"stream_options":{"include_usage":true}}')
    expect(spliced('{"stream_options":{ "x":1 }}', include)).toBe(
      '{"stream_options":{ "x":1,"include_usage":true }}',
    )
  })
})

describe('delete', () => {
  test('takes one comma along', () => {
    expect(spliced('{"a":1, "b":2, "c":3}', remove(['a']))).toBe('{"b":2, "c":3}')
    expect(spliced('{"a":1, "b":2, "c":3}', remove(['b']))).toBe('{"a":1, "c":3}')
    expect(spliced('{"a":1, "b":2, "c":3}', remove(['c']))).toBe('{"a":1, "b":2}')
    expect(spliced('{ "a":1 }', remove(['a']))).toBe('{  }')
  })

  test('of several members, with one added', () => {
    expect(spliced('{"a":1,"b":2,"c":3}', remove(['a']), remove(['b']), remove(['c']))).toBe('{}')
    expect(spliced('{"a":1,"b":2,"c":3}', remove(['b']), remove(['c']), set(['d'], 4))).toBe('{"a":1,"d":4}')
    expect(spliced('{"a":1,"b":2}', remove(['a']), remove(['b']), set(['d'], 4))).toBe('{"d":4}')
  })

  test('leaves absent members and their parents alone, and gives back the very bytes', () => {
    const bytes = bytesOf('{"a":1,"b":{}}')
    expect(splice(bytes, [remove(['x']), remove(['a', 'y']), remove(['b', 'y']), remove(['c', 'd'])])).toBe(
      bytes,
    )
    expect(splice(bytes, [])).toBe(bytes)
  })
})

test('of duplicate keys, set means the last and delete means all', () => {
  expect(spliced('{"a":1,"a":2}', set(['a'], 3))).toBe('{"a":1,"a":3}')
  expect(spliced('{"a":1,"b":0,"a":2}', remove(['a']))).toBe('{"b":0}')
})

test('bytes that are no object come back as they are', () => {
  for (const text of ['', '[1]', '"a"', '3', '  ']) {
    const bytes = bytesOf(text)
    expect(splice(bytes, [set(['a'], 1)])).toBe(bytes)
  }
})

test('bytes that are no JSON cause no exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019a b') }), text => {
      splice(bytesOf(`{${text}`), [set(['a'], 1), remove(['b']), set(['', 'a'], 2)])
      locate(bytesOf(`{${text}`), ['a', 'b'])
    }),
  )
})

describe('locate', () => {
  const text = '\ufeff {"a": {"b" : [1, 2] , "c":"é"}, "d":-1e3 } '
  const at = (...path: string[]) => {
    const span = locate(bytesOf(text), path)
    return span && textOf(bytesOf(text).subarray(span.start, span.end))
  }

  test('finds values at paths of keys', () => {
    expect(at('a', 'b')).toBe('[1, 2]')
    expect(at('a', 'c')).toBe('"é"')
    expect(at('d')).toBe('-1e3')
    expect(at()).toBe('{"a": {"b" : [1, 2] , "c":"é"}, "d":-1e3 }')
  })

  test('finds nothing where nothing is', () => {
    expect(at('x')).toBeUndefined()
    expect(at('a', 'b', '0')).toBeUndefined()
    expect(at('constructor')).toBeUndefined()
  })
})

/** The same edits, one after the other, on parsed values: what splice is measured against. */
function edited(value: JsonValue | undefined, edit: WireEdit): JsonValue | undefined {
  const [key, ...rest] = edit.path
  if (key === undefined) return edit.operation === 'set' ? edit.value : undefined
  const members = new Map(isObject(value) ? Object.entries(value) : [])
  if (edit.operation === 'delete' && (!isObject(value) || !members.has(key))) return value
  const inner = edited(members.get(key), { ...edit, path: rest })
  if (inner === undefined) members.delete(key)
  else members.set(key, inner)
  return Object.fromEntries(members)
}

/** JSON text of an object with white space anywhere and keys sometimes escaped. */
const space = fc.constantFrom('', '', ' ', '\n  ', '\r\n', '\t')
const key = fc.constantFrom(
  'a',
  'b',
  'é',
  '日',
  '',
  '\u0000',
  'a"b\\',
  '__proto__',
  '\u{1f600}',
  'constructor',
)
const escapedKey = (name: string, escaped: boolean) => {
  const units = Array.from({ length: name.length }, (_, index) => name.charCodeAt(index))
  const hex = units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`)
  return escaped ? `"${hex.join('')}"` : JSON.stringify(name)
}
const document = fc.letrec<{ value: string; object: string }>(tie => ({
  value: fc.oneof({ depthSize: 'small' }, fc.json({ maxDepth: 1 }), tie('object')),
  object: fc
    .uniqueArray(fc.tuple(key, fc.boolean(), tie('value'), space, space), {
      selector: ([name]) => name,
      maxLength: 5,
    })
    .chain(members =>
      space.map(gap => {
        const texts = members.map(
          ([name, escaped, value, s, t]) => `${s + escapedKey(name, escaped) + t}:${s}${value}${t}`,
        )
        return `{${gap}${texts.join(',')}${gap}}`
      }),
    ),
}))
const edit: fc.Arbitrary<WireEdit> = fc.oneof(
  fc.record({
    operation: fc.constant('set' as const),
    path: fc.array(key, { minLength: 1, maxLength: 3 }),
    value: fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<JsonObject>, // any JSON value will do
  }),
  fc.record({
    operation: fc.constant('delete' as const),
    path: fc.array(key, { minLength: 1, maxLength: 3 }),
  }),
)

test('edits of the bytes are edits of the value', () => {
  fc.assert(
    fc.property(document.object, fc.array(edit, { maxLength: 6 }), (text, edits) => {
      const expected = edits.reduce<JsonValue | undefined>(edited, JSON.parse(text))
      const actual = JSON.parse(spliced(text, ...edits))
      // Compared as sorted text, because toEqual takes a member named __proto__ for a prototype.
      expect(sorted(actual)).toBe(sorted(expected ?? null))
    }),
    { numRuns: 1500 },
  )
})

function sorted(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${sorted(inner)}`)
  return `{${members.toSorted().join(',')}}`
}

test('bytes outside the edited member are the same', () => {
  fc.assert(
    fc.property(document.object, edit, (text, one) => {
      const before = bytesOf(text)
      const span = locate(before, one.path)
      if (span === undefined) return
      const after = splice(before, [one])
      if (one.operation === 'set') {
        const replaced = JSON.stringify(one.value)
        const kept = textOf(before.subarray(0, span.start)) + replaced + textOf(before.subarray(span.end))
        expect(textOf(after)).toBe(kept)
      } else {
        // A member, its comma and white space are cut out in one piece.
        const gap = before.length - after.length
        let same = 0
        while (same < after.length && before[same] === after[same]) same++
        const rest = Buffer.from(before.subarray(before.length - (after.length - same)))
        expect(gap).toBeGreaterThan(0)
        expect(rest.equals(Buffer.from(after.subarray(same)))).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})

test('recorded bodies take an edit and lose nothing', () => {
  for (const capture of listCaptures({ form: 'whole' })) {
    const before = readText(capture)
    const after = spliced(before, set(['model'], 'other'), set(['x', 'y'], 1), remove(['usage']))
    const { usage: _, ...rest } = JSON.parse(before)
    expect(JSON.parse(after)).toEqual({ ...rest, model: 'other', x: { y: 1 } })
  }
})
