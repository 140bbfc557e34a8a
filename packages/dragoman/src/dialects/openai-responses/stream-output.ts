import { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation, ItemMeta, Part } from '../../ir/part.ts'
import { type Form, holdsMany, type ItemWriter } from './groups.ts'
import type { AnswerIds } from './ids.ts'
import { encodeItem } from './items-encode.ts'
import { CallPart, ContentPart, type ItemEvents, type OutputPart, WholePart } from './stream-part.ts'
import { ThoughtPart, type Thoughts } from './stream-thought.ts'
import { compose, speaker } from './wire.ts'

/** Writes the events of the stream and numbers them. */
export interface StreamEvents {
  write(type: string, fields: JsonObject): string
  /** `fields` is the inside of a JSON object. */
  writeJson(type: string, fields: string): string
}

/** One item of the answer between `output_item.added` and `output_item.done`. */
export class OutputItem {
  readonly index: number
  readonly form: Form
  /** Made by this encoder, for parts that came without an item. */
  readonly isImplicit: boolean
  readonly id: string
  /** The item as it was last written. */
  wire: JsonObject = {}
  isAdded = false
  isDone = false
  private lastStatus: 'completed' | 'incomplete' | undefined
  private meta: ItemMeta | undefined
  private readonly parts: OutputPart[] = []
  private readonly thoughts: Thoughts = { contents: 0, summaries: 0 }
  private readonly stream: StreamEvents
  private readonly ids: AnswerIds
  private readonly events: ItemEvents

  constructor(index: number, form: Form, meta: ItemMeta | undefined, id: string, stream: StreamEvents) {
    this.index = index
    this.form = form
    this.meta = meta
    this.isImplicit = meta === undefined
    this.id = id
    this.stream = stream
    this.ids = { item: () => id, call: known => known }
    const place = `"item_id":${JSON.stringify(id)},"output_index":${index}`
    this.events = {
      emit: (type, fields) => stream.write(type, { item_id: id, output_index: index, ...fields }),
      emitDelta: (type, delta, more) =>
        stream.writeJson(type, `${place},"delta":${JSON.stringify(delta)}${more}`),
    }
  }

  get isOpen(): boolean {
    return this.parts.some(part => part.isOpen)
  }

  /** The item as it begins; a call and a hosted item consist of the one part that makes them. */
  added(part?: Part): string {
    this.isAdded = true
    const open = part?.kind === 'tool-call' ? { ...part, arguments: '' } : part
    const pieces = holdsMany(this.form) || open === undefined ? [] : [{ part: open, path: '' }]
    const wire =
      encodeItem({ form: this.form, meta: this.meta, pieces }, this.writer(new NoteLog(speaker))) ?? {}
    const status = this.isImplicit && wire.status !== undefined ? 'in_progress' : undefined
    this.wire = { ...compose(wire, { status }), ...initial[this.form]?.(wire) }
    return this.stream.write('response.output_item.added', { output_index: this.index, item: this.wire })
  }

  private writer(notes: NoteLog): ItemWriter {
    const { ids, lastStatus } = this
    return { role: 'assistant', path: candidatePath, notes, ids, ...(lastStatus && { lastStatus }) }
  }

  addPart(open: Part, path: string): { readonly part: OutputPart; readonly written: string } {
    const part = this.createPart(open, path)
    this.parts.push(part)
    return { part, written: part.start() }
  }

  private createPart(open: Part, path: string): OutputPart {
    if (this.form === 'message') return new ContentPart(open, path, this.events, this.parts.length)
    if (this.form === 'reasoning') return new ThoughtPart(open, path, this.events, this.thoughts)
    return this.form === 'call'
      ? new CallPart(open, path, this.events)
      : new WholePart(open, path, this.events)
  }

  /** A step of a hosted item, as the wire event it was, at this item's place. */
  progress(type: string, value: JsonObject): string {
    const place = { output_index: this.index, ...(value.item_id !== undefined && { item_id: this.id }) }
    return this.stream.write(type, { ...value, ...place })
  }

  /** Ends what is open and the item with it. `meta` is the item as it ended, where it came from this wire. */
  done(notes: NoteLog, meta?: ItemMeta, lastStatus?: 'completed' | 'incomplete'): string {
    if (this.isDone) return ''
    const ended = this.parts.map(part => part.end()).join('')
    this.isDone = true
    this.meta = meta ?? this.meta
    this.lastStatus = lastStatus
    this.wire = this.encode(notes)
    return (
      ended + this.stream.write('response.output_item.done', { output_index: this.index, item: this.wire })
    )
  }

  /** A citation that comes after the item's end is in the final object still. */
  annotate(part: OutputPart, annotation: Annotation, notes: NoteLog): string {
    const written = part.annotate(annotation, notes, this.isDone)
    if (this.isDone) this.wire = this.encode(new NoteLog(speaker))
    return written
  }

  /** The item as it stands where the answer broke off. */
  get partial(): JsonObject {
    if (this.isDone) return this.wire
    const wire = this.encode(new NoteLog(speaker))
    const [first] = this.parts.map(part => part.part)
    // Arguments that never came are not an empty object: nobody is to run this call.
    const isUnsaid = first?.kind === 'tool-call' && first.type === 'function' && first.arguments === ''
    const status = wire.status === undefined ? undefined : 'incomplete'
    return compose(wire, { status, arguments: isUnsaid ? '' : undefined })
  }

  private encode(notes: NoteLog): JsonObject {
    const pieces = this.parts.map(part => part.piece)
    return encodeItem({ form: this.form, meta: this.meta, pieces }, this.writer(notes)) ?? this.wire
  }
}

/** The model's path of what is streamed: this wire knows one candidate. */
export const candidatePath = 'reply.candidates[0]'

/** What an item has to be at its start, so that the deltas that follow add up. */
const initial: { readonly [F in Form]?: (wire: JsonObject) => JsonObject } = {
  message: () => ({ content: [] }),
  call: wire => (wire.arguments === undefined ? { input: '' } : { arguments: '' }),
  reasoning: wire => ({ summary: [], ...(isList(wire.content) && { content: [] }) }),
}
