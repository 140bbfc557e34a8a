import type { Fields } from '../../core/codec/fields.ts'
import { Notes } from '../../core/codec/notes.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest, Hints, Sampling } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { decodeContent } from './block-decode.ts'
import { decodeCache, encodeCache } from './cache.ts'
import { content, count, fieldsOf, flag, number, object, objects, text, texts } from './fields.ts'
import { decodeMessages, encodeConversation } from './messages.ts'
import { decodeFormat, encodeFormat } from './output.ts'
import { decodeReasoning, encodeReasoning } from './reasoning.ts'
import { decodeTool, decodeToolChoice, encodeToolChoice, encodeTools } from './tools.ts'
import { unsupported } from './unsupported.ts'
import { merged, ownExtra, speaker, withExtra } from './wire.ts'

/** `max_tokens` where nobody said one; the plan knows the model and fills in a better number before. */
const fallbackMaxTokens = 8192

/** This wire's words for service tiers and the model's, which are OpenAI's (card 3). */
const tiers: { readonly [tier: string]: string } = { auto: 'auto', standard_only: 'default' }
const tierWords: { readonly [tier: string]: string } = {
  auto: 'auto',
  default: 'standard_only',
  priority: 'auto',
}

/**
 * A body of `POST /v1/messages` to the model (SDK 1.12.0 `MessageCreateParams`, stable and beta). The first mistake
 * becomes the fault, named in this wire's words; fields nobody knows are kept as extras.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  return readRequest(wire, fields => fields.need('max_tokens', count, 0))
}

/** The same without `max_tokens`, as counting asks for it. */
export function decodeUnlimited(wire: JsonObject): Parsed<GenerateRequest> {
  return readRequest(wire, fields => fields.want('max_tokens', count))
}

function readRequest(
  wire: JsonObject,
  readMaxTokens: (fields: Fields) => number | undefined,
): Parsed<GenerateRequest> {
  const faults: Fault[] = []
  const fields = fieldsOf(wire, '', faults)
  const model = fields.need('model', text, '')
  const maxTokens = readMaxTokens(fields)
  const system = fields.want('system', content)
  const instructions = system === undefined ? undefined : decodeContent(system, 'system', faults)
  const turns = decodeMessages(fields)
  const tools = fields
    .want('tools', objects)
    ?.map((tool, index) => decodeTool(tool, `tools[${index}]`, faults))
  const stream = fields.want('stream', flag)
  const request: GenerateRequest = defined({
    model,
    instructions,
    turns,
    tools,
    ...decodeToolChoice(fields, tools ?? []),
    ...decodeOutputConfig(fields),
    sampling: decodeSampling(fields),
    maxTokens,
    cache: decodeCache(fields),
    hints: decodeHints(fields),
    stream: stream ?? false,
    // Every stream of this dialect tells its usage: who asks for one asks for the other.
    streamUsage: stream === true ? true : undefined,
    extra: fields.extra(),
  })
  const [fault] = faults
  return fault === undefined ? { ok: true, value: request } : { ok: false, fault }
}

function decodeOutputConfig(fields: Fields): Pick<GenerateRequest, 'output' | 'reasoning'> {
  const wire = fields.want('output_config', object)
  const inner = wire && fields.inside('output_config', wire)
  const effort = inner?.want('effort', text)
  const format = inner && decodeFormat(inner, 'format')
  if (inner !== undefined) fields.keepRest('output_config', inner)
  // The beta form from before `output_config`; the current one says the same.
  const output = format ?? decodeFormat(fields, 'output_format')
  return defined({ output, reasoning: decodeReasoning(fields, effort) })
}

function decodeSampling(fields: Fields): Sampling {
  return defined({
    temperature: fields.want('temperature', number),
    topP: fields.want('top_p', number),
    topK: fields.want('top_k', number),
    stop: fields.want('stop_sequences', texts),
  })
}

function decodeHints(fields: Fields): Hints {
  const metadata = fields.want('metadata', object)
  const inner = metadata && fields.inside('metadata', metadata)
  const user = inner?.want('user_id', text)
  if (inner !== undefined) fields.keepRest('metadata', inner)
  const tier = fields.want('service_tier', text)
  const serviceTier = tier === undefined ? undefined : own(tiers, tier)
  if (tier !== undefined && serviceTier === undefined) fields.keep('service_tier', tier)
  return defined({ user, serviceTier })
}

/** The model to a body of `POST /v1/messages`. */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  noteUnsupported(unsupported, request, notes)
  const { prompt, budget } = encodePrompt(request, notes)
  const core = defined({
    ...prompt,
    max_tokens: encodeMaxTokens(request, budget, notes),
    ...encodeSampling(request.sampling, budget !== undefined, notes),
    metadata: encodeMetadata(request, notes),
    service_tier: encodeTier(request.hints.serviceTier, notes),
    stream: request.stream ? true : undefined,
  })
  return { value: withExtra(core, ownExtra(request)), notes: notes.list }
}

/** What the model will read: everything that counts as input. `budget` is what is set aside for thinking. */
export function encodePrompt(
  request: GenerateRequest,
  notes: Notes,
): { readonly prompt: JsonObject; readonly budget: number | undefined } {
  notes.foreign(request, '')
  const { system, messages } = encodeConversation(request, notes)
  const { thinking, effort, budget } = encodeReasoning(request.reasoning, messages, notes)
  const isThinking = budget !== undefined
  const tools = encodeTools(request.tools, request.toolChoice, isThinking, notes)
  const config = defined({ effort, format: encodeFormat(request.output, notes) })
  const prompt = defined({
    model: request.model,
    system,
    messages,
    tools,
    tool_choice: encodeChoice(request, tools ?? [], isThinking, notes),
    thinking,
    output_config:
      Object.keys(config).length === 0 ? undefined : merged(config, ownExtra(request)?.output_config),
    cache_control: encodeCache(request.cache, 'cache', notes),
  })
  return { prompt, budget }
}

function encodeChoice(
  request: GenerateRequest,
  tools: readonly JsonObject[],
  isThinking: boolean,
  notes: Notes,
): JsonObject | undefined {
  const { toolChoice, parallelToolCalls } = request
  if (tools.length > 0) return encodeToolChoice(toolChoice, parallelToolCalls, isThinking, notes)
  if (toolChoice !== undefined) notes.add('dropped', 'toolChoice', 'a choice needs tools here')
  if (parallelToolCalls === false) notes.add('dropped', 'parallelToolCalls', 'there are no tools to call')
  return undefined
}

function encodeMaxTokens(request: GenerateRequest, budget: number | undefined, notes: Notes): number {
  if (request.maxTokens === undefined) {
    notes.add('approximated', 'maxTokens', 'a limit is required here and nobody said one')
  }
  const limit = request.maxTokens ?? fallbackMaxTokens
  if (budget === undefined || limit > budget) return limit
  // Callers who set both mean the visible answer (trap 43).
  notes.add('approximated', 'maxTokens', 'the limit covers thinking here: its budget is added')
  return limit + budget
}

function encodeSampling(sampling: Sampling, isThinking: boolean, notes: Notes): JsonObject {
  const { stop } = sampling
  const { temperature, topP, topK } = isThinking ? withoutChance(sampling, notes) : sampling
  if (temperature !== undefined && temperature > 1) {
    notes.add('clamped', 'sampling.temperature', 'the highest temperature here is 1')
  }
  const kept = stop?.filter((sequence, index) => {
    const isSpace = sequence.trim() === ''
    if (isSpace) notes.add('dropped', `sampling.stop[${index}]`, 'white space cannot stop an answer here')
    return !isSpace
  })
  return defined({
    temperature: temperature === undefined ? undefined : Math.min(temperature, 1),
    top_p: topP,
    top_k: topK,
    stop_sequences: kept?.length === 0 && stop?.length !== 0 ? undefined : kept,
  })
}

/** Thinking with a budget takes the temperature of 1 and no `top_k` (card 7). */
function withoutChance({ temperature, topP, topK }: Sampling, notes: Notes): Sampling {
  const [hasTemperature, hasTopK] = [temperature !== undefined && temperature !== 1, topK !== undefined]
  const reason = 'thinking with a budget does not go with it here'
  if (hasTemperature) notes.add('dropped', 'sampling.temperature', reason)
  if (hasTopK) notes.add('dropped', 'sampling.topK', reason)
  return defined({ temperature: hasTemperature ? undefined : temperature, topP })
}

function encodeMetadata(request: GenerateRequest, notes: Notes): JsonObject | undefined {
  const { user, safetyIdentifier } = request.hints
  if (safetyIdentifier !== undefined) {
    notes.add('renamed', 'hints.safetyIdentifier', 'it is the user id here')
    if (user !== undefined) notes.add('dropped', 'hints.user', 'the safety identifier takes its place here')
  }
  const id = safetyIdentifier ?? user
  return id === undefined ? undefined : merged({ user_id: id }, ownExtra(request)?.metadata)
}

function encodeTier(tier: string | undefined, notes: Notes): string | undefined {
  if (tier === undefined) return undefined
  const word = own(tierWords, tier)
  if (word === undefined) notes.add('dropped', 'hints.serviceTier', `there is no tier ${tier} here`)
  else if (tier === 'priority')
    notes.add('approximated', 'hints.serviceTier', 'priority is taken where it is bought')
  return word
}
