import type { NoteLog } from '../../core/codec/notes.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { GenerateRequest, Hints, OutputFormat, Reasoning, Sampling } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import type { Fields } from './fields.ts'
import { decodeTool, decodeToolChoice, encodeTool, encodeToolChoice } from './tools.ts'
import { unsupported } from './unsupported.ts'
import { compose, dialect, isDefined, isOwn, ownExtra, present } from './wire.ts'

/** What of the request stands beside the conversation. */
export type Settings = Omit<GenerateRequest, 'model' | 'instructions' | 'turns' | 'stream'>

const logprobsWanted = 'message.output_text.logprobs'
const encryptedWanted = 'reasoning.encrypted_content'

/**
 * Everything of `ResponseCreateParams` (openai-node 7.57.0) but the model, the conversation and the stream switch.
 * Fields without a word in the model stay in the extras: truncation, max_tool_calls, context_management, prompt, ...
 */
export function decodeSettings(fields: Fields): Settings {
  const tools = fields.list('tools')
  const choice = fields.object.tool_choice ?? null
  if (choice !== null) fields.drop('tool_choice')
  const text = fields.child('text')
  const reasoning = fields.child('reasoning')
  const include = fields.list('include')
  const logprobs = include?.includes(logprobsWanted) === true
  const others = include?.filter(entry => entry !== logprobsWanted)
  const top = logprobs ? fields.number('top_logprobs') : undefined
  const output = decodeOutput(text)
  const verbosity = text?.string('verbosity')
  return present<Settings>({
    tools: tools?.flatMap((tool, index) => decodeTool(tool, `tools[${index}]`, fields.faults)),
    toolChoice: choice === null ? undefined : decodeToolChoice(choice, fields.faults),
    parallelToolCalls: fields.boolean('parallel_tool_calls'),
    output,
    sampling: present<Sampling>({ temperature: fields.number('temperature'), topP: fields.number('top_p') }),
    maxTokens: fields.number('max_output_tokens'),
    reasoning: reasoning && decodeReasoning(reasoning),
    logprobs: logprobs ? present<{ top?: number }>({ top }) : undefined,
    hints: present<Hints>({
      user: fields.string('user'),
      safetyIdentifier: fields.string('safety_identifier'),
      metadata: fields.child('metadata')?.object,
      serviceTier: fields.string('service_tier'),
      promptCacheKey: fields.string('prompt_cache_key'),
      verbosity,
      store: fields.boolean('store'),
    }),
    extra: { [dialect]: { ...fields.rest(), ...rest(text), ...(others?.length && { include: others }) } },
  })
}

/** What of `text` has no word in the model. */
function rest(text: Fields | undefined): JsonObject {
  const fields = text?.rest() ?? {}
  return Object.keys(fields).length === 0 ? {} : { text: fields }
}

/** `text.format`; a format of an unknown type stays where it is. */
function decodeOutput(text: Fields | undefined): OutputFormat | undefined {
  const format = text?.child('format')
  if (text === undefined || format === undefined) return undefined
  switch (format.required('type')) {
    case 'text':
      return present<OutputFormat>({ kind: 'text', extra: format.extra() })
    case 'json_object':
      return present<OutputFormat>({ kind: 'json', extra: format.extra() })
    case 'json_schema':
      return present<OutputFormat>({
        kind: 'json-schema',
        name: format.required('name'),
        description: format.string('description'),
        schema: format.child('schema')?.object,
        strict: format.boolean('strict'),
        extra: format.extra(),
      })
    default:
      text.keep('format')
      return undefined
  }
}

function decodeReasoning(fields: Fields): Reasoning {
  return present<Reasoning>({
    effort: fields.string('effort'),
    summary: fields.string('summary'),
    extra: { [dialect]: fields.rest() },
  })
}

/** The smallest `max_output_tokens` the server takes (400 below it). */
const fewestTokens = 16

/** The settings on the wire, `store` excepted: a request never asks for storage that the caller did not ask for. */
export function encodeSettings(request: GenerateRequest, notes: NoteLog): JsonObject {
  notes.foreign(request, '')
  const { sampling, hints } = request
  const { text, include, ...rest } = ownExtra(request)
  noteUnsupported(unsupported, request, notes)
  const tools = request.tools
    ?.map((tool, index) => encodeTool(tool, `tools[${index}]`, notes))
    .filter(isDefined)
  return compose(rest, {
    tools,
    tool_choice: request.toolChoice && encodeToolChoice(request.toolChoice, notes),
    parallel_tool_calls: request.parallelToolCalls,
    text: encodeText(request, text),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_logprobs: request.logprobs?.top,
    max_output_tokens: encodeMaxTokens(request, notes),
    reasoning: request.reasoning && encodeReasoning(request.reasoning, notes),
    include: encodeInclude(request, include),
    user: hints.user,
    safety_identifier: hints.safetyIdentifier,
    metadata: hints.metadata,
    service_tier: hints.serviceTier,
    prompt_cache_key: hints.promptCacheKey,
  })
}

function encodeText(request: GenerateRequest, own: JsonValue | undefined): JsonValue | undefined {
  const { output, hints } = request
  if (output === undefined && hints.verbosity === undefined) return own
  const kept = isObject(own) ? own : {}
  return compose(kept, {
    format: output && encodeOutput(output),
    verbosity: hints.verbosity,
  })
}

function encodeOutput(output: OutputFormat): JsonObject {
  if (output.kind === 'text') return { ...ownExtra(output), type: 'text' }
  if (output.kind === 'json') return { ...ownExtra(output), type: 'json_object' }
  const { name, description, schema, strict } = output
  // Name and schema are required by the wire; other dialects may leave the name out.
  return compose(ownExtra(output), {
    type: 'json_schema',
    name: name ?? 'answer',
    description,
    schema: schema ?? {},
    strict,
  })
}

function encodeMaxTokens(request: GenerateRequest, notes: NoteLog): number | undefined {
  const { maxTokens } = request
  if (maxTokens === undefined || maxTokens >= fewestTokens || isOwn(request)) return maxTokens
  notes.add('clamped', 'maxTokens', `Responses takes no less than ${fewestTokens} tokens`)
  return fewestTokens
}

function encodeInclude(request: GenerateRequest, own: JsonValue | undefined): JsonValue | undefined {
  const wanted = [
    ...(request.logprobs === undefined ? [] : [logprobsWanted]),
    // Who sends the answer back later needs the reasoning in a form that its maker can read again.
    ...(request.hints.replay === true && request.reasoning !== undefined ? [encryptedWanted] : []),
  ]
  const kept = isList(own) ? own : []
  const added = wanted.filter(word => !kept.includes(word))
  return added.length === 0 ? own : [...kept, ...added]
}

/** Budgets of other dialects, by the effort that spends about as much. */
const efforts: readonly (readonly [budget: number, effort: string])[] = [
  [2_048, 'low'],
  [16_384, 'medium'],
  [Number.POSITIVE_INFINITY, 'high'],
]

function encodeReasoning(reasoning: Reasoning, notes: NoteLog): JsonObject {
  notes.foreign(reasoning, 'reasoning')
  const { effort, budget, mode, summary } = reasoning
  const base = compose(ownExtra(reasoning), { effort, summary })
  if (effort !== undefined) {
    if (budget !== undefined) notes.add('dropped', 'reasoning.budget', 'the effort says it already')
    return base
  }
  if (mode === 'off') {
    notes.add('approximated', 'reasoning.mode', 'switched off by effort "none", which not every model takes')
    return { ...base, effort: 'none' }
  }
  if (budget !== undefined) {
    const nearest = efforts.find(([most]) => budget <= most)?.[1] ?? 'high'
    notes.add(
      'approximated',
      'reasoning.budget',
      `Responses has no budget; effort "${nearest}" stands for it`,
    )
    return { ...base, effort: nearest }
  }
  if (mode !== undefined) {
    notes.add(
      'approximated',
      'reasoning.mode',
      'the model thinks by its own default; name an effort to be sure',
    )
  }
  return base
}
