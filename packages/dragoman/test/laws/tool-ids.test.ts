import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import type { AdaptContext } from '../../src/upstream/adapt/adaptation.ts'
import { toolLimits, unlimited } from '../../src/upstream/adapt/limits.ts'
import { toolIds } from '../../src/upstream/adapt/tool-ids.ts'

// Ids of calls under the rules of a target: they fit, they stay apart, and they are the same whenever they are sent.

const rules = {
  ...Object.fromEntries(
    Object.entries(toolLimits).map(([dialect, { id, idLength }]) => [
      dialect,
      { pattern: id, length: idLength },
    ]),
  ),
  'nine letters and digits': { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 },
}

const context = (rule: { readonly pattern: RegExp; readonly length: number }): AdaptContext => ({
  used: new Map(),
  lacks: () => false,
  facts: { callIds: rule },
  why: () => '',
  structuredStream: 'buffer',
  isCrossing: true,
  emulates: () => true,
  limits: unlimited,
  mustStaySchema: false,
})

const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 80 }),
  fc.nat(30).map(number => `functions.f:${number}`),
  fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 9, maxLength: 9 }),
)

const requestOf = (ids: readonly string[]): GenerateRequest => ({
  model: 'm',
  turns: ids.flatMap(one => [
    {
      role: 'assistant' as const,
      parts: [{ kind: 'tool-call', type: 'function', id: one, name: 'f', arguments: '' }],
    },
    { role: 'tool' as const, parts: [{ kind: 'tool-result', type: 'function', callId: one, parts: [] }] },
  ]),
  sampling: {},
  hints: {},
  stream: false,
})

function sent(
  ids: readonly string[],
  rule: { readonly pattern: RegExp; readonly length: number },
): readonly Part[] {
  const request = requestOf(ids)
  return (toolIds(request, context(rule))?.request(request).value ?? request).turns.flatMap(
    ({ parts }) => parts,
  )
}

const idsOf = (parts: readonly Part[]) => parts.flatMap(part => (part.kind === 'tool-call' ? [part.id] : []))
const answeredOf = (parts: readonly Part[]) =>
  parts.flatMap(part => (part.kind === 'tool-result' ? [part.callId] : []))

describe.each(Object.entries(rules))('ids of calls for %s', (_, rule) => {
  test('fit, stay apart, and stay with their results', () =>
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 20 }), ids => {
        const parts = sent(ids, rule)
        for (const one of idsOf(parts)) {
          expect(one).toMatch(rule.pattern)
          expect(one.length).toBeLessThanOrEqual(Math.max(rule.length, ...ids.map(({ length }) => length)))
        }
        expect(new Set(idsOf(parts)).size).toBe(ids.length)
        expect(answeredOf(parts)).toEqual(idsOf(parts))
      }),
    ))

  test('are the same when the history has grown', () =>
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 20 }), ids => {
        const short = idsOf(sent(ids.slice(0, -1), rule))
        fc.pre(!short.includes(ids.at(-1) ?? ''))
        expect(idsOf(sent(ids, rule)).slice(0, -1)).toEqual([...short])
      }),
    ))

  test('that fit already are the caller’s', () =>
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1 }), ids => {
        const after = idsOf(sent(ids, rule))
        for (const [index, one] of ids.entries()) if (rule.pattern.test(one)) expect(after[index]).toBe(one)
      }),
    ))
})
