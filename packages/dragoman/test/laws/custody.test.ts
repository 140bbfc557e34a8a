import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Dialect } from '../../src/core/dialect.ts'
import { findClaims } from '../../src/custody/claims.ts'
import { Custody } from '../../src/custody/custody.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import type { Event } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Opaque, Origin } from '../../src/ir/opaque.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createFixedAmbient } from '../golden/matrix/ambient.ts'

// What a provider said, through a caller's dialect and back: the turn it gets again is the turn it said.

const origin: Origin = { provider: 'p', endpoint: 'https://p', account: 'one', family: 'm' }
const tenant = 't'

const dialectOf = (id: DialectId): Dialect => {
  const dialect = findDialect(id)
  if (dialect === undefined) throw new Error(`no dialect ${id}`)
  return dialect
}

const custody = () => new Custody({ ambient: createFixedAmbient(), log: () => {} })

const word = fc
  .string({ unit: fc.constantFrom(...'abc äβ😀\n'), minLength: 1, maxLength: 12 })
  .map(text => `x${text}x`)

const sealed = (dialect: DialectId, form: Opaque['form'] = 'signature') =>
  fc.base64String({ minLength: 4, maxLength: 40 }).map((data): Opaque => ({ form, data, dialect }))

const text = word.map((said): Part => ({ kind: 'text', text: said }))

/** Thoughts that are signed, hidden or encrypted, texts between them, calls in the end. */
function turnOf(dialect: DialectId, shapes: Shapes, to: DialectId): fc.Arbitrary<readonly Part[]> {
  const thought = fc
    .record({ text: word, opaque: sealed(dialect, shapes.form) })
    .map((rest): Part => ({ kind: 'thinking', ...rest }))
  const hidden = sealed(dialect, shapes.hidden).map(
    (opaque): Part => ({ kind: 'thinking', text: '', opaque }),
  )
  const signed = fc
    .record({ text: word, opaque: sealed(dialect) })
    .map((rest): Part => ({ kind: 'text', ...rest }))
  const spoken = fc.oneof(thought, hidden, ...(shapes.signsText ? [signed] : [text]))
  const call = (index: number) =>
    fc.option(sealed(dialect), { nil: undefined }).map((opaque): Part => {
      const state = opaque === undefined || !shapes.signsCalls ? {} : { opaque }
      return {
        kind: 'tool-call',
        type: 'function',
        id: `call-${index}`,
        name: 'f',
        arguments: '{"a":1}',
        ...state,
      }
    })
  // A text's own state has no place in some dialects: it needs a call beside it.
  const needsCall = shapes.signsText && to !== 'openai-chat'
  const calls = fc
    .integer({ min: needsCall ? 1 : 0, max: 3 })
    .chain(count => fc.tuple(...Array.from({ length: count }, (_, index) => call(index))))
  // Texts side by side are one text to everybody.
  const separate = (parts: readonly Part[]) =>
    parts.filter((part, index) => part.kind !== 'text' || parts[index - 1]?.kind !== 'text')
  return fc
    .tuple(fc.array(spoken, { maxLength: 5 }), calls)
    .map(([first, last]) => [...separate(first), ...last])
    .filter(parts => parts.length > 0)
}

interface Shapes {
  readonly form: Opaque['form']
  readonly hidden: Opaque['form']
  readonly signsText: boolean
  readonly signsCalls: boolean
}

const sources: readonly (readonly [DialectId, Shapes])[] = [
  ['anthropic-messages', { form: 'signature', hidden: 'redacted', signsText: false, signsCalls: false }],
  ['openai-responses', { form: 'encrypted', hidden: 'encrypted', signsText: false, signsCalls: false }],
  ['bedrock-converse', { form: 'signature', hidden: 'redacted', signsText: false, signsCalls: false }],
  ['gemini', { form: 'signature', hidden: 'signature', signsText: true, signsCalls: true }],
]

/** How each caller sends an answer back: as its SDK's guide says. */
const callers: { readonly [D in DialectId]?: (wire: JsonObject, request: object) => JsonObject } = {
  'openai-chat': wire => {
    const [choice] = wire.choices as readonly { readonly message: JsonObject }[] // the encoder's own shape
    return { model: 'm', messages: [{ role: 'user', content: 'hi' }, choice?.message ?? {}] }
  },
  'openai-responses': wire => {
    const output = wire.output as readonly JsonObject[] // as above
    return { model: 'm', input: [{ role: 'user', content: 'hi' }, ...output] }
  },
  'anthropic-messages': wire => ({
    model: 'm',
    max_tokens: 10,
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: wire.content ?? [] },
    ],
  }),
  gemini: wire => {
    const [candidate] = wire.candidates as readonly { readonly content: JsonObject }[] // as above
    return {
      model: 'm',
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }, candidate?.content ?? {}],
    }
  },
}

const request: GenerateRequest = { model: 'm', turns: [], sampling: {}, hints: {}, stream: false }

const keeping = (from: DialectId, to: DialectId) => ({
  from,
  to,
  replays: false,
  callId: 'abc',
  leg: undefined,
})

const replyOf = (dialect: DialectId, parts: readonly Part[]): Reply => ({
  dialect,
  id: 'r',
  candidates: [{ index: 0, parts, finish: { reason: 'stop' } }],
})

/** The turn as its caller's history says it again, and what the custodian made of that. */
async function roundTrip(from: DialectId, to: DialectId, parts: readonly Part[], back: Origin = origin) {
  const keeper = custody()
  const notes: Note[] = []
  const shown = await keeper
    .keeper(keeping(from, to), async () => origin, tenant)
    .reply(replyOf(from, parts), note => notes.push(note))
  const caller = dialectOf(to)
  const encoded = caller.encodeReply(shown, { id: 'abc', created: 1, request })
  const decoded = caller.decodeRequest(callers[to]?.(encoded.value, request) ?? {})
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const claims = findClaims(decoded.value)
  if (claims === undefined) return { turn: decoded.value.turns.at(-1)?.parts ?? [], notes, encoded }
  const restored = await keeper.restore(decoded.value, claims, back, tenant)
  return { turn: restored.value.turns.at(-1)?.parts ?? [], notes: [...notes, ...restored.notes], encoded }
}

/** What counts: kinds, words, ids and state; not where a wire put them. */
const essence = (parts: readonly Part[]) =>
  parts.map(part => {
    const { opaque } = part
    const state = opaque === undefined ? undefined : [opaque.form, opaque.data, opaque.dialect]
    if (part.kind === 'tool-call') return [part.kind, part.id, part.arguments, state]
    return [part.kind, 'text' in part ? part.text : undefined, state]
  })

const pairs = sources
  .flatMap(([from, shapes]) => Object.keys(callers).map(to => ({ from, to: to as DialectId, shapes })))
  .filter(({ from, to }) => from !== to)

describe('custody', () => {
  test.each(pairs)('gives a turn of $from back whole after $to had it', ({ from, to, shapes }) =>
    fc.assert(
      fc.asyncProperty(turnOf(from, shapes, to), async parts => {
        const { turn, notes, encoded } = await roundTrip(from, to, parts)
        expect(essence(turn)).toEqual(essence(parts))
        expect([...notes, ...encoded.notes].filter(note => note.path.endsWith('opaque'))).toEqual([])
      }),
    ),
  )

  test.each(pairs)(
    'gives nothing of $from to anybody else after $to had it, and says so',
    ({ from, to, shapes }) =>
      fc.assert(
        fc.asyncProperty(
          turnOf(from, shapes, to),
          fc.constantFrom('provider', 'endpoint', 'account', 'family'),
          async (parts, what) => {
            const { turn, notes } = await roundTrip(from, to, parts, { ...origin, [what]: 'another' })
            expect(turn.every(part => part.opaque === undefined)).toBe(true)
            const had = parts.some(part => part.opaque !== undefined)
            if (had) expect(notes.some(note => note.kind === 'dropped')).toBe(true)
            expect(turn.filter(part => part.kind === 'tool-call').length).toBe(
              parts.filter(part => part.kind === 'tool-call').length,
            )
          },
        ),
      ),
  )

  test.each(pairs)('shows the same events of $from to $to however they were cut', ({ from, to, shapes }) =>
    fc.assert(
      fc.asyncProperty(
        turnOf(from, shapes, to),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        async (parts, size, chunk) => {
          const all = unfold(replyOf(from, parts), { chunk: 1 + (chunk % 5) })
          const keeper = custody().keeper(keeping(from, to), async () => origin, tenant)
          const events: Event[] = []
          for (let at = 0; at < all.length; at += size)
            events.push(...(await keeper.take(all.slice(at, at + size))))
          expect(checkEvents(events)).toEqual([])
          const bare = (reply: Reply) =>
            reply.candidates[0]?.parts.map(part => ({
              ...part,
              opaque: part.opaque?.form,
              extra: Object.keys(part.extra ?? {}),
            }))
          const whole = await custody()
            .keeper(keeping(from, to), async () => origin, tenant)
            .reply(replyOf(from, parts), () => {})
          expect(bare(foldEvents(events))).toEqual(bare(whole))
          expect(JSON.stringify(events)).not.toContain(`"dialect":"${from}"}`)
        },
      ),
    ),
  )
})
