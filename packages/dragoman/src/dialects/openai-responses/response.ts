import type { Render } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { ItemMeta, Part } from '../../ir/part.ts'
import type { Candidate, Finish, FinishReason, Reply } from '../../ir/reply.ts'
import { isObject, without } from '../../wire/json.ts'
import { decodeInBandError } from './error.ts'
import { decodeOutputItem } from './items.ts'
import { encodeItems, type ItemIds } from './items-encode.ts'
import { encodeInstructions } from './request.ts'
import { encodeSettings } from './settings.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { compose, dialect, Fields, isList, Losses, ownExtra, present } from './wire.ts'

/** The fields of a Response object that the model has words for; all others are extras. */
export interface ResponseFacts {
  readonly id?: string
  readonly model?: string
  readonly created?: number
  readonly serviceTier?: string
  readonly extra: JsonObject
}

/** What a Response object says about itself, without its output, its end and its usage. */
export function decodeFacts(wire: JsonObject): ResponseFacts {
  const fields = new Fields(wire)
  fields.drop('object', 'status', 'output', 'usage', 'incomplete_details')
  if ((wire.error ?? null) === null) fields.drop('error')
  return present<ResponseFacts>({
    id: fields.string('id'),
    model: fields.string('model'),
    created: fields.number('created_at'),
    serviceTier: fields.string('service_tier'),
    extra: fields.rest(),
  })
}

/** A whole Response object (openai-node 7.57.0 `Response`). A failed one, and a bare error, is the fault it reports. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const failed = wire.status === 'failed' || (isObject(wire.error) && !isList(wire.output))
  if (failed) return { ok: false, fault: decodeInBandError(wire.error) }
  const { output } = wire
  if (!isList(output)) {
    const message = "The upstream's answer is no Response object: it has no `output` list."
    return { ok: false, fault: createFault('upstream_invalid', message) }
  }
  const { extra, ...facts } = decodeFacts(wire)
  const candidate = decodeOutput(output.filter(isObject), wire)
  const value = present<Reply>({
    dialect,
    ...facts,
    candidates: [candidate],
    usage: decodeUsage(wire.usage),
    extra: { [dialect]: extra },
  })
  return { ok: true, value }
}

function decodeOutput(output: readonly JsonObject[], wire: JsonObject): Candidate {
  const parts: Part[] = []
  const items: ItemMeta[] = []
  for (const value of output) {
    const item = decodeOutputItem(value, `call_${items.length}`)
    parts.push(...item.parts.map(part => ({ ...part, item: items.length })))
    items.push(item.meta)
  }
  const hasCall = parts.some(part => part.kind === 'tool-call')
  return { index: 0, parts, items, finish: decodeFinish(wire, hasCall) }
}

/** `incomplete_details.reason` of the SDK's type. */
const incompleteReasons: { readonly [reason: string]: FinishReason } = {
  max_output_tokens: 'length',
  max_messages: 'length',
  content_filter: 'content-filter',
}

/** Status and incomplete_details to a finish. The wire has no word for "the model calls tools": the output says it. */
export function decodeFinish(wire: JsonObject, hasCall: boolean): Finish {
  const status = typeof wire.status === 'string' ? wire.status : 'completed'
  if (status === 'completed') return { reason: hasCall ? 'tool-calls' : 'stop', raw: status }
  const details = wire.incomplete_details
  const reason = isObject(details) && typeof details.reason === 'string' ? details.reason : undefined
  return present<Finish>({
    reason: incompleteReasons[reason ?? ''] ?? 'unknown',
    raw: reason ?? status,
    extra: { [dialect]: { status, incomplete_details: details ?? null } },
  })
}

/** The end of an answer as the wire says it. */
export function encodeFinish(finish: Finish): JsonObject {
  const own = ownExtra(finish)
  if (typeof own.status === 'string') return own
  switch (finish.reason) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    case 'content-filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    case 'error':
      return {
        status: 'failed',
        error: { code: 'server_error', message: finish.explanation ?? 'The model failed.' },
      }
    case 'stop':
    case 'tool-calls':
    case 'pause':
    case 'unknown':
      return { status: 'completed' }
  }
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

/**
 * A complete Response object of openai-node 7.57.0, in progress and without output: every key its type requires and
 * the echo of the request in this wire's words. `store` is what the caller asked for, false where it did not say.
 */
export function createResponse(facts: ResponseFacts, render: Render): JsonObject {
  const { request } = render
  const silent = new Losses()
  const settings = encodeSettings(request, silent)
  const asked = compose({
    ...settings,
    instructions: encodeInstructions(request.instructions, silent),
    store: request.hints.store,
    tools: settings.tools,
  })
  // What only the end of a stream told stands among the extras.
  const { model: lateModel, service_tier: lateTier, ...extra } = facts.extra
  const resolved = without(extra, new Set(Object.keys(echoes.asked)))
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
    service_tier: lateTier ?? facts.serviceTier ?? null,
    usage: null,
  })
}

/** Only what is part of a Response object; `stream`, `input` and their like are not. */
function echoOf(asked: JsonObject): JsonObject {
  const known = (name: string) => Object.hasOwn(echoes.asked, name) || Object.hasOwn(echoes.resolved, name)
  return Object.fromEntries(Object.entries(asked).filter(([name]) => known(name) || name === 'user'))
}

/** `parameters` and `strict` are required keys of a function tool; null is "not said". */
function echoTool(tool: JsonValue): JsonValue {
  return isObject(tool) && tool.type === 'function' ? { parameters: null, strict: null, ...tool } : tool
}

function inner(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

/**
 * The ids of one answer: those of this wire's items are kept while they are unique, others count from the call's id.
 * Calls without an id, or with one that stood before, get one of ours: clients match results by it.
 */
export function createIds(render: Render, keepsItems: boolean, losses: Losses): ItemIds {
  const used = new Set<string>()
  const calls = new Set<string>()
  return {
    item: (prefix, known) => {
      const id = keepsItems && known && !used.has(known) ? known : `${prefix}_${render.id}_${used.size}`
      used.add(id)
      return id
    },
    call: (known, path) => {
      const isGood = known !== '' && !calls.has(known)
      const id = isGood ? known : `call_${render.id}_${calls.size}`
      if (!isGood) losses.add('renamed', `${path}.id`, 'the id of the call was empty or stood before')
      calls.add(id)
      return id
    },
  }
}

/**
 * The model to a whole Response object, with its output the same as the stream's last event has. Only the first
 * candidate can be said.
 */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const losses = new Losses()
  losses.foreign(reply, 'reply')
  const isOwnReply = reply.dialect === dialect
  const [candidate, ...others] = reply.candidates
  if (others.length > 0) losses.add('dropped', 'reply.candidates[1]', 'Responses answers with one candidate')
  const { model, created, serviceTier } = reply
  const id = isOwnReply ? reply.id : undefined
  const facts = present<ResponseFacts>({ id, model, created, serviceTier, extra: ownExtra(reply) })
  const finish = candidate?.finish ?? { reason: 'unknown' }
  const output =
    candidate === undefined ? [] : encodeOutput(candidate, createIds(render, isOwnReply, losses), losses)
  const value = {
    ...createResponse(facts, render),
    ...encodeFinish(finish),
    output,
    usage: reply.usage === undefined ? null : encodeUsage(reply.usage),
  }
  return { value, notes: losses.notes }
}

function encodeOutput(candidate: Candidate, ids: ItemIds, losses: Losses): readonly JsonObject[] {
  const path = 'reply.candidates[0]'
  const { finish } = candidate
  losses.foreign(candidate, path)
  losses.foreign(finish, `${path}.finish`)
  const lastStatus = encodeFinish(finish).status === 'incomplete' ? 'incomplete' : 'completed'
  return encodeItems(candidate, { role: 'assistant', path, losses, ids, lastStatus })
}
