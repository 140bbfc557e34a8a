import { isList } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { ItemMeta, Part, ThinkingPart, ToolCallPart } from '../../ir/part.ts'
import type { Role } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { decodeContent } from './content.ts'
import { Fields, invalid } from './fields.ts'
import { itemKinds, speakerOf } from './item-kinds.ts'
import { readSummary } from './summary.ts'
import { dialect, present } from './wire.ts'

/** One wire item: who speaks, what the item itself says, and the parts in it. */
export interface DecodedItem {
  readonly role: Role
  readonly meta: ItemMeta
  readonly parts: readonly Part[]
}

const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant'])

function isRole(value: string): value is Role {
  return roles.has(value)
}

const decoders: { readonly [type: string]: (fields: Fields) => DecodedItem } = {
  message: decodeMessage,
  function_call: fields => decodeCall(fields, 'function', 'arguments'),
  custom_tool_call: fields => decodeCall(fields, 'custom', 'input'),
  function_call_output: fields => decodeResult(fields, 'function'),
  custom_tool_call_output: fields => decodeResult(fields, 'custom'),
  reasoning: decodeReasoning,
}

/**
 * An item of `ResponseInputItem | ResponseOutputItem` (openai-node 7.57.0) to the model; undefined where a fault says
 * why not. An item without a type is a message. What has no parts of the model's stays the object it is.
 */
export function decodeItem(value: JsonValue, path: string, faults: Fault[]): DecodedItem | undefined {
  if (!isObject(value)) {
    faults.push(invalid(path, 'must be an object'))
    return undefined
  }
  const fields = new Fields(value, path, faults)
  const isEasy = (value.type ?? null) === null && value.role !== undefined
  const type = isEasy ? 'message' : fields.required('type')
  const decode = Object.hasOwn(decoders, type) ? decoders[type] : undefined
  if (decode !== undefined) return decode(fields)
  const summary = readSummary(value)
  if (summary !== undefined) return { role: 'user', meta: { type }, parts: [{ kind: 'text', text: summary }] }
  const kind = itemKinds.get(type) === 'trace' ? 'hosted-tool' : 'unknown'
  const meta = present<ItemMeta>({ type, id: fields.string('id'), status: fields.string('status') })
  return { role: speakerOf(type), meta, parts: [{ kind, dialect, type, value }] }
}

/** An item of an answer: never refused. What is not as it should be is carried as an unknown part. */
export function decodeOutputItem(value: JsonObject, fallbackId: string): DecodedItem {
  const type = value.type
  const id = typeof value.id === 'string' ? value.id : fallbackId
  const call = { ...value, call_id: value.call_id ?? id }
  const forms: { readonly [type: string]: JsonObject } = {
    function_call: { arguments: '', ...call },
    custom_tool_call: { input: '', ...call },
  }
  const whole = (typeof type === 'string' ? forms[type] : undefined) ?? value
  const faults: Fault[] = []
  const item = decodeItem(whole, '', faults)
  if (item !== undefined && faults.length === 0) return item
  const name = typeof type === 'string' ? type : 'unknown'
  const known = typeof value.id === 'string' ? { id: value.id } : {}
  const meta: ItemMeta = { type: name, ...known }
  return { role: 'assistant', meta, parts: [{ kind: 'unknown', dialect, type: name, value }] }
}

/** What is left of an item after its parts were read. */
function decodeMeta(fields: Fields, type: string): ItemMeta {
  fields.drop('type')
  return present<ItemMeta>({
    type,
    id: fields.string('id'),
    status: fields.string('status'),
    phase: fields.string('phase'),
    extra: fields.extra(),
  })
}

function decodeMessage(fields: Fields): DecodedItem {
  const role = fields.required('role')
  if (!isRole(role)) {
    if (role !== '') fields.faults.push(invalid(fields.at('role'), `must be one of ${[...roles].join(', ')}`))
    return { role: 'user', meta: { type: 'message' }, parts: [] }
  }
  const parts = decodeContent(fields.object.content, fields.at('content'), fields.faults)
  // The encoder leaves out items whose parts are gone; this one never had any.
  if (parts.length > 0) fields.drop('content')
  return { role, meta: decodeMeta(fields, 'message'), parts }
}

function decodeCall(fields: Fields, type: ToolCallPart['type'], text: 'arguments' | 'input'): DecodedItem {
  const part: Part = {
    kind: 'tool-call',
    type,
    id: fields.required('call_id'),
    name: fields.required('name'),
    arguments: fields.required(text),
  }
  return { role: 'assistant', meta: decodeMeta(fields, callTypes[type]), parts: [part] }
}

function decodeResult(fields: Fields, type: ToolCallPart['type']): DecodedItem {
  const parts = decodeContent(fields.object.output, fields.at('output'), fields.faults)
  fields.drop('output')
  const part: Part = { kind: 'tool-result', type, callId: fields.required('call_id'), parts }
  return { role: 'tool', meta: decodeMeta(fields, `${callTypes[type]}_output`), parts: [part] }
}

/** Wire types of calls; their results are called the same with `_output`. */
export const callTypes: { readonly [T in ToolCallPart['type']]: string } = {
  function: 'function_call',
  custom: 'custom_tool_call',
}

export function isCallType(type: string): boolean {
  return Object.values(callTypes).includes(type)
}

/**
 * A reasoning item becomes one thinking part, and one more for each further entry of its content; the first carries
 * the summary and the encrypted form. Lists in a form that the parts cannot say (empty texts, foreign entries) stay
 * beside them in the item's extras, and are written back as long as the parts still say the same.
 */
function decodeReasoning(fields: Fields): DecodedItem {
  const summary = readTexts(fields, 'summary')
  const content = readTexts(fields, 'content')
  const encrypted = fields.string('encrypted_content')
  const [first = '', ...more] = content.filter(text => text !== '')
  const head = present<ThinkingPart>({
    kind: 'thinking',
    text: first,
    summary: summary.length > 0 ? summary : undefined,
    opaque: encrypted === undefined ? undefined : { form: 'encrypted', data: encrypted, dialect },
  })
  const rest = more.map((text): ThinkingPart => ({ kind: 'thinking', text }))
  return { role: 'assistant', meta: decodeMeta(fields, 'reasoning'), parts: [head, ...rest] }
}

/** The wire type of the entries of a reasoning item's lists. */
export const thoughtTypes = { summary: 'summary_text', content: 'reasoning_text' } as const

function readTexts(fields: Fields, name: 'summary' | 'content'): readonly string[] {
  const list = fields.list(name)
  if (list === undefined) return []
  const plain = list.every(
    entry => isObject(entry) && entry.type === thoughtTypes[name] && Object.keys(entry).length === 2,
  )
  const isSaid = name === 'summary' ? plain : plain && list.length > 0 && !thoughtTexts(list).includes('')
  if (!isSaid) fields.keep(name)
  return thoughtTexts(list)
}

/** The texts of a reasoning item's list, whatever else its entries hold. */
export function thoughtTexts(list: JsonValue | undefined): readonly string[] {
  if (!isList(list)) return []
  return list.flatMap(entry => (isObject(entry) && typeof entry.text === 'string' ? [entry.text] : []))
}
