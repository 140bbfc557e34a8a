import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { EmbedCodec } from '../../core/dialect.ts'
import type { EmbedReply, EmbedRequest } from '../../ir/embed.ts'
import type { Extra } from '../../ir/extra.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import { isObject, without } from '../../wire/json.ts'
import { faultOf } from './error.ts'
import { count, fieldsOf, object, text, texts } from './fields.ts'
import { decodeUsage } from './usage.ts'
import { ownExtra, speaker, withExtra } from './wire.ts'

type Vector = EmbedReply['vectors'][number]

/** `POST /v2/embed` (SDK 8.1.0 `V2EmbedRequest`, `EmbedByTypeResponse`). */
export const embed: EmbedCodec = { decodeRequest, encodeRequest, decodeReply, encodeReply }

/** Images and mixed inputs have no word in the model: without `texts` only a relayed request is understood. */
function decodeRequest(wire: JsonObject): Parsed<EmbedRequest> {
  const faults: Fault[] = []
  const fields = fieldsOf(wire, '', faults)
  const value = defined({
    model: fields.need('model', text, ''),
    input: fields.need('texts', texts, []),
    single: false,
    dimensions: fields.want('output_dimension', count),
    extra: fields.extra(),
  })
  const [fault] = faults
  return fault === undefined ? { ok: true, value } : { ok: false, fault }
}

/** SDK 8.1.0 `EmbedInputType`, less `image`. */
const inputTypes: readonly JsonValue[] = ['search_document', 'search_query', 'classification', 'clustering']

/** Most texts of a request. */
const mostTexts = 96

/**
 * The kind of input is required here and has no field elsewhere. Whoever calls in another dialect may add `input_type`
 * to the body; else the texts are taken for documents to be searched, which is what most are stored for.
 */
function inputType(request: EmbedRequest, notes: Notes): JsonValue {
  const said = Object.values(request.extra ?? {}).map(fields => fields.input_type)
  const known = said.find(type => type !== undefined && inputTypes.includes(type))
  if (known !== undefined) return known
  const reason = 'the kind of input is required here; the texts are taken for search_document'
  notes.add('approximated', 'input_type', reason)
  return 'search_document'
}

/** The extras without the kind of input, which has its place here whoever says it. */
function besidesInputType(extra: Extra | undefined): Extra {
  const typeOnly = new Set(['input_type'])
  return Object.fromEntries(
    Object.entries(extra ?? {}).map(([dialect, fields]) => [dialect, without(fields, typeOnly)]),
  )
}

function encodeRequest(request: EmbedRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  const own = ownExtra(request)
  const { model, input, dimensions, user } = request
  notes.foreign({ extra: besidesInputType(request.extra) }, '')
  if (user !== undefined) notes.add('dropped', 'user', 'users are not told apart here')
  if (typeof input[0] === 'object')
    notes.add('refused', 'input', 'tokens cannot be embedded here, only texts')
  if (input.length > mostTexts)
    notes.add('refused', 'input', `there are ${mostTexts} texts at most in a request here`)
  const core = defined({
    model,
    texts: input,
    input_type: own?.input_type ?? inputType(request, notes),
    // Floats always: the caller's wire turns them into whatever was asked for.
    embedding_types: own?.embedding_types ?? ['float'],
    output_dimension: dimensions,
  })
  return { value: withExtra(core, own), notes: notes.list }
}

const isVector = (value: JsonValue): value is readonly number[] =>
  isList(value) && value.every(entry => typeof entry === 'number')

/** The vectors of one type; undefined where one of them is none. */
function vectorsOf(embeddings: JsonObject): readonly Vector[] | undefined {
  const { float, base64 } = embeddings
  if (isList(float)) return float.every(isVector) ? float : undefined
  if (!isList(base64)) return undefined
  const strings = base64.filter(entry => typeof entry === 'string')
  return strings.length === base64.length ? strings.map(data => ({ base64: data })) : undefined
}

/** By type, as v2 answers, or a bare list of floats, as hosts of v1 do. Vectors of other types stay an extra. */
function decodeReply(wire: JsonObject): Parsed<EmbedReply> {
  if (typeof wire.message === 'string') return { ok: false, fault: faultOf(wire) }
  const fields = fieldsOf(wire, '', [])
  const embeddings = isList(wire.embeddings) ? { float: wire.embeddings } : fields.take('embeddings', object)
  const vectors = vectorsOf(embeddings ?? {})
  if (vectors === undefined || vectors.length === 0)
    return {
      ok: false,
      fault: createFault('upstream_invalid', 'The upstream answered without any embedding.'),
    }
  const { float: _, base64, ...others } = embeddings ?? {}
  const beside = isList(embeddings?.float) && base64 !== undefined ? { ...others, base64 } : others
  if (Object.keys(beside).length > 0) fields.keep('embeddings', beside)
  else fields.take('embeddings', { name: 'a list', is: (value): value is JsonValue => isList(value) })
  const meta = fields.peek('meta')
  const usage = isObject(meta) ? decodeUsage(meta) : undefined
  return { ok: true, value: defined({ vectors, usage, extra: fields.extra() }) }
}

function encodeReply(reply: EmbedReply, request: EmbedRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, 'reply', 'reply')
  const own = ownExtra(reply)
  const base64 = reply.vectors.flatMap(vector => ('base64' in vector ? [vector.base64] : []))
  const vectors: JsonObject =
    base64.length === reply.vectors.length ? { base64 } : { float: reply.vectors.map(floatsOf) }
  const { embeddings, ...rest } = own ?? {}
  const input = reply.usage === undefined ? undefined : reply.usage.input + reply.usage.cacheRead
  const core = defined({
    id: 'embed',
    response_type: 'embeddings_by_type',
    embeddings: isObject(embeddings) ? { ...vectors, ...embeddings } : vectors,
    texts: typeof request.input[0] === 'string' ? (request.input as readonly string[]) : undefined, // all or none are texts
    meta:
      input === undefined
        ? undefined
        : { api_version: { version: '2' }, billed_units: { input_tokens: input } },
  })
  // What this wire said itself stands before what is made up for another.
  return { value: { ...core, ...rest }, notes: notes.list }
}

/** Little-endian float32 as numbers. */
function floatsOf(vector: Vector): readonly number[] {
  if (!('base64' in vector)) return vector
  const bytes = Uint8Array.from(atob(vector.base64), character => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => view.getFloat32(index * 4, true))
}
