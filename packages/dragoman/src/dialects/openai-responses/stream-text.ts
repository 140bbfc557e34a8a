import { isList } from '../../core/codec/values.ts'
import type { Event } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation, decodeLogprobs } from './annotations.ts'

export type TextKind = 'text' | 'refusal' | 'thinking'

/**
 * A part made of text that is open. It remembers what was said of it, so that a `done` event, which repeats the whole,
 * adds only what no delta said.
 */
export class OpenText {
  readonly part: number
  readonly kind: TextKind
  isDone = false
  private readonly item: number
  private text = ''
  private logprobs = 0
  private annotations = 0

  constructor(part: number, kind: TextKind, item: number, out: Event[]) {
    this.part = part
    this.kind = kind
    this.item = item
    out.push({ type: 'part-start', candidate: 0, part, open: { kind, text: '', item } })
  }

  append(text: string, wire: JsonValue | undefined, out: Event[]): void {
    const logprobs = this.kind === 'thinking' ? [] : decodeLogprobs(wire)
    if (this.isDone || (text === '' && logprobs.length === 0)) return
    this.text += text
    this.logprobs += logprobs.length
    const delta = { type: 'part-delta' as const, candidate: 0, part: this.part }
    if (logprobs.length === 0) out.push({ ...delta, text })
    else out.push({ ...delta, ...(text !== '' && { text }), logprobs })
  }

  /** The whole text and all its log probabilities, as the wire repeats them at the end. */
  complete(whole: JsonValue | undefined, logprobs: JsonValue | undefined, out: Event[]): void {
    this.append(missing(this.text, whole), isList(logprobs) ? logprobs.slice(this.logprobs) : [], out)
  }

  /** A citation may come after the text it stands on has ended. */
  annotate(wire: JsonValue | undefined, out: Event[]): void {
    if (this.kind !== 'text' || !isObject(wire)) return
    this.annotations++
    out.push({ type: 'annotation', candidate: 0, part: this.part, annotation: decodeAnnotation(wire) })
  }

  /** All citations, as the wire repeats them at the end. */
  annotateRest(wire: JsonValue | undefined, out: Event[]): void {
    if (!isList(wire)) return
    for (const annotation of wire.filter(isObject).slice(this.annotations)) this.annotate(annotation, out)
  }

  /** `final` is the part as it ended; only its extras were not said yet. */
  end(final: Part | undefined, out: Event[]): void {
    if (this.isDone) return
    this.isDone = true
    const { part, kind, item } = this
    const extra = final?.extra
    const close: Part = { kind, text: '', item, ...(extra && { extra }) }
    out.push({ type: 'part-end', candidate: 0, part, ...(extra && { close }) })
  }
}

/** What the whole says beyond what is known; nothing where the two contradict each other. */
export function missing(known: string, whole: JsonValue | undefined): string {
  return typeof whole === 'string' && whole.startsWith(known) ? whole.slice(known.length) : ''
}

/** The kinds of content parts that come in deltas, by their wire type. */
export function textKindOf(wire: JsonObject): TextKind | undefined {
  switch (wire.type) {
    case 'output_text':
      return 'text'
    case 'refusal':
      return 'refusal'
    case 'reasoning_text':
      return 'thinking'
    default:
      return undefined
  }
}
