import { Notes } from '../../core/codec/notes.ts'
import { Reading } from '../../core/codec/reading.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest, Sampling } from '../../ir/request.ts'
import { isObject, without } from '../../wire/json.ts'
import { decodePrompt, encodePrompt } from './prompt.ts'
import { unsupported } from './unsupported.ts'
import { asExtra, type Draft, ownExtra, speaker, withExtra } from './wire.ts'

/** What is generated at most where nobody said how much (openai-node 7.57.0, card trap 43). */
const defaultMaxTokens = 16

const consumed = new Set([
  ...['model', 'prompt', 'max_tokens', 'temperature', 'top_p', 'n', 'stream', 'stream_options', 'logprobs'],
  ...['stop', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'user', 'seed', 'best_of'],
])

/**
 * A body of `POST /v1/completions` to the model (openai-node 7.57.0 `CompletionCreateParams`). `echo`, `suffix` and
 * `best_of` stay extras: no other wire has them, and an answer without them is another one.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const reading = new Reading()
  const stream = reading.field(wire, 'stream', 'boolean') ?? false
  const options = reading.field(wire, 'stream_options', 'object')
  const maxTokens = reading.field(wire, 'max_tokens', 'integer')
  const candidates = reading.field(wire, 'n', 'integer')
  const bestOf = reading.field(wire, 'best_of', 'integer')
  const top = reading.field(wire, 'logprobs', 'integer')
  const rest: Draft = { ...without(wire, consumed) }
  // Choosing the best of as many as are returned chooses nothing.
  if (bestOf !== undefined) rest[bestOf <= (candidates ?? 1) ? '$best_of' : 'best_of'] = bestOf
  if (maxTokens === undefined) rest.$max_tokens = null
  if (typeof wire.stop === 'string') rest.$stop = true
  const more = options === undefined ? {} : without(options, new Set(['include_usage']))
  if (Object.keys(more).length > 0) rest.stream_options = more
  const usage =
    options === undefined ? undefined : reading.field(options, 'include_usage', 'boolean', 'stream_options')
  const user = reading.field(wire, 'user', 'string')
  const request: GenerateRequest = defined({
    model: reading.required(wire, 'model', 'string') ?? '',
    turns: decodePrompt(reading, wire.prompt),
    sampling: decodeSampling(reading, wire),
    maxTokens: maxTokens ?? defaultMaxTokens,
    logprobs: top === undefined ? undefined : { top },
    candidates,
    hints: defined({ user }),
    stream,
    streamUsage: usage,
    extra: asExtra(rest),
  })
  return reading.fault === undefined ? { ok: true, value: request } : { ok: false, fault: reading.fault }
}

function decodeSampling(reading: Reading, wire: JsonObject): Sampling {
  return defined({
    temperature: reading.field(wire, 'temperature', 'number'),
    topP: reading.field(wire, 'top_p', 'number'),
    seed: reading.field(wire, 'seed', 'integer'),
    stop: decodeStop(reading, wire.stop),
    frequencyPenalty: reading.field(wire, 'frequency_penalty', 'number'),
    presencePenalty: reading.field(wire, 'presence_penalty', 'number'),
    logitBias: decodeBias(reading, wire),
  })
}

function decodeStop(reading: Reading, stop: JsonValue | undefined): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined
  if (typeof stop === 'string') return [stop]
  const texts = isList(stop) ? stop.filter(one => typeof one === 'string') : []
  if (isList(stop) && texts.length === stop.length) return texts
  reading.wrongType('stop', 'a string or an array of strings', stop)
  return undefined
}

function decodeBias(reading: Reading, wire: JsonObject): Sampling['logitBias'] {
  const bias = reading.field(wire, 'logit_bias', 'object')
  if (bias === undefined) return undefined
  const entries = Object.entries(bias).flatMap(([token, value]) => {
    if (typeof value === 'number') return [[token, value] as const] // a pair, not a list
    reading.wrongType(`logit_bias.${token}`, 'a number', value)
    return []
  })
  return Object.fromEntries(entries)
}

/** The model to a body of `POST /v1/completions`, for upstreams that complete texts. */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(request, '')
  noteUnsupported(unsupported, request, notes)
  const { sampling, stream, streamUsage } = request
  const own = ownExtra(request)
  const { stop } = sampling
  const isDefault = own !== undefined && '$max_tokens' in own && request.maxTokens === defaultMaxTokens
  const options = own?.stream_options
  const core = defined({
    model: request.model,
    prompt: encodePrompt(request, notes),
    max_tokens: isDefault ? undefined : request.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    n: request.candidates,
    best_of: own?.$best_of,
    logprobs: request.logprobs === undefined ? undefined : (request.logprobs.top ?? 0),
    stop: own?.$stop === true && stop?.length === 1 ? stop[0] : stop,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    logit_bias: sampling.logitBias,
    seed: sampling.seed,
    user: request.hints.user,
    stream: stream ? true : undefined,
    stream_options:
      stream && streamUsage !== undefined
        ? { include_usage: streamUsage, ...(isObject(options) ? options : {}) }
        : undefined,
  })
  return { value: withExtra(core, own), notes: notes.list }
}
