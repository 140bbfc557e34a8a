import { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { Render } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, without } from '../../wire/json.ts'
import { Fields } from './fields.ts'
import { conversationId, encodeInstructions } from './request.ts'
import { encodeSettings } from './settings.ts'
import { compose, isMark, ownExtra, present, speaker } from './wire.ts'

/** What a Response object says about itself, without its output, its end and its usage. */
export interface ResponseFacts {
  readonly id?: string
  readonly model?: string
  readonly created?: number
  readonly serviceTier?: string
  readonly extra: JsonObject
}

/**
 * What the Response object repeats of its request. `asked` follows the caller's request alone, whatever the upstream
 * was really sent; `resolved` takes what the upstream says it used where the caller left the choice to it.
 */
const echoes: { readonly asked: JsonObject; readonly resolved: JsonObject } = {
  asked: {
    background: false,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
  },
  resolved: {
    access_programs: null,
    max_tool_calls: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: null,
    temperature: null,
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
  },
}

/** What is repeated only where the request said it. */
const optional: ReadonlySet<string> = new Set(['prompt', 'prompt_cache_retention', 'user'])

/** What a response repeats of its request, or says of its own making. */
const repeated: ReadonlySet<string> = new Set([
  ...Object.keys(echoes.asked),
  ...Object.keys(echoes.resolved),
  ...optional,
  'billing',
  'completed_at',
  'conversation',
  'frequency_penalty',
  'input',
  'presence_penalty',
  'prompt_cache_options',
])

/** Where that stands among the extras: no other dialect misses it. */
const echoMark = '$response'

export function decodeFacts(wire: JsonObject): ResponseFacts {
  const fields = new Fields(wire)
  const facts = {
    id: fields.string('id'),
    model: fields.string('model'),
    created: fields.number('created_at'),
    serviceTier: fields.string('service_tier'),
  }
  // Whatever they are, these are written anew.
  fields.drop('id', 'object', 'created_at', 'model', 'service_tier', 'status')
  fields.drop('output', 'usage', 'incomplete_details')
  if ((wire.error ?? null) === null) fields.drop('error')
  const rest = Object.entries(fields.rest())
  const isSaid = ([name, value]: readonly [string, JsonValue]) => value !== null && !repeated.has(name)
  const echo = Object.fromEntries(rest.filter(entry => !isSaid(entry)))
  const extra = { ...Object.fromEntries(rest.filter(isSaid)), [echoMark]: echo }
  return present<ResponseFacts>({ ...facts, extra })
}

/**
 * A complete Response object of openai-node 7.57.0, in progress and without output: every key its type requires and
 * the echo of the request in this wire's words. `store` is what the caller asked for, false where it did not say. One
 * that will be worked on when there is time is queued.
 */
export function createResponse(facts: ResponseFacts, render: Render): JsonObject {
  const { request } = render
  const silent = new NoteLog(speaker)
  const asked = compose(encodeSettings(request, silent), {
    instructions: encodeInstructions(request.instructions, silent),
    store: request.hints.store,
  })
  // What only the end of a stream told stands among the extras too.
  const { model: lateModel, [echoMark]: echo, ...extra } = facts.extra
  const said = Object.fromEntries(Object.entries(extra).filter(([name]) => !isMark(name)))
  const resolved = { ...without(inner(echo), new Set(Object.keys(echoes.asked))), ...said }
  return compose({
    id: facts.id ?? `resp_${render.id}`,
    object: 'response',
    created_at: facts.created ?? render.created,
    status: isQueued(facts, render) ? 'queued' : 'in_progress',
    error: null,
    incomplete_details: null,
    model: facts.model ?? lateModel ?? request.model,
    output: [],
    ...echoes.asked,
    ...echoes.resolved,
    ...resolved,
    ...echoOf(asked),
    conversation: echoConversation(asked.conversation ?? inner(echo).conversation),
    text: { format: { type: 'text' }, ...inner(asked.text) },
    reasoning: { effort: null, summary: null, ...inner(resolved.reasoning), ...inner(asked.reasoning) },
    tools: isList(asked.tools) ? asked.tools.map(echoTool) : [],
    service_tier: facts.serviceTier ?? null,
    usage: null,
  })
}

/** Stands on an answer that its upstream put into a queue. */
export const queuedMark = '$queued'

export function isQueued({ extra }: ResponseFacts, { request }: Render): boolean {
  return extra[queuedMark] === true || ownExtra(request).background === true
}

/** Only what is part of a Response object; `stream`, `include` and their like are not. */
function echoOf(asked: JsonObject): JsonObject {
  const isEcho = (name: string) =>
    Object.hasOwn(echoes.asked, name) || Object.hasOwn(echoes.resolved, name) || optional.has(name)
  return Object.fromEntries(Object.entries(asked).filter(([name]) => isEcho(name)))
}

/** A request may name the conversation by its bare id; the answer has an object. */
function echoConversation(asked: JsonValue | undefined): JsonObject | undefined {
  const id = conversationId(asked)
  return id === undefined ? undefined : { id }
}

/** `parameters` and `strict` are required keys of a function tool; null is "not said". */
function echoTool(tool: JsonValue): JsonValue {
  return isObject(tool) && tool.type === 'function' ? { parameters: null, strict: null, ...tool } : tool
}

function inner(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}
