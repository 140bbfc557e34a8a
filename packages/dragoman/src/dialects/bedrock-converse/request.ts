import type { Fields } from '../../core/codec/fields.ts'
import { Notes } from '../../core/codec/notes.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest, Hints, Sampling } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { decodeBlocks } from './block-decode.ts'
import type { Writing } from './block-encode.ts'
import { count, fieldsOf, number, object, objects, openOptional, text, texts } from './fields.ts'
import { decodeMessages, encodeConversation } from './messages.ts'
import { decodeModelFields, encodeModelFields, isSignedOnly } from './model-fields.ts'
import { decodeFormat, encodeFormat } from './output.ts'
import { tierOf, tierWord } from './tier.ts'
import { decodeTools, encodeTools } from './tools.ts'
import { unsupported } from './unsupported.ts'
import { ownExtra, speaker, unlessEmpty, withExtra } from './wire.ts'

/**
 * A body of `POST /model/{modelId}/converse` or `/converse-stream` to the model (SDK 3.1164 `ConverseRequest`). The
 * model and whether it streams stand in the path; a `modelId` in the body is read all the same. The first mistake
 * becomes the fault; fields nobody knows are kept as extras.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const faults: Fault[] = []
  const fields = fieldsOf(wire, '', faults)
  const system = fields.want('system', objects)
  const config = openOptional(fields, 'outputConfig')
  const output = config && decodeFormat(config)
  const effort = config?.want('effort', text)
  if (config !== undefined) fields.keepRest('outputConfig', config)
  const told = decodeModelFields(fields.want('additionalModelRequestFields', object) ?? {})
  if (isObject(wire.additionalModelRequestFields)) {
    fields.keep('additionalModelRequestFields', wire.additionalModelRequestFields)
  }
  const said = effort ?? told.effort
  const reasoning = said === undefined ? told.reasoning : { ...told.reasoning, effort: said }
  const { tools, toolChoice } = decodeTools(fields)
  const request: GenerateRequest = defined({
    model: fields.take('modelId', text) ?? '',
    instructions: system && decodeBlocks(system, 'system', faults),
    turns: decodeMessages(fields),
    tools,
    toolChoice: toolChoice ?? told.toolChoice,
    parallelToolCalls: told.parallelToolCalls,
    output,
    ...decodeInference(fields, told.topK),
    reasoning,
    vocabulary: told.vocabulary,
    hints: decodeHints(fields),
    stream: false,
    extra: fields.extra(),
  })
  const [fault] = faults
  return fault === undefined ? { ok: true, value: request } : { ok: false, fault }
}

function decodeInference(
  fields: Fields,
  topK: number | undefined,
): { readonly sampling: Sampling; readonly maxTokens?: number } {
  const config = openOptional(fields, 'inferenceConfig')
  const sampling = defined({
    temperature: config?.want('temperature', number),
    topP: config?.want('topP', number),
    topK,
    stop: config?.want('stopSequences', texts),
  })
  const maxTokens = config?.want('maxTokens', count)
  if (config !== undefined) fields.keepRest('inferenceConfig', config)
  return defined({ sampling, maxTokens })
}

function decodeHints(fields: Fields): Hints {
  const metadata = fields.want('requestMetadata', object)
  const tier = fields.want('serviceTier', object)
  const serviceTier = tier && tierOf(tier.type)
  if (tier !== undefined && serviceTier === undefined) fields.keep('serviceTier', tier)
  return defined({ metadata, serviceTier })
}

/** The model to a body of `POST /model/{modelId}/converse`; whoever sends it puts the model into the path. */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  noteUnsupported(unsupported, request, notes)
  const { prompt, budget, effort, tellsStop } = encodePrompt(request, notes)
  const outputConfig = defined({ textFormat: encodeFormat(request.output, notes), effort })
  const inferenceConfig = encodeInference(request, budget, notes)
  const tier = tierWord(request.hints.serviceTier, notes)
  const core = defined({
    ...prompt,
    inferenceConfig: unlessEmpty(inferenceConfig),
    outputConfig: unlessEmpty(outputConfig),
    additionalModelResponseFieldPaths: encodeResponsePaths(request, tellsStop),
    requestMetadata: encodeMetadata(request.hints.metadata, notes),
    serviceTier: tier === undefined ? undefined : { type: tier },
  })
  return { value: withExtra(core, ownExtra(request)), notes: notes.list }
}

/** What the model will read: everything that counts as input. */
export function encodePrompt(request: GenerateRequest, notes: Notes) {
  notes.foreign(request, '')
  const writing: Writing = { side: 'request', notes, signedOnly: isSignedOnly(request) }
  const { system, messages } = encodeConversation(request, writing)
  const own = encodeModelFields(request, messages, notes)
  const facts = { forcedIsImpossible: own.budget !== undefined, choiceIsElsewhere: own.saysChoice }
  const tools = encodeTools(request, messages, facts, notes)
  const prompt = defined({
    system: tools.system.length === 0 ? system : [...(system ?? []), ...tools.system],
    messages,
    toolConfig: tools.toolConfig,
    additionalModelRequestFields: unlessEmpty(own.fields),
  })
  return { prompt, budget: own.budget, effort: own.effort, tellsStop: own.tellsStop }
}

/** `inferenceConfig` with the limits of its fields (SDK 3.1164 `InferenceConfiguration`). */
function encodeInference(request: GenerateRequest, budget: number | undefined, notes: Notes): JsonObject {
  const { temperature, topP, stop } = request.sampling
  const isThinking = budget !== undefined
  if (isThinking && temperature !== undefined && temperature !== 1) {
    notes.add('dropped', 'sampling.temperature', 'thinking with a budget does not go with it here')
  }
  const heat = isThinking && temperature !== 1 ? undefined : temperature
  if (heat !== undefined && heat > 1)
    notes.add('clamped', 'sampling.temperature', 'the highest temperature here is 1')
  return defined({
    maxTokens: encodeMaxTokens(request.maxTokens, budget, notes),
    temperature: heat === undefined ? undefined : Math.min(heat, 1),
    topP,
    stopSequences: encodeStop(stop, notes),
  })
}

function encodeMaxTokens(
  limit: number | undefined,
  budget: number | undefined,
  notes: Notes,
): number | undefined {
  if (limit === undefined || budget === undefined || limit > budget) return limit
  // Callers who set both mean the visible answer.
  notes.add('approximated', 'maxTokens', 'the limit covers thinking here: its budget is added')
  return limit + budget
}

function encodeStop(stop: readonly string[] | undefined, notes: Notes): readonly string[] | undefined {
  const kept = stop?.filter((sequence, index) => {
    if (sequence === '')
      notes.add('dropped', `sampling.stop[${index}]`, 'an empty text cannot stop an answer')
    return sequence !== ''
  })
  return kept?.length === 0 && stop?.length !== 0 ? undefined : kept
}

/** Where models that tell it say which stop sequence matched; both forms are in use, an absent one is ignored. */
const stopPaths: readonly string[] = ['/delta/stop_sequence', '/stop_sequence']

function encodeResponsePaths(request: GenerateRequest, tellsStop: boolean): readonly JsonValue[] | undefined {
  const kept = ownExtra(request)?.additionalModelResponseFieldPaths
  const paths = isList(kept) ? kept : []
  if (!tellsStop || !request.sampling.stop?.length) return undefined
  return [...paths, ...stopPaths.filter(path => !paths.includes(path))]
}

/** `requestMetadata` is a map of strings, written into the logs of invocations. */
function encodeMetadata(metadata: JsonObject | undefined, notes: Notes): JsonObject | undefined {
  if (metadata === undefined) return undefined
  const entries = Object.entries(metadata).map(([key, value]) => {
    if (typeof value === 'string') return [key, value]
    notes.add('approximated', `hints.metadata.${key}`, 'metadata is text here')
    return [key, JSON.stringify(value)]
  })
  return Object.fromEntries(entries)
}
