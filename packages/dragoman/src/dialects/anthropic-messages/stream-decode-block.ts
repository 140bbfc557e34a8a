import { parseText } from '../../core/codec/values.ts'
import type { Event, PartDeltaEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { HostedToolPart, Part, UnknownPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { sealed } from './block-decode.ts'
import { citationOf, decodeCitation } from './citations.ts'
import { isClientCall } from './finish.ts'
import { dialect } from './wire.ts'

type VerbatimPart = HostedToolPart | UnknownPart

/** A content block while its stream is open: deltas in, events of its part out. */
export class OpenBlock {
  readonly isClientCall: boolean
  private readonly index: number
  private readonly part: Part
  /** Length of the text so far; citations cover it all. */
  private length = 0
  private readonly citations: JsonObject[] = []
  /** Whether the arguments came as deltas; if not, those of the start are the whole (traps 16 and 58). */
  private hasInput = false
  /** A verbatim block as its deltas change it, and the input it is given in pieces. */
  private changed: JsonObject | undefined
  private input = ''

  constructor(index: number, part: Part) {
    this.index = index
    this.part = part
    this.isClientCall = isClientCall(part)
  }

  /** The part opens empty; what its start held already follows at once. */
  start(out: Event[]): void {
    const open = this.emptied()
    out.push({ type: 'part-start', candidate: 0, part: this.index, open })
    const { part } = this
    if (part.kind === 'text' || part.kind === 'thinking') this.pushText(part.text, out)
  }

  private emptied(): Part {
    const { part } = this
    switch (part.kind) {
      case 'text': {
        const { annotations, ...rest } = part
        if (annotations === undefined) return { ...rest, text: '' }
        for (const annotation of annotations) {
          const citation = citationOf(annotation)
          if (citation !== undefined) this.citations.push(citation)
        }
        return { ...rest, text: '', annotations: [] }
      }
      case 'thinking':
        return { ...part, text: '' }
      case 'tool-call':
        return { ...part, arguments: '' }
      default:
        return part
    }
  }

  /** One delta. `wire` is the event it came in: what the model has no word for travels as that. */
  push(delta: JsonObject, wire: JsonObject, out: Event[]): void {
    const { part } = this
    if (part.kind === 'hosted-tool' || part.kind === 'unknown') this.change(part, delta)
    else if (this.understands(part, delta, wire, out)) return
    this.progress(wire, out)
  }

  private understands(part: Part, delta: JsonObject, wire: JsonObject, out: Event[]): boolean {
    const { text, partial_json: args, thinking, signature, citation } = delta
    switch (delta.type) {
      case 'text_delta':
        if (part.kind !== 'text' || typeof text !== 'string') return false
        this.pushText(text, out)
        return true
      case 'input_json_delta':
        if (part.kind !== 'tool-call' || typeof args !== 'string') return false
        if (args !== '') this.hasInput = true
        if (args !== '') this.pushDelta({ args }, out)
        return true
      case 'thinking_delta':
        if (part.kind !== 'thinking' || typeof thinking !== 'string') return false
        this.pushText(thinking, out)
        this.pushEstimate(delta, wire, out)
        return true
      case 'signature_delta':
        if (part.kind !== 'thinking' || typeof signature !== 'string') return false
        this.pushDelta({ opaque: sealed('signature', signature) }, out)
        return true
      case 'citations_delta':
        if (part.kind !== 'text' || !isObject(citation)) return false
        // Held until the block's end, where it is known how much text it covers.
        this.citations.push(citation)
        return true
      default:
        return false
    }
  }

  end(out: Event[]): void {
    const { part } = this
    if (part.kind === 'tool-call' && !this.hasInput) this.pushDelta({ args: part.arguments || '{}' }, out)
    for (const citation of this.citations) {
      const annotation = decodeCitation(citation, this.length)
      out.push({ type: 'annotation', candidate: 0, part: this.index, annotation })
    }
    const event = { type: 'part-end', candidate: 0, part: this.index } as const // an event's type is a literal
    const isVerbatim = part.kind === 'hosted-tool' || part.kind === 'unknown'
    out.push(isVerbatim && this.changed !== undefined ? { ...event, close: this.closed(part) } : event)
  }

  private pushDelta(more: Omit<PartDeltaEvent, 'type' | 'candidate' | 'part'>, out: Event[]): void {
    out.push({ type: 'part-delta', candidate: 0, part: this.index, ...more })
  }

  private pushText(text: string, out: Event[]): void {
    if (text === '') return
    this.length += text.length
    out.push({ type: 'part-delta', candidate: 0, part: this.index, text })
  }

  /** Beta `estimated_tokens` counts thinking that may not be shown: a step on the way, no part of the block. */
  private pushEstimate(delta: JsonObject, wire: JsonObject, out: Event[]): void {
    if (typeof delta.estimated_tokens !== 'number') return
    this.progress({ ...wire, delta: { ...delta, thinking: '' } }, out)
  }

  /**
   * Deltas of the provider's own blocks are summed up for whoever wants the block whole. `compaction_delta` carries
   * final values, its keys replace those of the block (SDK 1.12.0 BetaMessageStream).
   */
  private change(part: VerbatimPart, delta: JsonObject): void {
    const { type, ...fields } = delta
    if (type === 'compaction_delta') this.changed = { ...(this.changed ?? part.value), ...fields }
    if (type !== 'input_json_delta' || typeof delta.partial_json !== 'string') return
    this.input += delta.partial_json
    if (this.input !== '') this.changed ??= part.value
  }

  private progress(wire: JsonObject, out: Event[]): void {
    // Numbered like the parts, so that an encoder finds the block it belongs to.
    const value = { ...wire, index: this.index }
    out.push({ type: 'progress', candidate: 0, dialect, value })
  }

  private closed(part: VerbatimPart): VerbatimPart {
    const value = this.changed ?? part.value
    const input = this.input === '' ? undefined : parseText(this.input)
    return { ...part, value: input === undefined ? value : { ...value, input } }
  }
}
