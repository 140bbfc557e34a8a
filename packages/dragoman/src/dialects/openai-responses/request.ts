import { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { ItemMeta, Part, TextPart } from '../../ir/part.ts'
import type { GenerateRequest, Role, Turn } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { Fields, invalid } from './fields.ts'
import { decodeItem } from './items.ts'
import { encodeItems } from './items-encode.ts'
import { decodeSettings, encodeSettings } from './settings.ts'
import { compose, isOwn, present, speaker } from './wire.ts'

/**
 * Body of `POST /responses` to the model. What names stored responses stays among this wire's own fields: who keeps
 * them takes it out before the request is encoded, and the answer repeats it. Faults name the field
 * (`input[2].content[0].text`).
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const fields = new Fields(wire)
  checkState(fields)
  const model = fields.required('model')
  const instructions = fields.string('instructions')
  const turns = decodeInput(fields)
  const stream = fields.boolean('stream')
  // Only `true` is a word of the model; an explicit `false` is put back as it was.
  if (stream === false) fields.keep('stream')
  const settings = decodeSettings(fields)
  const fault = fields.faults[0]
  if (fault !== undefined) return { ok: false, fault }
  return {
    ok: true,
    value: present<GenerateRequest>({
      model,
      instructions: instructions === undefined ? undefined : [{ kind: 'text', text: instructions }],
      turns,
      ...settings,
      stream: stream === true,
    }),
  }
}

/** What a request says of stored responses has its form, and does not contradict itself. */
function checkState(fields: Fields): void {
  const { previous_response_id: previous, conversation, background, store } = fields.object
  const { faults } = fields
  if ((previous ?? null) !== null && typeof previous !== 'string')
    faults.push(invalid('previous_response_id', 'must be a string'))
  if ((conversation ?? null) !== null && conversationId(conversation) === undefined)
    faults.push(invalid('conversation', 'must be an id, or an object with an `id`'))
  if ((background ?? null) !== null && typeof background !== 'boolean')
    faults.push(invalid('background', 'must be a boolean'))
  if ((previous ?? null) !== null && (conversation ?? null) !== null)
    faults.push(invalid('previous_response_id', 'cannot be used together with `conversation`'))
  if (background === true && store === false)
    faults.push(invalid('background', 'needs `store` to be true: who polls asks for a stored response'))
}

/** The id of a `conversation`, in either of its forms. */
export function conversationId(value: JsonValue | undefined): string | undefined {
  const id = isObject(value) ? value.id : value
  return typeof id === 'string' ? id : undefined
}

/** What may hold the whole conversation, so that nothing has to be added: a template, and what is stored. */
const beforeInput = ['prompt', 'previous_response_id', 'conversation']

function decodeInput(fields: Fields): readonly Turn[] {
  const input = fields.object.input ?? null
  if (typeof input === 'string') {
    fields.drop('input')
    return [{ role: 'user', parts: [{ kind: 'text', text: input }] }]
  }
  if (!isList(input)) {
    const isOptional = input === null && beforeInput.some(name => (fields.object[name] ?? null) !== null)
    if (!isOptional)
      fields.faults.push(invalid('input', input === null ? 'is required' : 'must be a string or an array'))
    return []
  }
  fields.drop('input')
  const turns = new TurnList()
  for (const [index, value] of input.entries()) {
    const path = `input[${index}]`
    const reference = findReference(value, path)
    if (reference !== undefined) fields.faults.push(reference)
    else turns.add(decodeItem(value, path, fields.faults))
  }
  return turns.turns
}

/** `item_reference`, also in the form that has only an id. */
function findReference(value: JsonValue, path: string): Fault | undefined {
  if (typeof value !== 'object' || value === null || isList(value)) return undefined
  const isReference = value.type === 'item_reference'
  const isBare = (value.type ?? null) === null && value.role === undefined && value.id !== undefined
  if (!isReference && !isBare) return undefined
  const message = `\`${path}\` refers to a stored item that is not there. Send the item itself instead.`
  return createFault('unsupported_parameter', message, { param: path })
}

/** Items that stand next to each other and belong to the assistant, or are results, make one turn. */
class TurnList {
  readonly turns: { role: Role; parts: Part[]; items: ItemMeta[] }[] = []

  add(item: ReturnType<typeof decodeItem>): void {
    if (item === undefined) return
    const { role, meta, parts } = item
    const last = this.turns.at(-1)
    const joins = last?.role === role && (role === 'assistant' || role === 'tool')
    const turn = joins ? last : { role, parts: [], items: [] }
    if (!joins) this.turns.push(turn)
    turn.parts.push(...parts.map(part => ({ ...part, item: turn.items.length })))
    turn.items.push(meta)
  }
}

/**
 * The model to a body of `POST /responses`. `store: false` is always said, because this wire's default is true;
 * only a caller of this wire can ask for storage.
 */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  const input = request.turns.flatMap((turn, index) => encodeTurn(turn, `turns[${index}]`, notes))
  const instructions = encodeInstructions(request.instructions, notes)
  const { input: kept, ...settings } = encodeSettings(request, notes)
  const value = compose(settings, {
    model: request.model,
    instructions,
    input: input.length === 0 && settings.prompt !== undefined ? kept : input,
    store: isOwn(request) ? (request.hints.store ?? false) : false,
    stream: request.stream ? true : undefined,
  })
  return { value, notes: notes.list }
}

function encodeTurn(turn: Turn, path: string, notes: NoteLog): readonly JsonObject[] {
  notes.foreign(turn, path)
  if (turn.name !== undefined) notes.add('dropped', `${path}.name`, 'Responses has no names of participants')
  return encodeItems(turn, { role: turn.role, path, notes })
}

/** One string on this wire: the parts of other dialects are joined by a blank line. */
export function encodeInstructions(parts: readonly Part[] | undefined, notes: NoteLog): string | undefined {
  if (parts === undefined) return undefined
  const texts = parts.filter((part): part is TextPart => part.kind === 'text')
  for (const [index, part] of parts.entries()) {
    const path = `instructions[${index}]`
    if (part.kind !== 'text') notes.add('refused', path, 'instructions are text on this wire')
    if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'instructions carry no cache markers')
    notes.foreign(part, path)
  }
  return texts.length === 0 ? undefined : texts.map(part => part.text).join('\n\n')
}
