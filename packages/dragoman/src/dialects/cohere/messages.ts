import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { MediaPart, Part, ToolResultPart } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { decodeAssistant } from './assistant-decode.ts'
import { encodeAssistant } from './assistant-encode.ts'
import { asContent, decodeContent, noteUncarried } from './content.ts'
import { encodeDocument } from './documents.ts'
import { content, fieldsOf, objects, text } from './fields.ts'
import { encodeImage } from './media.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** A message as a turn. Faults name the field in the wire's own words. */
function decodeMessage(wire: JsonObject, path: string, faults: Fault[]): Turn {
  const fields = fieldsOf(wire, path, faults)
  const role = fields.need('role', text, 'user')
  const said = fields.want('content', content)
  const parts = said === undefined ? [] : decodeContent(said, fields.pathOf('content'), faults)
  switch (role) {
    case 'assistant':
      return defined({ role, parts: decodeAssistant(fields, parts), extra: fields.extra() })
    case 'tool': {
      const callId = fields.need('tool_call_id', text, '')
      const extra = fields.extra()
      const result: ToolResultPart = defined({ kind: 'tool-result', type: 'function', callId, parts, extra })
      return { role, parts: [result] }
    }
    case 'user':
    case 'system':
      return defined({ role, parts, extra: fields.extra() })
    default:
      fields.fail('role', "expected 'user', 'assistant', 'system' or 'tool'")
      return { role: 'user', parts }
  }
}

export function decodeMessages(fields: Fields): readonly Turn[] {
  const wire = fields.need('messages', objects, [])
  return wire.map((message, index) => decodeMessage(message, `messages[${index}]`, fields.faults))
}

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'

/** Turns as messages, and the documents found in them, which stand beside the messages here. */
export interface Conversation {
  readonly messages: readonly JsonObject[]
  readonly documents: readonly JsonValue[]
  /** Somebody asked to have a document cited; undefined where there are none. */
  readonly citations: boolean | undefined
}

export function encodeConversation(request: GenerateRequest, notes: Notes): Conversation {
  return new Writer(notes).write(request)
}

class Writer {
  private readonly notes: Notes
  private readonly messages: JsonObject[] = []
  private readonly documents: JsonValue[] = []
  private wantsCitations = false

  constructor(notes: Notes) {
    this.notes = notes
  }

  /** The system's words come first and as one message (card, section 3; trap COH-22). */
  write({ instructions, turns }: GenerateRequest): Conversation {
    const { notes, messages, documents } = this
    const firstOther = turns.findIndex(turn => !isSystem(turn))
    const leading = firstOther < 0 ? turns.length : firstOther
    const system = [
      ...this.items(instructions ?? [], 'instructions'),
      ...turns.slice(0, leading).flatMap((turn, index) => this.items(turn.parts, `turns[${index}].parts`)),
    ]
    const extra = turns.slice(0, leading).map(ownExtra)
    this.add('system', system, Object.assign({}, ...extra))
    for (const [index, turn] of turns.entries()) {
      const path = `turns[${index}]`
      this.noteTurn(turn, path)
      if (index >= leading) this.addTurn(turn, path)
    }
    if (!messages.some(message => message.role === 'user'))
      notes.add('refused', 'turns', 'a conversation needs a message of the user here')
    const citations = documents.length === 0 ? undefined : this.wantsCitations
    return { messages, documents, citations }
  }

  /** What a turn may carry and this wire has no place for. */
  private noteTurn(turn: Turn, path: string): void {
    this.notes.foreign(turn, path)
    if (turn.name !== undefined) this.notes.add('dropped', `${path}.name`, 'participants have no names here')
    if (turn.items?.some(item => item.phase !== undefined))
      this.notes.add('dropped', `${path}.items`, 'messages have no phase here')
  }

  private add(role: string, items: readonly JsonObject[], extra: JsonObject | undefined): void {
    if (items.length === 0) return
    this.messages.push(withExtra({ role, content: asContent(items) }, extra))
  }

  private addTurn(turn: Turn, path: string): void {
    const { notes } = this
    const before = this.messages.length
    if (turn.role === 'tool')
      for (const [index, part] of turn.parts.entries()) this.addResult(part, `${path}.parts[${index}]`)
    else if (turn.role === 'assistant') this.addAssistant(turn, path)
    else {
      if (isSystem(turn))
        notes.add('approximated', path, `a ${turn.role} turn between others is said as the user here`)
      this.add('user', this.items(turn.parts, `${path}.parts`), ownExtra(turn))
    }
    const isMoved = turn.parts.some(part => part.kind === 'media')
    if (this.messages.length === before && !isMoved)
      notes.add('dropped', path, 'a message that says nothing is not accepted here')
  }

  private addAssistant(turn: Turn, path: string): void {
    const { message } = encodeAssistant(turn.parts, `${path}.parts`, 'request', ownExtra(turn), this.notes)
    const { content: said } = message
    if (Array.isArray(said) && said.length === 0) return
    this.messages.push(Array.isArray(said) ? { ...message, content: asContent(said) } : message)
  }

  private addResult(part: Part, path: string): void {
    if (part.kind !== 'tool-result') {
      this.notes.add('refused', path, 'a tool turn holds results only')
      return
    }
    const { notes } = this
    noteUncarried(part, path, 'request', notes)
    if (part.isError)
      notes.add('dropped', `${path}.isError`, 'whether a tool failed is said in its words here')
    const items = part.parts
      .map((inner, index) => this.resultItem(inner, `${path}.parts[${index}]`))
      .filter(item => item !== undefined)
    const said = items.length === 0 ? '' : asContent(items)
    this.messages.push(withExtra({ role: 'tool', tool_call_id: part.callId, content: said }, ownExtra(part)))
  }

  /** A piece of a tool's result: text or a document (SDK 8.1.0 `ToolContent`). */
  private resultItem(part: Part, path: string): JsonObject | undefined {
    if (part.kind !== 'media') return this.item(part, path)
    noteUncarried(part, path, 'request', this.notes)
    const document = encodeDocument(part, undefined, path, this.notes)
    return document === undefined ? undefined : { type: 'document', document }
  }

  private items(parts: readonly Part[], path: string): readonly JsonObject[] {
    return parts.map((part, index) => this.item(part, `${path}[${index}]`)).filter(item => item !== undefined)
  }

  /** A piece of what a user or the system says; undefined where there is nothing to say, or no way to say it. */
  private item(part: Part, path: string): JsonObject | undefined {
    const { notes } = this
    noteUncarried(part, path, 'request', notes)
    switch (part.kind) {
      case 'text':
        return part.text === '' ? undefined : withExtra({ type: 'text', text: part.text }, ownExtra(part))
      case 'media':
        return part.media === 'image' ? encodeImage(part, path, notes) : this.addDocument(part, path)
      case 'unknown':
        if (part.dialect === dialect) return part.value
        notes.add('refused', path, `only ${part.dialect} has ${part.type}`)
        return undefined
      default:
        notes.add('refused', path, `a ${part.kind} has no place in this turn here`)
        return undefined
    }
  }

  /** A file moves out of its turn: documents are the request's own here. */
  private addDocument(part: MediaPart, path: string): undefined {
    const document = encodeDocument(part, this.documents.length, path, this.notes)
    if (document === undefined) return undefined
    this.documents.push(document)
    this.wantsCitations ||= part.citations === true
    if (ownExtra(part) === undefined)
      this.notes.add('renamed', path, 'a file is one of the documents beside the messages here')
    return undefined
  }
}
