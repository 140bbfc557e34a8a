import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { itemKinds } from '../../src/dialects/openai-responses/item-kinds.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { without } from '../../src/wire/json.ts'
import {
  decodeWire,
  encode,
  finalOf,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from './openai-responses-driver.ts'
import {
  exampleOf,
  exampleOfEvent,
  membersByType,
  problemsOfEvent,
  problemsOfResponse,
} from './openai-responses-schema.ts'
import { typesOfUnion } from './openai-responses-sdk.ts'

// The unions of openai-node's own declarations, read where they stand: a newer SDK with a type that nobody here has
// thought of fails by its name.

// Schemas of this size take their time to compile on a busy machine.
setDefaultTimeout(60_000)

const { decodeReply, decodeRequest, encodeReply, encodeRequest } = openaiResponses

const inputItems = typesOfUnion('ResponseInputItem')
const outputItems = typesOfUnion('ResponseOutputItem')
const events = typesOfUnion('ResponseStreamEvent')

const created: JsonObject = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'm', status: 'in_progress' },
}
const completed: JsonObject = { type: 'response.completed', response: { id: 'resp_1', status: 'completed' } }
const place = { output_index: 0 }
const added = (item: JsonObject): JsonObject => ({ type: 'response.output_item.added', ...place, item })
const done = (item: JsonObject): JsonObject => ({ type: 'response.output_item.done', ...place, item })

const members = membersByType('ResponseOutputItem')

describe('items', () => {
  test('each type of the unions has its kind, and each kind is of a type in the unions', () => {
    const recorded = ['x_search_call']
    const all = [...inputItems, ...outputItems, ...typesOfUnion('ResponseItem'), ...recorded]
    expect([...itemKinds.keys()].sort()).toEqual([...new Set(all)].sort())
  })

  test('the schema knows the same types as the declarations', () => {
    expect([...members.keys()].sort()).toEqual([...outputItems])
  })

  test.each(outputItems)(
    '%s in a history is dropped aloud elsewhere, or refused where it is the conversation',
    type => {
      const decoded = decodeRequest({ model: 'm', input: [exampleOf(members.get(type) ?? '', 'all')] })
      if (!decoded.ok) throw new Error(decoded.fault.message)
      const kinds = openaiChat.encodeRequest(decoded.value).notes.map(note => note.kind)
      const kind = itemKinds.get(type)
      if (kind === 'trace') expect(kinds).toEqual(['dropped'])
      else if (kind === 'kept') expect(kinds).toEqual(['refused'])
      else expect(kinds).not.toContain('refused')
    },
  )

  const cases = (['all', 'required'] as const).flatMap(fields =>
    outputItems.map(type => [type, fields] as const),
  )

  test.each(cases)('%s with %s fields comes back from a request as it was', type_ => {
    const item = exampleOf(members.get(type_) ?? '', 'all')
    const decoded = decodeRequest({ model: 'm', input: [item] })
    if (!decoded.ok) throw new Error(decoded.fault.message)
    expect(encodeRequest(decoded.value)).toMatchObject({ value: { input: [item] }, notes: [] })
  })

  test.each(cases)(
    '%s with %s fields comes back from an answer, whole and streamed',
    async (type, fields) => {
      const item = exampleOf(members.get(type) ?? '', fields)
      const reply = decodeReply({ id: 'resp_1', status: 'completed', output: [item] })
      if (!reply.ok) throw new Error(reply.fault.message)
      const whole = encodeReply(reply.value, render)
      expect(whole.notes).toEqual([])
      expect(whole.value.output).toMatchObject([item])
      expect(problemsOfResponse(whole.value)).toEqual([])
      const { text, notes } = encode(decodeWire(created, added(item), done(item), completed))
      expect(notes).toEqual([])
      expect(finalOf(text).output).toEqual(whole.value.output ?? null)
      expect(await readWithHelper(text)).toMatchObject({ output: [item] })
      expect(wireOf(text).flatMap(problemsOfEvent)).toEqual([])
    },
  )
})

/** Steps of what a provider runs stand in an item of their kind; those of audio stand in none. */
const holders: readonly (readonly [prefix: string, type: string | undefined])[] = [
  ['response.audio', undefined],
  ['response.code_interpreter_call', 'code_interpreter_call'],
  ['response.compaction', 'compaction'],
  ['response.file_search_call', 'file_search_call'],
  ['response.image_generation_call', 'image_generation_call'],
  ['response.mcp_call', 'mcp_call'],
  ['response.mcp_list_tools', 'mcp_list_tools'],
  ['response.shell_call_command', 'shell_call'],
  ['response.shell_call_output', 'shell_call_output'],
  ['response.web_search_call', 'web_search_call'],
]

const hosted = events.flatMap(type => {
  const holder = holders.find(([prefix]) => type.startsWith(prefix))
  return holder === undefined ? [] : [[type, holder[1]] as const]
})

const text = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }
const annotation = { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 0, end_index: 2 }
const content = { ...place, item_id: 'a', content_index: 0 }
const summary = { ...place, item_id: 'a', summary_index: 0 }
const part = { type: 'summary_text', text: 'S' }
const thought = { type: 'reasoning_text', text: 'T' }
const message = { type: 'message', id: 'a', role: 'assistant', status: 'completed' }

/** What is said of one item between its two ends, in the order in which the first party says it. */
const told: { readonly [name: string]: readonly JsonObject[] } = {
  'a text with a citation': [
    added({ ...message, status: 'in_progress', content: [] }),
    { type: 'response.content_part.added', ...content, part: { ...text, text: '' } },
    { type: 'response.output_text.delta', ...content, delta: 'Hi', logprobs: [] },
    { type: 'response.output_text.annotation.added', ...content, annotation_index: 0, annotation },
    { type: 'response.output_text.done', ...content, text: 'Hi', logprobs: [] },
    { type: 'response.content_part.done', ...content, part: { ...text, annotations: [annotation] } },
    done({ ...message, content: [{ ...text, annotations: [annotation] }] }),
  ],
  'a refusal': [
    added({ ...message, status: 'in_progress', content: [] }),
    { type: 'response.content_part.added', ...content, part: { type: 'refusal', refusal: '' } },
    { type: 'response.refusal.delta', ...content, delta: 'No' },
    { type: 'response.refusal.done', ...content, refusal: 'No' },
    { type: 'response.content_part.done', ...content, part: { type: 'refusal', refusal: 'No' } },
    done({ ...message, content: [{ type: 'refusal', refusal: 'No' }] }),
  ],
  'a summary and a thought': [
    added({ type: 'reasoning', id: 'a', summary: [] }),
    { type: 'response.reasoning_summary_part.added', ...summary, part: { ...part, text: '' } },
    { type: 'response.reasoning_summary_text.delta', ...summary, delta: 'S' },
    { type: 'response.reasoning_summary_text.done', ...summary, text: 'S' },
    { type: 'response.reasoning_summary_part.done', ...summary, part },
    { type: 'response.content_part.added', ...content, part: { ...thought, text: '' } },
    { type: 'response.reasoning_text.delta', ...content, delta: 'T' },
    { type: 'response.reasoning_text.done', ...content, text: 'T' },
    { type: 'response.content_part.done', ...content, part: thought },
    done({ type: 'reasoning', id: 'a', summary: [part], content: [thought] }),
  ],
  'a call of a function': [
    added({ type: 'function_call', id: 'a', call_id: 'c', name: 'f', arguments: '', status: 'in_progress' }),
    { type: 'response.function_call_arguments.delta', ...place, item_id: 'a', delta: '{}' },
    { type: 'response.function_call_arguments.done', ...place, item_id: 'a', arguments: '{}' },
    done({ type: 'function_call', id: 'a', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' }),
  ],
  'a call in free text': [
    added({ type: 'custom_tool_call', id: 'a', call_id: 'c', name: 'f', input: '' }),
    { type: 'response.custom_tool_call_input.delta', ...place, item_id: 'a', delta: 'x' },
    { type: 'response.custom_tool_call_input.done', ...place, item_id: 'a', input: 'x' },
    done({ type: 'custom_tool_call', id: 'a', call_id: 'c', name: 'f', input: 'x' }),
  ],
}

const end = (type: string, response: JsonObject): JsonObject => ({
  type: `response.${type}`,
  response: { id: 'resp_1', output: [], status: type, ...response },
})
const begin = (...names: readonly string[]): readonly JsonObject[] =>
  names.map(type => ({
    type: `response.${type}`,
    response: { id: 'resp_1', model: 'm', status: names.includes('queued') ? 'queued' : 'in_progress' },
  }))

const refused = { code: 'server_error', message: 'It broke.' }
const cut = { incomplete_details: { reason: 'max_output_tokens' } }

/** Streams that come back event for event. */
const streams: readonly (readonly [name: string, events: readonly JsonObject[]])[] = [
  ...Object.entries(told).map(
    ([name, said]) => [name, [...begin('created', 'in_progress'), ...said, end('completed', {})]] as const,
  ),
  ['one that waited', [...begin('created', 'queued', 'in_progress'), end('completed', {})]],
  ['one that was cut off', [...begin('created', 'in_progress'), end('incomplete', cut)]],
  ['one that failed', [...begin('created', 'in_progress'), end('failed', { error: refused })]],
]

describe('events', () => {
  test('each type of the union is in one of these tests', () => {
    const tested = [
      ...hosted.map(([type]) => type),
      ...streams.flatMap(([, said]) => said.map(one => one.type)),
    ]
    expect([...new Set([...tested, 'error'])].sort()).toEqual([...events])
  })

  test.each(streams)('%s comes back in its order', async (_, said) => {
    const { text: written } = encode(decodeWire(...said))
    expect(typesOf(written)).toEqual(said.map(event => String(event.type)))
    expect(wireOf(written).map(event => event.sequence_number)).toEqual([...said.keys()])
    expect(wireOf(written).flatMap(problemsOfEvent)).toEqual([])
    expect(await readWithHelper(written)).toEqual(finalOf(written))
  })

  test.each(hosted)('%s comes back in its place', async (type, holder) => {
    const step = { ...exampleOfEvent(type, 'all'), sequence_number: 3 }
    const begun = type.endsWith('.added') ? 'required' : 'all'
    const item = holder === undefined ? message : exampleOf(members.get(holder) ?? '', begun)
    const whole = holder === undefined ? { ...item, content: [] } : item
    const named = 'item_id' in step ? { ...step, item_id: whole.id ?? null } : step
    const kept = without(named, new Set(['obfuscation']))
    const { text: written, notes } = encode(decodeWire(created, added(whole), named, done(whole), completed))
    expect(notes).toEqual([])
    expect(wireOf(written)).toContainEqual(kept)
    expect(wireOf(written).flatMap(problemsOfEvent)).toEqual([])
    expect(await readWithHelper(written)).toEqual(finalOf(written))
  })

  test('work in the background waits before it begins', () => {
    const request = decodeRequest({ model: 'm', input: 'hi', background: true })
    if (!request.ok) throw new Error(request.fault.message)
    const how = { ...render, request: request.value }
    const { text: written } = encode([{ type: 'start' }, { type: 'end' }], how)
    const states = wireOf(written).map(({ type, response }) => [type, (response as JsonObject).status]) // each has one
    expect(states).toEqual([
      ['response.created', 'queued'],
      ['response.queued', 'queued'],
      ['response.in_progress', 'in_progress'],
      ['response.completed', 'completed'],
    ])
  })

  test('an error is the last word of a stream that failed', async () => {
    const error = { type: 'error', code: 'server_error', message: 'It broke.', param: null }
    const { text: written } = encode(decodeWire(...begin('created', 'in_progress'), error))
    expect(typesOf(written)).toEqual(['response.created', 'response.in_progress', 'response.failed'])
    expect(finalOf(written)).toMatchObject({ status: 'failed', error: refused, usage: null })
    expect(wireOf(written).flatMap(problemsOfEvent)).toEqual([])
  })
})
