import type { Fields } from '../../core/codec/fields.ts'
import { Notes } from '../../core/codec/notes.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import type { Tool } from '../../ir/tool.ts'
import { isObject } from '../../wire/json.ts'
import { decodeDocument } from './documents.ts'
import { count, fieldsOf, flag, list, objects, text } from './fields.ts'
import { decodeMessages, encodeConversation } from './messages.ts'
import { decodeFormat, encodeFormat } from './output.ts'
import { decodeReasoning, encodeReasoning } from './reasoning.ts'
import { decodeSampling, encodeSampling } from './sampling.ts'
import { decodeTool, decodeToolChoice, encodeTools } from './tools.ts'
import { unsupported } from './unsupported.ts'
import { ownExtra, speaker, withExtra } from './wire.ts'

/**
 * A body of `POST /v2/chat` to the model (SDK 8.1.0 `V2ChatRequest`). The first mistake becomes the fault, named in
 * this wire's words; what the model has no word for (safety_mode, citation_options, priority, raw_prompting) is kept.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const faults: Fault[] = []
  const fields = fieldsOf(wire, '', faults)
  const model = fields.need('model', text, '')
  const turns = withDocuments(decodeMessages(fields), fields)
  const tools = decodeTools(fields)
  const stream = fields.want('stream', flag) ?? false
  const logprobs = fields.take('logprobs', flag)
  if (logprobs === false) fields.keep('logprobs', false)
  const request: GenerateRequest = defined({
    model,
    turns,
    tools,
    toolChoice: decodeToolChoice(fields),
    output: decodeFormat(fields),
    sampling: decodeSampling(fields),
    maxTokens: fields.want('max_tokens', count),
    reasoning: decodeReasoning(fields),
    logprobs: logprobs ? {} : undefined,
    hints: {},
    stream,
    // Every stream of this dialect tells its usage: who asks for one asks for the other.
    streamUsage: stream ? true : undefined,
    extra: fields.extra(),
  })
  const [fault] = faults
  return fault === undefined ? { ok: true, value: request } : { ok: false, fault }
}

function decodeTools(fields: Fields): readonly Tool[] | undefined {
  const wire = fields.want('tools', objects)
  if (wire === undefined) return undefined
  const isStrict = wire.length > 0 && fields.peek('strict_tools') === true ? true : undefined
  if (isStrict) fields.take('strict_tools', flag)
  return wire.map((tool, index) => decodeTool(tool, isStrict, `tools[${index}]`, fields.faults))
}

/** Modes in which documents are read and not cited. */
const silentModes: readonly JsonValue[] = ['OFF', 'DISABLED']

/**
 * The documents of a request as the beginning of what the user says last, where other dialects have theirs. Without a
 * user they stay an extra of the request.
 */
function withDocuments(turns: readonly Turn[], fields: Fields): readonly Turn[] {
  const last = turns.findLastIndex(turn => turn.role === 'user')
  const turn = turns[last]
  if (turn === undefined) return turns
  const wire = fields.want('documents', list)
  if (wire === undefined) return turns
  if (wire.length === 0) fields.keep('documents', wire)
  const options = fields.peek('citation_options')
  const isCited = !(isObject(options) && silentModes.includes(options.mode ?? null))
  const documents = wire.map(document => decodeDocument(document, isCited))
  return turns.with(last, { ...turn, parts: [...documents, ...turn.parts] })
}

/** The model to a body of `POST /v2/chat`. Its schema is closed: nothing unknown is ever written (422). */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(request, '')
  noteUnsupported(unsupported, request, notes)
  const own = ownExtra(request)
  const { messages, documents, citations } = encodeConversation(request, notes)
  const tools = encodeTools(request, notes)
  const beside = {
    documents: documents.length > 0,
    tools: Array.isArray(tools.tools) && tools.tools.length > 0,
  }
  const core = defined({
    model: request.model,
    messages,
    ...tools,
    documents: documents.length > 0 ? documents : undefined,
    // Whoever only attaches a file wants an answer, not an answer with marks.
    citation_options: citations === false && own?.citation_options === undefined ? notCited : undefined,
    response_format: encodeFormat(request.output, beside, notes),
    ...encodeSampling(request.sampling, notes),
    max_tokens: request.maxTokens,
    thinking: encodeReasoning(request.reasoning, notes),
    logprobs: request.logprobs === undefined ? undefined : true,
    stream: request.stream ? true : undefined,
  })
  return { value: withExtra(core, own), notes: notes.list }
}

const notCited: JsonObject = { mode: 'DISABLED' }
