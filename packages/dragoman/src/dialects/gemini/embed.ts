import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { EmbedCodec } from '../../core/dialect.ts'
import type { EmbedReply, EmbedRequest } from '../../ir/embed.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import { isObject } from '../../wire/json.ts'
import { faultOf } from './error.ts'
import { Fields, integer, object, objects, text } from './fields.ts'
import { bareModel, modelPath } from './request.ts'
import { decodeUsage, hasCounters } from './usage.ts'
import { asExtra, dialect, ownExtra, speaker, withExtra } from './wire.ts'

/** What each entry of a batch said beside its text, where they differ, by its place. */
const entriesMark = '$entries'

/** Most texts in one `batchEmbedContents` (card 12, trap 58). */
const mostTexts = 100

/** `embedContent` and `batchEmbedContents` (SDK 3.1.0, card 12). A batch is what the official client always sends. */
export const embed: EmbedCodec = { decodeRequest, encodeRequest, decodeReply, encodeReply }

interface Entry {
  readonly text: string
  readonly dimensions: number | undefined
  readonly rest: JsonObject
}

/** One entry: a content whose texts make one vector. */
function decodeEntry(wire: JsonObject, path: string, faults: Fault[]): Entry {
  const fields = new Fields(wire, path, faults)
  fields.take('model', text)
  const content = fields.need('content', object, {})
  const inner = fields.inside('content', content)
  inner.take('role', text)
  const parts = inner.want('parts', objects) ?? []
  const texts = parts.map((part, index) => {
    const said = new Fields(part, `${inner.pathOf('parts')}[${index}]`, faults)
    return said.need('text', text, '')
  })
  const dimensions = fields.want('outputDimensionality', integer)
  return { text: texts.join('\n'), dimensions, rest: fields.extra()?.[dialect] ?? {} }
}

function decodeRequest(wire: JsonObject): Parsed<EmbedRequest> {
  const faults: Fault[] = []
  const fields = new Fields(wire, '', faults)
  const model = bareModel(fields.want('model', text) ?? '')
  fields.take('stream', {
    name: 'true or false',
    read: value => (typeof value === 'boolean' ? value : undefined),
  })
  const batch = fields.want('requests', objects)
  const rest = fields.extra()?.[dialect] ?? {}
  const entries = batch?.map((entry, index) => decodeEntry(entry, `requests[${index}]`, faults)) ?? [
    decodeEntry(rest, '', faults),
  ]
  if (entries.length === 0) fields.fail('requests', 'at least one is required')
  const [first] = entries
  if (entries.some(entry => entry.dimensions !== first?.dimensions)) {
    fields.fail('requests', 'all of them have to ask for the same outputDimensionality')
  }
  const [fault] = faults
  if (fault !== undefined) return { ok: false, fault }
  const request = {
    model,
    input: entries.map(entry => entry.text),
    single: batch === undefined,
    dimensions: first?.dimensions,
    extra: asExtra(extrasOf(entries, batch === undefined ? {} : rest)),
  }
  return { ok: true, value: defined(request) }
}

/** What all entries say is said once; where they differ, each keeps its own. */
function extrasOf(entries: readonly Entry[], beside: JsonObject): JsonObject {
  const [first] = entries
  const shared = JSON.stringify(first?.rest)
  if (entries.every(entry => JSON.stringify(entry.rest) === shared)) return { ...first?.rest, ...beside }
  // Named so that other wires tell that it is lost; the marks are for this one.
  const names = [...new Set(entries.flatMap(entry => Object.keys(entry.rest)))]
  const told = names.map(name => [name, entries.map(entry => entry.rest[name] ?? null)])
  return { ...Object.fromEntries(told), ...beside, [entriesMark]: entries.map(entry => entry.rest) }
}

function encodeRequest(request: EmbedRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(request, '')
  const { model, input, dimensions, user } = request
  if (user !== undefined) notes.add('dropped', 'user', 'a request names no user here')
  if (input.length > mostTexts)
    notes.add('refused', 'input', `at most ${mostTexts} texts are embedded at once here`)
  const { [entriesMark]: entries, ...shared } = ownExtra(request) ?? {}
  const requests = input.map((entry, index) => {
    if (typeof entry !== 'string') notes.add('refused', 'input', 'token ids cannot be embedded here')
    const own = isList(entries) ? entries[index] : shared
    const core = defined({
      model: modelPath(model),
      content: { role: 'user', parts: [{ text: typeof entry === 'string' ? entry : '' }] },
      outputDimensionality: dimensions,
    })
    return withExtra(core, isObject(own) ? own : undefined)
  })
  return { value: { model, requests }, notes: notes.list }
}

type Vector = EmbedReply['vectors'][number]

function vectorOf(value: JsonValue | undefined): Vector | undefined {
  const values = isObject(value) ? value.values : undefined
  const isVector = isList(values) && values.every(entry => typeof entry === 'number')
  return isVector ? (values as readonly number[]) : undefined // every element was looked at
}

function decodeReply(wire: JsonObject): Parsed<EmbedReply> {
  if (isObject(wire.error)) return { ok: false, fault: faultOf(wire) }
  const { embedding, embeddings, usageMetadata, ...rest } = wire
  const said = isList(embeddings) ? embeddings : embedding === undefined ? [] : [embedding]
  const vectors = said.map(vectorOf).filter(vector => vector !== undefined)
  if (vectors.length === 0 || vectors.length < said.length) {
    return {
      ok: false,
      fault: createFault('upstream_invalid', 'The upstream answered without all embeddings.'),
    }
  }
  const usage = isObject(usageMetadata) && hasCounters(usageMetadata) ? decodeUsage(usageMetadata) : undefined
  return { ok: true, value: defined({ vectors, usage, extra: asExtra(rest) }) }
}

/** One vector for `embedContent`, a list for `batchEmbedContents`. */
function encodeReply(reply: EmbedReply, request: EmbedRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, 'reply', 'reply')
  const embeddings = reply.vectors.map(vector => ({ values: toFloats(vector) }))
  const [embedding] = embeddings
  const core: JsonObject = request.single && embedding !== undefined ? { embedding } : { embeddings }
  const { usage } = reply
  const input = usage === undefined ? 0 : usage.input + usage.cacheRead + usage.cacheWrite
  const usageMetadata =
    usage?.raw?.dialect === dialect ? usage.raw.value : { promptTokenCount: input, totalTokenCount: input }
  const told = usage === undefined ? core : { ...core, usageMetadata }
  return { value: withExtra(told, ownExtra(reply)), notes: notes.list }
}

/** Little-endian float32 in base64, as OpenAI's wire has it, or the numbers themselves. */
function toFloats(vector: Vector): readonly number[] {
  if (!('base64' in vector)) return vector
  try {
    const bytes = Uint8Array.from(atob(vector.base64), character => character.charCodeAt(0))
    const view = new DataView(bytes.buffer)
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) =>
      view.getFloat32(index * 4, true),
    )
  } catch {
    return []
  }
}
