import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import fc from 'fast-check'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import { unfold } from '../../src/ir/unfold.ts'
import {
  bytesOf,
  decode,
  decodeWire,
  encode,
  readPlainly,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from '../golden/openai-responses-driver.ts'
import { arbitraryReply } from './arbitrary.ts'

// Properties and cuts take their time on a busy machine.
setDefaultTimeout(60_000)

const { decodeError, decodeReply, decodeRequest, encodeReply, encodeRequest, watchStream } = openaiResponses

const anything = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue> // what it makes is JSON

/** What can go wrong with one event of a stream. */
const damage = fc.record({
  at: fc.nat(),
  field: fc.nat(),
  deep: fc.boolean(),
  value: fc.oneof(anything, fc.constantFrom('constructor', '__proto__', 'message', 0, 1, -1, null)),
  kind: fc.constantFrom('replace', 'delete', 'drop', 'repeat', 'swap'),
})

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function spoil(events: readonly JsonObject[], harms: readonly Damage[]): readonly JsonObject[] {
  let spoiled = [...events]
  for (const { at, field, deep, value, kind } of harms) {
    const index = at % Math.max(1, spoiled.length)
    const event = spoiled[index]
    if (event === undefined) continue
    if (kind === 'drop') spoiled = spoiled.filter((_, other) => other !== index)
    else if (kind === 'repeat') spoiled = spoiled.toSpliced(index, 0, event)
    else if (kind === 'swap') spoiled = [...spoiled.slice(index), ...spoiled.slice(0, index)]
    else spoiled[index] = spoilField(event, field, deep, kind === 'delete' ? undefined : value)
  }
  return spoiled
}

function spoilField(
  event: JsonObject,
  field: number,
  deep: boolean,
  value: JsonValue | undefined,
): JsonObject {
  const names = Object.keys(event)
  const name = names[field % Math.max(1, names.length)] ?? 'type'
  const inner = event[name]
  const isNode = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
  const next = deep && isNode ? spoilField(inner as JsonObject, field >> 2, deep, value) : value
  const others = Object.entries(event).filter(([other]) => other !== name)
  return Object.fromEntries(next === undefined ? others : [...others, [name, next]])
}

const spoiledStream = fc
  .tuple(arbitraryReply({ candidates: 1 }), fc.array(damage, { minLength: 1, maxLength: 4 }))
  .map(([reply, harms]) => spoil(wireOf(encode(unfold(reply, { chunk: 3 })).text), harms))

describe('a stream with damage', () => {
  test('gives events that obey the grammar and end', () => {
    fc.assert(
      fc.property(spoiledStream, wire => {
        const events = decodeWire(...wire)
        expect(checkEvents(events)).toEqual([])
        expect(['end', 'fault']).toContain(events.at(-1)?.type ?? '')
      }),
      { numRuns: 150 },
    )
  })

  test('still becomes a stream that the official SDK reads', async () => {
    await fc.assert(
      fc.asyncProperty(spoiledStream, async wire => {
        const { text } = encode(decodeWire(...wire))
        const { status } = await readWithHelper(text)
        expect(['completed', 'incomplete', 'failed']).toContain(status as string)
        expect(await readPlainly(text)).toEqual(typesOf(text))
      }),
      { numRuns: 30 },
    )
  })

  test('is watched without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (data, event) => {
        const raw = new Uint8Array(0)
        expect(typeof watchStream().push({ raw, data, event })).toBe('string')
        const events = decode([bytesOf(`event: ${event}\ndata: ${data}\n\n`)])
        expect(checkEvents(events)).toEqual([])
      }),
    )
  })
})

describe('anything at all', () => {
  test('is a request, or a fault that names a field', () => {
    const request = fc.record(
      { model: anything, input: anything, tools: anything, text: anything, tool_choice: anything },
      { requiredKeys: [] },
    ) as fc.Arbitrary<JsonObject> // its members are JSON
    fc.assert(
      fc.property(request, wire => {
        const decoded = decodeRequest(wire)
        if (decoded.ok) encodeRequest(decoded.value)
        else expect(decoded.fault.param).toBeString()
      }),
    )
  })

  test('is a reply or a fault', () => {
    const reply = fc.record(
      { status: anything, output: fc.oneof(anything, fc.array(anything)), usage: anything, error: anything },
      { requiredKeys: [] },
    ) as fc.Arbitrary<JsonObject> // its members are JSON
    fc.assert(
      fc.property(reply, wire => {
        const decoded = decodeReply(wire)
        if (decoded.ok) encodeReply(decoded.value, render)
      }),
    )
  })

  test('is an error with a status that a client understands', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 999 }),
        fc.oneof(
          fc.string(),
          anything.map(value => JSON.stringify(value)),
        ),
        (status, body) => {
          const fault = decodeError({ status, headers: new Headers(), body })
          expect(fault.status).toBeWithin(400, 600)
          expect(fault.message).not.toBe('')
        },
      ),
    )
  })
})
