import type { Render } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, without } from '../../wire/json.ts'
import { Fields } from './fields.ts'
import { Losses } from './losses.ts'
import { encodeInstructions } from './request.ts'
import { encodeSettings } from './settings.ts'
import { compose, isList, present } from './wire.ts'

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

/** What a response repeats of its request, or says of its own making. */
const repeated: ReadonlySet<string> = new Set([
  ...Object.keys(echoes.asked),
  ...Object.keys(echoes.resolved),
  'billing',
  'completed_at',
  'frequency_penalty',
  'input',
  'presence_penalty',
  'prompt',
  'prompt_cache_options',
  'prompt_cache_retention',
  'user',
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
 * the echo of the request in this wire's words. `store` is what the caller asked for, false where it did not say.
 */
export function createResponse(facts: ResponseFacts, render: Render): JsonObject {
  const { request } = render
  const silent = new Losses()
  const asked = compose(encodeSettings(request, silent), {
    instructions: encodeInstructions(request.instructions, silent),
    store: request.hints.store,
  })
  // What only the end of a stream told stands among the extras too.
  const { model: lateModel, [echoMark]: echo, ...extra } = facts.extra
  const resolved = { ...without(inner(echo), new Set(Object.keys(echoes.asked))), ...extra }
  return compose({
    id: facts.id ?? `resp_${render.id}`,
    object: 'response',
    created_at: facts.created ?? render.created,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: facts.model ?? lateModel ?? request.model,
    output: [],
    ...echoes.asked,
    ...echoes.resolved,
    ...resolved,
    ...echoOf(asked),
    text: { format: { type: 'text' }, ...inner(asked.text) },
    reasoning: { effort: null, summary: null, ...inner(resolved.reasoning), ...inner(asked.reasoning) },
    tools: isList(asked.tools) ? asked.tools.map(echoTool) : [],
    service_tier: facts.serviceTier ?? null,
    usage: null,
  })
}

/** Only what is part of a Response object; `stream`, `include` and their like are not. */
function echoOf(asked: JsonObject): JsonObject {
  const isEcho = (name: string) => Object.hasOwn(echoes.asked, name) || Object.hasOwn(echoes.resolved, name)
  return Object.fromEntries(Object.entries(asked).filter(([name]) => isEcho(name) || name === 'user'))
}

/** `parameters` and `strict` are required keys of a function tool; null is "not said". */
function echoTool(tool: JsonValue): JsonValue {
  return isObject(tool) && tool.type === 'function' ? { parameters: null, strict: null, ...tool } : tool
}

function inner(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}
