import type { Reading } from '../../core/codec/reading.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Hints, Sampling } from '../../ir/request.ts'
import type { Draft } from './wire.ts'

type Scalar = 'string' | 'number' | 'integer' | 'boolean' | 'object'
type Words<T> = readonly (readonly [name: keyof T & string, wire: string, type: Scalar])[]

/** Fields that are the same on both sides but for their name. */
export const samplingWords: Words<Sampling> = [
  ['temperature', 'temperature', 'number'],
  ['topP', 'top_p', 'number'],
  ['seed', 'seed', 'integer'],
  ['frequencyPenalty', 'frequency_penalty', 'number'],
  ['presencePenalty', 'presence_penalty', 'number'],
]

export const hintWords: Words<Hints> = [
  ['user', 'user', 'string'],
  ['safetyIdentifier', 'safety_identifier', 'string'],
  ['metadata', 'metadata', 'object'],
  ['serviceTier', 'service_tier', 'string'],
  ['promptCacheKey', 'prompt_cache_key', 'string'],
  ['verbosity', 'verbosity', 'string'],
  ['store', 'store', 'boolean'],
  ['prediction', 'prediction', 'object'],
]

export function readWords<T>(reading: Reading, wire: JsonObject, words: Words<T>): T {
  const group: { [key: string]: unknown } = {}
  for (const [name, field, type] of words) {
    const value = reading.field(wire, field, type)
    if (value !== undefined) group[name] = value
  }
  return group as T // each value was checked against the type its row names
}

export function writeWords<T>(words: Words<T>, values: T, out: Draft): void {
  for (const [name, field] of words) {
    const value = values[name]
    if (value !== undefined) out[field] = value as Draft[string] // rows name JSON fields only
  }
}

export function decodeSampling(reading: Reading, wire: JsonObject): Sampling {
  return {
    ...readWords(reading, wire, samplingWords),
    ...decodeStop(reading, wire),
    ...decodeBias(reading, wire),
  }
}

/** `stop` is one string or a list; the model has lists only. */
function decodeStop(reading: Reading, wire: JsonObject): Sampling {
  const { stop } = wire
  if (stop === undefined || stop === null) return {}
  if (typeof stop === 'string') return { stop: [stop] }
  if (!isList(stop)) {
    reading.wrongType('stop', 'one of a string or array of strings', stop)
    return {}
  }
  const wrong = stop.findIndex(entry => typeof entry !== 'string')
  if (wrong >= 0) reading.wrongType(`stop[${wrong}]`, 'a string', stop[wrong] ?? null)
  return { stop: stop.filter(entry => typeof entry === 'string') }
}

function decodeBias(reading: Reading, wire: JsonObject): Sampling {
  const bias = reading.field(wire, 'logit_bias', 'object')
  if (bias === undefined) return {}
  const entries = Object.keys(bias).map(token => [
    token,
    reading.required(bias, token, 'number', 'logit_bias') ?? 0,
  ])
  return { logitBias: Object.fromEntries(entries) }
}
