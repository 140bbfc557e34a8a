import { NoteLog } from '../../core/codec/notes.ts'
import { Reading } from '../../core/codec/reading.ts'
import { defined, isList, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { EmbedCodec } from '../../core/dialect.ts'
import type { EmbedReply, EmbedRequest } from '../../ir/embed.ts'
import type { Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody, upstreamInvalid } from './error.ts'
import { decodeUsage } from './usage.ts'
import { carriedBy, carry, type Draft, dialect, putBack, restOf, speaker } from './wire.ts'

type Input = Pick<EmbedRequest, 'input' | 'single'>
type Vector = EmbedReply['vectors'][number]

const requestFields = new Set(['model', 'input', 'dimensions', 'encoding_format', 'user'])
const replyFields = new Set(['object', 'data', 'model', 'usage'])

/** `/v1/embeddings` (openai-node 7.57.0, `EmbeddingCreateParams` and `CreateEmbeddingResponse`). */
export const embed: EmbedCodec = { decodeRequest, encodeRequest, decodeReply, encodeReply }

function decodeRequest(wire: JsonObject): Parsed<EmbedRequest> {
  const reading = new Reading()
  const rest: Draft = { ...restOf(wire, requestFields) }
  const format = reading.field(wire, 'encoding_format', 'string')
  const encoding: EmbedRequest['encoding'] = format === 'float' || format === 'base64' ? format : undefined
  // Hosts have formats of their own (int8, ubinary), which only they can judge.
  if (format !== undefined && encoding === undefined) rest.encoding_format = format
  const request = {
    model: reading.required(wire, 'model', 'string') ?? '',
    ...decodeInput(reading, wire.input),
    ...defined({
      dimensions: reading.field(wire, 'dimensions', 'integer'),
      encoding,
      user: reading.field(wire, 'user', 'string'),
    }),
    ...carry(rest),
  }
  return reading.fault === undefined ? { ok: true, value: request } : { ok: false, fault: reading.fault }
}

/** The four forms of `input`: a text, texts, the tokens of one, the tokens of several. */
function decodeInput(reading: Reading, input: JsonValue | undefined): Input {
  const nothing: Input = { input: [], single: true }
  if (typeof input === 'string') return { input: [input], single: true }
  if (input === undefined || input === null) {
    reading.missing('input')
    return nothing
  }
  const [first] = isList(input) ? input : []
  if (!isList(input) || first === undefined) {
    reading.fail(
      'input',
      "Invalid 'input': expected a string, an array of strings or token ids, none of them empty.",
    )
    return nothing
  }
  if (isTokens(input)) return { input: [input], single: true }
  if (isTexts(input)) return { input, single: false }
  if (isTokenLists(input)) return { input, single: false }
  reading.fail(
    'input',
    "Invalid 'input': its entries have to be all texts, all token ids, or all lists of token ids.",
  )
  return nothing
}

const isTokens = (list: readonly JsonValue[]): list is readonly number[] => list.every(Number.isInteger)
const isTexts = (list: readonly JsonValue[]): list is readonly string[] =>
  list.every(entry => typeof entry === 'string')
const isTokenLists = (list: readonly JsonValue[]): list is readonly (readonly number[])[] =>
  list.every(entry => isList(entry) && isTokens(entry))

function encodeRequest(request: EmbedRequest): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  notes.foreign(request, '')
  const { model, input, single, dimensions, encoding, user } = request
  const wire: JsonObject = defined({
    model,
    input: single && input.length === 1 ? input[0] : input,
    dimensions,
    encoding_format: encoding,
    user,
  })
  return { value: putBack(wire, carriedBy(request)), notes: notes.list }
}

function decodeReply(wire: JsonObject): Parsed<EmbedReply> {
  const fault = faultInBody(wire)
  if (fault !== undefined) return { ok: false, fault }
  const entries = objectsOf(wire.data)
  const vectors: Vector[] = []
  for (const [position, entry] of inOrder(entries).entries()) {
    const vector = decodeVector(entry.embedding)
    if (vector === undefined) {
      return { ok: false, fault: upstreamInvalid(`The upstream's embedding ${position} is no vector.`) }
    }
    vectors.push(vector)
  }
  if (vectors.length === 0) {
    return { ok: false, fault: upstreamInvalid('The upstream answered without any embedding.') }
  }
  const usage = isObject(wire.usage) ? decodeUsage(wire.usage) : undefined
  const value = {
    vectors,
    ...defined({ model: textOf(wire.model), usage }),
    ...carry(restOf(wire, replyFields)),
  }
  return { ok: true, value }
}

/** By index, where the indices are those of a list; some hosts leave them out or count none. */
function inOrder(entries: readonly JsonObject[]): readonly JsonObject[] {
  const sorted = entries.toSorted((one, other) => (numberOf(one.index) ?? 0) - (numberOf(other.index) ?? 0))
  return sorted.every((entry, index) => entry.index === index) ? sorted : entries
}

function decodeVector(embedding: JsonValue | undefined): Vector | undefined {
  if (typeof embedding === 'string')
    return bytesOf(embedding) === undefined ? undefined : { base64: embedding }
  const isVector = isList(embedding) && embedding.every(value => typeof value === 'number')
  return isVector ? (embedding as readonly number[]) : undefined // every element was looked at
}

/** Vectors in the encoding that was asked for, whichever the upstream sent. */
function encodeReply(reply: EmbedReply, request: EmbedRequest): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  notes.foreign(reply, 'reply')
  const encode = request.encoding === 'base64' ? toBase64 : toFloats
  const wire: Draft = {
    object: 'list',
    data: reply.vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    model: reply.model ?? request.model,
    usage: encodeUsage(reply),
  }
  return { value: putBack(wire, carriedBy(reply)), notes: notes.list }
}

/** Both counts are required; embeddings have no output, so they are the same. */
function encodeUsage({ usage }: EmbedReply): JsonObject {
  if (usage?.raw?.dialect === dialect) return usage.raw.value
  const input = usage === undefined ? 0 : usage.input + usage.cacheRead + usage.cacheWrite
  return { prompt_tokens: input, total_tokens: input }
}

/** Little-endian float32, as openai-node decodes it (`lib/embeddings`). */
function toBase64(vector: Vector): string {
  if ('base64' in vector) return vector.base64
  const bytes = new Uint8Array(vector.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of vector.entries()) view.setFloat32(index * 4, value, true)
  let binary = ''
  // In pieces: an argument list has a limit.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(binary)
}

function toFloats(vector: Vector): readonly number[] {
  if (!('base64' in vector)) return vector
  const bytes = bytesOf(vector.base64) ?? new Uint8Array(0)
  const view = new DataView(bytes.buffer)
  return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true))
}

/** The bytes of a vector in base64; undefined where the text is none. */
function bytesOf(base64: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    return bytes.length % 4 === 0 ? bytes : undefined
  } catch {
    return undefined
  }
}
