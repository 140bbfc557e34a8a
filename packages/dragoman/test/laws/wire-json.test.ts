import { describe, expect, test } from 'bun:test'
import { listCaptures, readText } from '@dragoman/fixtures'
import fc from 'fast-check'
import { isObject, type JsonLimits, own, parseJson, without } from '../../src/wire/json.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const parse = (text: string, limits?: JsonLimits) => parseJson(bytesOf(text), limits)

function problemOf(bytes: Uint8Array | string, limits?: JsonLimits) {
  const result = parseJson(typeof bytes === 'string' ? bytesOf(bytes) : bytes, limits)
  return result.ok ? undefined : result.problem
}

describe('what is JSON', () => {
  test('agrees with JSON.parse on any text', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019aeE+-.tfn \n') })
    fc.assert(
      fc.property(fc.oneof(nearly, fc.json()), text => {
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(problemOf(text)).toBe('not-json')
          return
        }
        const result = parse(text, { lenient: true })
        expect(result.ok && result.value).toEqual(expected as never) // any JSON value
      }),
      { numRuns: 2000 },
    )
  })

  test('a BOM is no part of it', () => {
    const result = parse('\ufeff {"model":"m"}')
    expect(result.ok && result.value).toEqual({ model: 'm' })
    expect(result.ok && result.keys()).toEqual([{ key: 'model', start: 13, end: 16 }])
  })

  test('recorded bodies pass', () => {
    for (const capture of listCaptures({ form: 'whole' })) {
      const result = parse(readText(capture))
      expect([capture.name, result.ok]).toEqual([capture.name, true])
    }
  })
})

describe('where it stops being JSON', () => {
  test.each([
    ['', 'The body is empty.'],
    [' \n', 'The body is empty.'],
    ['{"a": tru}', 'The body is not JSON: expected a value at line 1, column 7.'],
    ['{"a":1,}', 'The body is not JSON: expected a key in double quotes at line 1, column 8.'],
    ["{'a':1}", 'The body is not JSON: expected a key in double quotes at line 1, column 2.'],
    ['{"a" 1}', "The body is not JSON: expected ':' at line 1, column 6."],
    ['[1,2', "The body is not JSON: expected ',' or ']' at line 1, column 5."],
    ['{"a":1}\n x', 'The body is not JSON: expected the end at line 2, column 2.'],
    [
      '{"a":"b\n"}',
      'The body is not JSON: expected an escape instead of a control character at line 1, column 8.',
    ],
    ['{"a":"\\x"}', 'The body is not JSON: expected an escape that JSON knows at line 1, column 7.'],
    ['{"a":"', 'The body is not JSON: expected a closing quote at line 1, column 7.'],
    ['{"a":NaN}', 'The body is not JSON: expected a value at line 1, column 6.'],
    ['{"a":01}', 'The body is not JSON: expected a value at line 1, column 6.'],
    ['[1,]', 'The body is not JSON: expected a value at line 1, column 4.'],
    ['{]', 'The body is not JSON: expected a key in double quotes at line 1, column 2.'],
    ['<html>', 'The body is not JSON: expected a value at line 1, column 1.'],
  ])('%j', (text, message) => {
    const result = parse(text)
    expect(result.ok ? undefined : result.message).toBe(message)
  })

  test('counts bytes, not characters', () => {
    const result = parse('\ufeff{"é":"日本" x}')
    expect(result.ok ? undefined : result.at).toBe(3 + 2 + 2 + 2 + 1 + 6 + 2)
  })

  test('says nothing of the content', () => {
    const result = parse('{"prompt":"secret" "sk-123"}')
    expect(JSON.stringify(result)).not.toMatch(/secret|sk-123/)
  })
})

describe('limits', () => {
  const nested = (depth: number) => `${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`

  test('size', () => {
    expect(problemOf('{"a":1}', { bytes: 7 })).toBeUndefined()
    expect(problemOf('{"a":1}', { bytes: 6 })).toBe('too-large')
  })

  test('depth, whatever stands in strings', () => {
    expect(problemOf(nested(64))).toBeUndefined()
    expect(problemOf(`[${nested(64)}]`)).toBe('too-deep')
    expect(problemOf(nested(10), { depth: 9 })).toBe('too-deep')
    expect(problemOf(JSON.stringify({ a: '[{'.repeat(100), 'b["\\': '{'.repeat(100) }))).toBeUndefined()
    expect(problemOf('['.repeat(1_000_000))).toBe('too-deep')
  })

  test('a number of a million digits and half a million keys are only slow food', () => {
    expect(problemOf(`{"a":${'9'.repeat(1_000_000)}}`)).toBeUndefined()
    const keys = Array.from({ length: 500_000 }, (_, index) => `"k${index}":0`).join(',')
    expect(problemOf(`{${keys}}`)).toBeUndefined()
  })
})

describe('duplicate keys', () => {
  test('of the outermost object are refused, however they are written', () => {
    for (const text of [
      '{"model":"a","model":"b"}',
      '{"model":"a","mod\\u0065l":"b"}',
      '{"a":{},"\\u0061":[1]}',
      '{"":1,"":2}',
      '{"__proto__":1,"__proto__":2}',
      '{"1":1,"0":2,"1":3}',
    ]) {
      expect([text, problemOf(text)]).toEqual([text, 'duplicate-key'])
    }
    const result = parse('{"model":"a","mod\\u0065l":"b"}')
    expect(result.ok ? undefined : result.message).toBe('The key "model" stands twice in the body.')
    expect(result.ok ? undefined : result.at).toBe(13)
  })

  test('further inside they are the reader’s business, and in answers the last one wins', () => {
    expect(problemOf('{"schema":{"a":1,"a":2}}')).toBeUndefined()
    expect(problemOf('[{"a":1,"a":2}]')).toBeUndefined()
    const result = parse('{"a":1,"a":2}', { lenient: true })
    expect(result.ok && result.value).toEqual({ a: 2 })
  })
})

describe('text that is none', () => {
  test('invalid UTF-8 is refused in requests and replaced in answers', () => {
    const invalid = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5, 0x80, 0x80, 0x80]]
    for (const bytes of invalid) {
      const body = Uint8Array.from([...bytesOf('{"a":"'), ...bytes, ...bytesOf('"}')])
      expect(problemOf(body)).toBe('not-utf8')
      expect(problemOf(body, { lenient: true })).toBeUndefined()
    }
    expect(problemOf('{"a":"\ufffd"}')).toBeUndefined()
  })

  test('half of a surrogate pair is refused in requests and kept in answers', () => {
    for (const half of [
      '\\ud800',
      '\\uDFFF',
      '\\ud83d\\n',
      '\\ud83dx',
      '\\ude00\\ud83d',
      '\\ude00\\ude00',
      '\\ud83d\\ud83d\\ude00',
    ]) {
      expect([half, problemOf(`{"a":"x${half}"}`)]).toEqual([half, 'lone-surrogate'])
      expect(problemOf(`{"${half}":1}`, { lenient: true })).toBeUndefined()
    }
    for (const fine of ['\\ud83d\\ude00', '\\\\ud800', '\\uD55C', '\\ud7ff\\ue000', '\\\\\\ud83d\\uDE00']) {
      expect([fine, problemOf(`{"a":"${fine}"}`)]).toEqual([fine, undefined])
    }
  })

  test('agrees with the language on what is well formed', () => {
    const unit = fc.constantFrom('\\ud83d', '\\ude00', '\\u0041', '\\\\', 'u', 'ud83d', '\\n')
    fc.assert(
      fc.property(fc.array(unit), units => {
        const text = `"${units.join('')}"`
        const isWellFormed: boolean = JSON.parse(text).isWellFormed()
        expect(problemOf(text)).toBe(isWellFormed ? undefined : 'lone-surrogate')
      }),
    )
  })
})

describe('spans of the outermost keys', () => {
  test('are right where keys look like indices, which engines put first', () => {
    const result = parse('{"b":true,"1":null,"0":[]}')
    expect(result.ok && result.keys()).toEqual([
      { key: 'b', start: 5, end: 9 },
      { key: '1', start: 14, end: 18 },
      { key: '0', start: 23, end: 25 },
    ])
  })

  test('cover exactly the value of each key, in the order of the bytes', () => {
    const space = fc.constantFrom('', ' ', '\n\t', '\r\n')
    const member = fc.tuple(fc.string({ unit: 'grapheme' }), fc.json({ maxDepth: 2 }), space)
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: ([key]) => key }), members => {
        const inner = members.map(
          ([key, value, gap]) => `${gap + JSON.stringify(key) + gap}:${gap}${value}${gap}`,
        )
        const bytes = bytesOf(`{${inner.join(',')} }`)
        const result = parseJson(bytes, { lenient: true })
        if (!result.ok) throw new Error(result.message)
        const text = (start: number, end: number) => new TextDecoder().decode(bytes.subarray(start, end))
        expect(result.keys().map(({ key, start, end }) => [key, text(start, end)])).toEqual(
          members.map(([key, value]) => [key, value]),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe('names that every object has', () => {
  test('pollute nothing and are lost nowhere', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    const result = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"b":2}')
    if (!result.ok || !isObject(result.value)) throw new Error('no object')
    for (const copy of [result.value, { ...result.value }, without(result.value, new Set(['b']))]) {
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
      expect(Object.keys(copy)).toContain('__proto__')
      expect(Object.hasOwn(copy, 'polluted')).toBe(false)
    }
    expect(without(result.value, new Set(['__proto__', 'constructor']))).toEqual({ b: 2 })
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect({}).not.toHaveProperty('polluted')
  })

  test('are in no table', () => {
    const table = { text: 1 }
    expect(own(table, 'text')).toBe(1)
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'other']) {
      expect(own(table, name)).toBeUndefined()
    }
  })

  test('isObject is true of objects alone', () => {
    for (const value of [null, [], 'a', 1, true, undefined]) expect(isObject(value)).toBe(false)
    expect(isObject({})).toBe(true)
  })
})
