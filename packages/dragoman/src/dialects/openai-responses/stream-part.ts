import { NoteLog } from '../../core/codec/notes.ts'
import type { PartDeltaEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Annotation, Part } from '../../ir/part.ts'
import { encodeAnnotation, encodeLogprobs } from './annotations.ts'
import { encodePart } from './content.ts'
import type { Piece } from './groups.ts'
import { speaker } from './wire.ts'

/** Writes the events of one item, with the item's own place in each. */
export interface ItemEvents {
  emit(type: string, fields: JsonObject): string
  /** The same for what a stream mostly consists of, without making an object of it. `more` is JSON, comma first. */
  emitDelta(type: string, delta: string, more: string): string
}

/** What a part of an answer does as events come in: each call returns the events it becomes. */
export abstract class OutputPart {
  readonly path: string
  isOpen = true
  protected open: Part
  protected readonly events: ItemEvents
  protected text = ''

  constructor(open: Part, path: string, events: ItemEvents) {
    this.open = open
    this.path = path
    this.events = events
  }

  abstract start(): string
  protected abstract append(event: PartDeltaEvent): string
  protected abstract finish(): string
  /** The part as the deltas made it. */
  abstract get part(): Part

  delta(event: PartDeltaEvent): string {
    if (event.opaque !== undefined) this.open = { ...this.open, opaque: event.opaque }
    return this.append(event)
  }

  /** `close` brings what was known only at the end. */
  end(close?: Part): string {
    if (!this.isOpen) return ''
    this.isOpen = false
    if (close?.kind === this.open.kind) this.open = { ...this.open, ...close }
    return this.finish()
  }

  /** `isLate` where the item was written already, so that nobody else will note what cannot be said. */
  annotate(_annotation: Annotation, notes: NoteLog, _isLate: boolean): string {
    notes.add('dropped', `${this.path}.annotations`, 'only text carries citations on this wire')
    return ''
  }

  get piece(): Piece {
    return { part: this.part, path: this.path }
  }
}

/** Text, refusal, or a part that came whole: one entry of a message's content. */
export class ContentPart extends OutputPart {
  private readonly at: number
  private readonly annotations: Annotation[] = []
  /** How many of them this wire has a word for. */
  private cited = 0
  private readonly logprobs: TokenLogprob[] = []

  constructor(open: Part, path: string, events: ItemEvents, at: number) {
    super(open, path, events)
    this.at = at
  }

  get part(): Part {
    const { open, text, annotations, logprobs } = this
    const said = { text, ...(logprobs.length > 0 && { logprobs }) }
    if (open.kind === 'refusal') return { ...open, ...said }
    if (open.kind !== 'text') return open
    return { ...open, ...said, ...(annotations.length > 0 && { annotations }) }
  }

  /** What cannot be said is noted when the whole item is written. */
  private encode(): JsonObject {
    return encodePart(this.part, 'output', this.path, new NoteLog(speaker)) ?? {}
  }

  start(): string {
    const { open } = this
    const initial = open.kind === 'text' || open.kind === 'refusal' ? open.text : ''
    const added = this.events.emit('response.content_part.added', {
      content_index: this.at,
      part: this.encode(),
    })
    return added + this.say(initial, [])
  }

  protected append(event: PartDeltaEvent): string {
    return this.say(event.text ?? '', event.logprobs ?? [])
  }

  private say(text: string, logprobs: readonly TokenLogprob[]): string {
    const { kind } = this.open
    if ((text === '' && logprobs.length === 0) || (kind !== 'text' && kind !== 'refusal')) return ''
    this.text += text
    for (const logprob of logprobs) this.logprobs.push(logprob)
    const place = `,"content_index":${this.at}`
    if (kind === 'refusal') return this.events.emitDelta('response.refusal.delta', text, place)
    const more = `${place},"logprobs":${JSON.stringify(encodeLogprobs(logprobs))}`
    return this.events.emitDelta('response.output_text.delta', text, more)
  }

  override annotate(annotation: Annotation, notes: NoteLog, isLate: boolean): string {
    if (this.open.kind !== 'text') return super.annotate(annotation, notes, isLate)
    const path = `${this.path}.annotations[${this.annotations.length}]`
    const wire = encodeAnnotation(annotation, path, isLate ? notes : new NoteLog(speaker))
    this.annotations.push(annotation)
    if (wire === undefined) return ''
    const place = { content_index: this.at, annotation_index: this.cited++ }
    return this.events.emit('response.output_text.annotation.added', { ...place, annotation: wire })
  }

  protected finish(): string {
    const part = this.encode()
    const place = { content_index: this.at }
    const done: { readonly [kind: string]: () => string } = {
      text: () =>
        this.events.emit('response.output_text.done', {
          ...place,
          text: this.text,
          logprobs: encodeLogprobs(this.logprobs),
        }),
      refusal: () => this.events.emit('response.refusal.done', { ...place, refusal: this.text }),
    }
    return (
      (done[this.open.kind]?.() ?? '') + this.events.emit('response.content_part.done', { ...place, part })
    )
  }
}

/** A call the client answers. */
export class CallPart extends OutputPart {
  get part(): Part {
    return this.open.kind === 'tool-call' ? { ...this.open, arguments: this.text } : this.open
  }

  private get isFunction(): boolean {
    return this.open.kind === 'tool-call' && this.open.type === 'function'
  }

  start(): string {
    return this.say(this.open.kind === 'tool-call' ? this.open.arguments : '')
  }

  protected append(event: PartDeltaEvent): string {
    return this.say(event.args ?? '')
  }

  private say(delta: string): string {
    if (delta === '') return ''
    this.text += delta
    const type = this.isFunction ? 'function_call_arguments' : 'custom_tool_call_input'
    return this.events.emitDelta(`response.${type}.delta`, delta, '')
  }

  protected finish(): string {
    if (!this.isFunction)
      return this.events.emit('response.custom_tool_call_input.done', { input: this.text })
    // No arguments are an empty object for the model; clients parse them as a JSON document.
    const made = this.text === '' ? this.say('{}') : ''
    return made + this.events.emit('response.function_call_arguments.done', { arguments: this.text })
  }
}

/** What a provider runs: its item comes whole, and its steps are events of their own. */
export class WholePart extends OutputPart {
  get part(): Part {
    return this.open
  }

  start(): string {
    return ''
  }

  protected append(): string {
    return ''
  }

  protected finish(): string {
    return ''
  }
}
