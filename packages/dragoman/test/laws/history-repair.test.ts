import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { findDialect } from '../../src/dialects/registry.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { type Adapted, adapt } from '../../src/upstream/adapt/index.ts'
import { dialectLacks, toolLimits, unlimited } from '../../src/upstream/adapt/limits.ts'
import { Lacking } from '../../src/upstream/lacking.ts'

// Whatever a client made of its history, what goes upstream obeys the rules of the upstream's wire, nothing that was
// said is lost, and every change has a note.

/** A provider of nothing but a wire. */
const providerOf = (dialect: DialectId): Provider => ({
  name: 'p',
  kind: {
    kind: 'p',
    title: 'P',
    auth: { type: 'none' },
    bindings: [{ dialect, paths: { generate: '/x' } }],
    profile: { rules: [], facts: [] },
    quirks: {},
  },
  baseUrl: 'http://p',
  credential: undefined,
  headers: {},
  bindings: [],
})

function repaired(turns: readonly Turn[], dialect: DialectId, isCrossing = true): Adapted {
  const request: GenerateRequest = { model: 'm', turns, maxTokens: 5, sampling: {}, hints: {}, stream: false }
  return adapt(request, {
    lacking: new Lacking(providerOf(dialect), dialect, 'm'),
    facts: {},
    structuredStream: 'buffer',
    isCrossing,
    emulates: () => true,
    limits: toolLimits[dialect] ?? unlimited,
    mustStaySchema: false,
  })
}

/** Few ids, so that they meet, repeat and miss each other. */
const id = fc.constantFrom('a', 'b', 'c')
const word = fc.constantFrom('one', 'two', '')
const said = word.map((text): Part => ({ kind: 'text', text }))
const call = id.map(
  (name): Part => ({ kind: 'tool-call', type: 'function', id: name, name: 'f', arguments: '{}' }),
)
const result = fc.record({ callId: id, text: fc.constantFrom('r1', 'r2', 'r3') }).map(
  ({ callId, text }): Part => ({
    kind: 'tool-result',
    type: 'function',
    callId,
    parts: [{ kind: 'text', text }],
  }),
)

const turn: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({ role: fc.constant('user' as const), parts: fc.array(said, { maxLength: 2 }) }),
  fc.record({ role: fc.constant('system' as const), parts: fc.array(said, { maxLength: 2 }) }),
  fc.record({
    role: fc.constant('assistant' as const),
    parts: fc
      .tuple(fc.array(said, { maxLength: 1 }), fc.array(call, { maxLength: 3 }))
      .map(parts => parts.flat()),
  }),
  fc.record({ role: fc.constant('tool' as const), parts: fc.array(result, { minLength: 1, maxLength: 3 }) }),
)
const history = fc.array(turn, { maxLength: 8 })

type Message = { readonly role: string } & JsonObject

const encoded = (dialect: DialectId, request: GenerateRequest): JsonObject =>
  findDialect(dialect)?.encodeRequest(request).value ?? {}

/** The rules of Messages that its API answers with 400 (card, section 4.1). */
function messagesProblems(wire: JsonObject): readonly string[] {
  const messages = wire.messages as readonly Message[] // the encoder's own shape
  const problems: string[] = []
  const blocksOf = (message: Message | undefined) =>
    typeof message?.content === 'string' ? [] : ((message?.content ?? []) as readonly JsonObject[]) // as above
  if (messages.length > 0 && messages[0]?.role !== 'user') problems.push('does not begin with the user')
  for (const [index, message] of messages.entries()) {
    if (message.role === messages[index - 1]?.role) problems.push(`two messages of ${message.role} in a row`)
    const calls = blocksOf(message).flatMap(block => (block.type === 'tool_use' ? [block.id] : []))
    const answers = blocksOf(messages[index + 1]).flatMap(block =>
      block.type === 'tool_result' ? [block.tool_use_id] : [],
    )
    if (new Set(calls).size < calls.length) problems.push(`calls of one id: ${calls}`)
    if (message.role === 'assistant' && String(calls.toSorted()) !== String(answers.toSorted()))
      problems.push(`calls ${calls}, results ${answers}`)
    if (message.content === '' || blocksOf(message).some(block => block.type === 'text' && block.text === ''))
      problems.push('an empty text')
    const firstOther = blocksOf(message).findIndex(block => block.type !== 'tool_result')
    if (
      firstOther >= 0 &&
      blocksOf(message)
        .slice(firstOther)
        .some(block => block.type === 'tool_result')
    )
      problems.push('a result behind other blocks')
  }
  const hasCalls = JSON.stringify(messages).includes('"tool_use"')
  if (hasCalls && !Array.isArray(wire.tools)) problems.push('calls without tools')
  return problems
}

/** What OpenAI's chat answers with 400: results and calls that do not belong together. */
function chatProblems(wire: JsonObject): readonly string[] {
  const problems: string[] = []
  let open: unknown[] = []
  for (const message of wire.messages as readonly Message[]) {
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) problems.push(`nobody called ${String(message.tool_call_id)}`)
      open = open.filter(name => name !== message.tool_call_id)
      continue
    }
    if (open.length > 0) problems.push(`no result for ${open}`)
    const calls = (message.tool_calls ?? []) as readonly JsonObject[] // the encoder's own shape
    open = calls.map(entry => entry.id)
  }
  return open.length > 0 ? [...problems, `no result for ${open}`] : problems
}

/** The same of Converse, whose blocks are called otherwise (card, section 4.1). */
function converseProblems(wire: JsonObject): readonly string[] {
  const messages = wire.messages as readonly Message[] // the encoder's own shape
  const problems: string[] = []
  const blocksOf = (message: Message | undefined) => (message?.content ?? []) as readonly JsonObject[] // as above
  const idsIn = (message: Message | undefined, kind: string) =>
    blocksOf(message).flatMap(
      block => (block[kind] as { readonly toolUseId: string } | undefined)?.toolUseId ?? [],
    ) // as above
  if (messages.length > 0 && messages[0]?.role !== 'user') problems.push('does not begin with the user')
  for (const [index, message] of messages.entries()) {
    if (message.role === messages[index - 1]?.role) problems.push(`two messages of ${message.role} in a row`)
    const [calls, answers] = [idsIn(message, 'toolUse'), idsIn(messages[index + 1], 'toolResult')]
    if (message.role === 'assistant' && String(calls.toSorted()) !== String(answers.toSorted()))
      problems.push(`calls ${calls}, results ${answers}`)
    if (blocksOf(message).length === 0 || blocksOf(message).some(block => block.text === ''))
      problems.push('an empty text')
  }
  const hasCalls = JSON.stringify(messages).includes('"toolUse"')
  if (hasCalls && wire.toolConfig === undefined) problems.push('calls without tools')
  return problems
}

/** What generateContent answers with 400: traps 9, 10, 29 and 30 of its card. */
function genaiProblems(wire: JsonObject): readonly string[] {
  const contents = wire.contents as readonly {
    readonly role: string
    readonly parts: readonly JsonObject[]
  }[] // as above
  const problems: string[] = []
  if (contents.length > 0 && contents[0]?.role !== 'user') problems.push('does not begin with the user')
  for (const [index, { role, parts }] of contents.entries()) {
    const calls = parts.filter(part => part.functionCall !== undefined)
    const answers = (contents[index + 1]?.parts ?? []).filter(part => part.functionResponse !== undefined)
    if (parts.length === 0) problems.push('a content without parts')
    if (role === 'model' && calls.length !== answers.length)
      problems.push(`${calls.length} calls, ${answers.length} results`)
  }
  return problems
}

const rules: readonly (readonly [DialectId, (wire: JsonObject) => readonly string[]])[] = [
  ['anthropic-messages', messagesProblems],
  ['openai-chat', chatProblems],
  ['bedrock-converse', converseProblems],
  ['gemini', genaiProblems],
  ['cohere', chatProblems],
]

const textsOf = (turns: readonly Turn[]): readonly string[] =>
  turns
    .flatMap(({ parts }) => parts.flatMap(part => (part.kind === 'tool-result' ? part.parts : [part])))
    .flatMap(part => (part.kind === 'text' && part.text !== '' ? [part.text] : []))

describe('a history', () => {
  test.each(rules)('obeys the rules of %s, however it came', (dialect, problemsOf) =>
    fc.assert(
      fc.property(history, turns => {
        const { request } = repaired(turns, dialect)
        expect(problemsOf(encoded(dialect, request))).toEqual([])
      }),
      { numRuns: 500 },
    ),
  )

  test.each(rules)('keeps every word on its way to %s', dialect =>
    fc.assert(
      fc.property(history, turns => {
        const left = [...textsOf(repaired(turns, dialect).request.turns)]
        for (const text of textsOf(turns)) {
          expect(left).toContain(text)
          left.splice(left.indexOf(text), 1)
        }
      }),
    ),
  )

  test.each(rules)('is changed with a note or not at all for %s', dialect =>
    fc.assert(
      fc.property(history, turns => {
        const { request, notes } = repaired(turns, dialect)
        if (JSON.stringify(request.turns) !== JSON.stringify(turns)) expect(notes.length).toBeGreaterThan(0)
        else expect(notes.filter(note => note.path.startsWith('turns'))).toEqual([])
      }),
    ),
  )

  test.each(rules)('that was repaired for %s needs no repair', dialect =>
    fc.assert(
      fc.property(history, turns => {
        const once = repaired(turns, dialect).request
        expect(repaired(once.turns, dialect).request.turns).toEqual(once.turns)
      }),
    ),
  )

  test('of the target’s own dialect is the caller’s word, as far as calls and results go', () =>
    fc.assert(
      fc.property(history, turns => {
        expect(repaired(turns, 'openai-chat', false).request.turns).toEqual(turns)
      }),
    ))

  test('keeps the results of calls whose ids repeat with their own calls', () => {
    const asks: Turn = {
      role: 'assistant',
      parts: [{ kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '{}' }],
    }
    const answers = (text: string): Turn => ({
      role: 'tool',
      parts: [{ kind: 'tool-result', type: 'function', callId: 'a', parts: [{ kind: 'text', text }] }],
    })
    const user: Turn = { role: 'user', parts: [{ kind: 'text', text: 'on' }] }
    const turns = [user, asks, answers('first'), asks, user, answers('second')]
    expect(textsOf(repaired(turns, 'openai-chat').request.turns)).toEqual(['on', 'first', 'second', 'on'])
  })
})

test('only wires that demand it are in the table', () => {
  for (const features of Object.values(dialectLacks)) expect(new Set(features).size).toBe(features.length)
})
