import { describe, expect, test } from 'bun:test'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import { call, chunk, chunksOf, decodeChunks, done, encode, folded, stop } from './openai-chat-driver.ts'

const partsOf = (...chunks: readonly unknown[]): readonly Part[] =>
  folded(...chunks).candidates[0]?.parts ?? []

const callsOf = (...chunks: readonly unknown[]) =>
  partsOf(...chunks).flatMap(part =>
    part.kind === 'tool-call' ? [[part.id, part.name, part.arguments]] : [],
  )

describe('tool calls as hosts really stream them', () => {
  test('features C7: no index, no id, no role, no index of the choice: filled in, the same each time', () => {
    const bare = (delta: unknown, finish?: string) => ({
      choices: [{ delta, ...(finish === undefined ? {} : { finish_reason: finish }) }],
    })
    const chunks = [
      bare({
        tool_calls: [
          { function: { name: 'f', arguments: '{"a":1}' } },
          { function: { name: 'f', arguments: '{"a":2}' } },
        ],
      }),
      bare({}, 'tool_calls'),
      done,
    ]
    const calls = callsOf(...chunks)
    expect(calls.map(([, name, args]) => [name, args])).toEqual([
      ['f', '{"a":1}'],
      ['f', '{"a":2}'],
    ])
    expect(calls[0]?.[0]).toMatch(/^call_/)
    expect(calls[0]?.[0]).not.toBe(calls[1]?.[0])
    expect(callsOf(...chunks)).toEqual(calls)
    const [role, first] = chunksOf(encode(decodeChunks(chunks)).text)
    expect(role?.choices).toMatchObject([{ index: 0, delta: { role: 'assistant' } }])
    expect(first?.choices).toMatchObject([
      { delta: { tool_calls: [{ index: 0, id: calls[0]?.[0], type: 'function' }] } },
    ])
  })

  test('features C1: every parallel call with index 0 is a call of its own', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', type: 'function', function: { name: 'f', arguments: '{"x":2}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'f', '{"x":2}'],
    ])
  })

  test('features C1: interleaved arguments reassemble, with ids and names once and indices from 0 without a gap', () => {
    const events = decodeChunks([
      call({ index: 1, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 4, id: 'b', type: 'function', function: { name: 'g', arguments: '{"' } }),
      call({ index: 1, function: { arguments: '{"x"' } }),
      call({ index: 4, function: { arguments: 'y":2}' } }),
      call({ index: 1, function: { arguments: ':1}' } }),
      chunk({}, { finish_reason: 'tool_calls' }),
      done,
    ])
    expect(checkEvents(events)).toEqual([])
    const deltas = chunksOf(encode(events).text).flatMap(one =>
      (
        one.choices as {
          delta: { tool_calls?: { index: number; id?: string; function: { name?: string } }[] }
        }[]
      ).flatMap(choice => choice.delta.tool_calls ?? []),
    )
    expect(deltas.map(delta => delta.index)).toEqual([0, 1, 1, 0, 1, 0])
    expect(deltas.filter(delta => delta.id !== undefined || delta.function.name !== undefined)).toHaveLength(
      2,
    )
    expect(foldEvents(events).candidates[0]?.parts).toMatchObject([
      { arguments: '{"x":1}' },
      { arguments: '{"y":2}' },
    ])
  })

  test('an id and a name that are repeated, emptied or printed as null go on with the same call', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }),
      call({ index: 0, id: '', function: { name: '', arguments: '"x"' } }),
      call({ index: 0, id: 'null', function: { name: null, arguments: ':1' } }),
      call({ id: 'null', function: { arguments: '' } }),
      call({ function: { arguments: '}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([['a', 'f', '{"x":1}']])
  })

  test('an id that changes with every piece is one call with its first id', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call({ index: 0, id: 'b', function: { name: 'f', arguments: ':1}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([['a', 'f', '{"x":1}']])
  })

  test('a name that comes after the id and the arguments began', () => {
    expect(
      callsOf(
        call({ index: 0, id: 'a', type: 'function' }),
        call({ index: 0, function: { arguments: '{' } }),
        call({ index: 0, function: { name: 'f', arguments: '}' } }),
        stop,
        done,
      ),
    ).toEqual([['a', 'f', '{}']])
  })

  test('a call without any name is shown, not lost', () => {
    expect(callsOf(call({ index: 0, id: 'a', function: { arguments: '{}' } }), stop, done)).toEqual([
      ['a', '', '{}'],
    ])
  })

  test('arguments as an object', () => {
    expect(callsOf(call({ id: 'a', function: { name: 'f', arguments: { x: 1 } } }), stop, done)).toEqual([
      ['a', 'f', '{"x":1}'],
    ])
  })

  test('custom tools', () => {
    const chunks = [
      call({ index: 0, id: 'a', type: 'custom', custom: { name: 'c', input: '' } }),
      call({ index: 0, custom: { input: 'SELECT' } }),
      chunk({}, { finish_reason: 'tool_calls' }),
      done,
    ]
    expect(partsOf(...chunks)).toEqual([
      { kind: 'tool-call', type: 'custom', id: 'a', name: 'c', arguments: 'SELECT' },
    ])
    expect(chunksOf(encode(decodeChunks(chunks)).text)[2]?.choices).toMatchObject([
      { delta: { tool_calls: [{ index: 0, custom: { input: 'SELECT' } }] } },
    ])
  })

  test('the deprecated function_call, there and back', () => {
    const chunks = [
      chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      chunk({}, { finish_reason: 'function_call' }),
      done,
    ]
    expect(partsOf(...chunks)).toMatchObject([{ kind: 'tool-call', name: 'f', arguments: '{}' }])
    const text = encode(decodeChunks(chunks)).text
    expect(chunksOf(text).map(one => (one.choices as { delta: object }[])[0]?.delta)).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{}' } },
      {},
    ])
    expect(text).toContain('"finish_reason":"function_call"')
  })
})
