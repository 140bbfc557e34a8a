import { isList } from '../../core/codec/values.ts'
import type { Event } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { ItemMeta, Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodePart } from './content.ts'
import { type DecodedItem, decodeOutputItem, isCallType, thoughtTexts } from './items.ts'
import { missing, OpenText, type TextKind, textKindOf } from './stream-text.ts'
import { present } from './wire.ts'

/** An item of a stream between its `added` and its `done`: it turns what is said of it into events of its parts. */
export class OpenItem {
  /** Counts the items in the order they were added. */
  readonly index: number
  isDone = false
  /** A call that the client answers. */
  isCall = false
  private readonly meta: ItemMeta
  private readonly added: DecodedItem
  private readonly nextPart: () => number
  /** The content, by its index; the first text of a reasoning item is open from its start. */
  private readonly texts = new Map<number, OpenText>()
  /** Indices of content of kinds without deltas, which comes whole. */
  private readonly wholes = new Set<number>()
  private readonly summary: string[] = []
  private readonly summaryIndices = new Map<number, number>()
  /** The one part of a call or of a hosted item, once it started. */
  private single: { readonly part: number; readonly kind: Part['kind'] } | undefined
  private args = ''

  constructor(index: number, wire: JsonObject, nextPart: () => number) {
    this.index = index
    this.nextPart = nextPart
    this.added = decodeOutputItem(wire, `call_${index}`)
    this.meta = this.added.meta
  }

  start(out: Event[]): void {
    out.push({ type: 'item-start', candidate: 0, item: this.index, meta: this.meta })
    const [part] = this.added.parts
    if (this.meta.type === 'reasoning') this.openText(0, 'thinking', out)
    else if (part?.kind === 'tool-call') this.startCall({ ...part, arguments: '' }, out)
    // A call that could not be read yet has no name; it starts when the name is there.
    else if (part?.kind === 'hosted-tool' || (part?.kind === 'unknown' && !isCallType(this.meta.type))) {
      this.startSingle(part, out)
    }
  }

  private startCall(part: Part, out: Event[]): void {
    this.isCall = true
    this.startSingle(part, out)
  }

  private startSingle(part: Part, out: Event[]): void {
    this.single = { part: this.nextPart(), kind: part.kind }
    const open = { ...part, item: this.index }
    out.push({ type: 'part-start', candidate: 0, part: this.single.part, open })
  }

  private openText(at: number, kind: TextKind, out: Event[]): OpenText {
    const known = this.texts.get(at)
    if (known !== undefined) return known
    const open = new OpenText(this.nextPart(), kind, this.index, out)
    this.texts.set(at, open)
    return open
  }

  private get contents(): number {
    return this.texts.size + this.wholes.size
  }

  /** The text an event speaks of; without an index, the newest. */
  private textAt(value: JsonObject): number {
    const { content_index: index } = value
    return typeof index === 'number' ? index : Math.max(0, this.contents - 1)
  }

  contentAdded(value: JsonObject, out: Event[]): void {
    const kind = isObject(value.part) ? textKindOf(value.part) : undefined
    const next = kind === 'thinking' ? 0 : this.contents
    const at = typeof value.content_index === 'number' ? value.content_index : next
    if (kind !== undefined) this.openText(at, kind, out)
  }

  textDelta(kind: TextKind, value: JsonObject, out: Event[]): void {
    const text = typeof value.delta === 'string' ? value.delta : ''
    this.openText(this.textAt(value), kind, out).append(text, value.logprobs, out)
  }

  textDone(kind: TextKind, value: JsonObject, whole: JsonValue | undefined, out: Event[]): void {
    this.openText(this.textAt(value), kind, out).complete(whole, value.logprobs, out)
  }

  annotationAdded(value: JsonObject, out: Event[]): void {
    this.texts.get(this.textAt(value))?.annotate(value.annotation, out)
  }

  contentDone(value: JsonObject, out: Event[]): void {
    if (isObject(value.part)) this.finishContent(this.textAt(value), value.part, out)
  }

  private finishContent(at: number, wire: JsonObject, out: Event[]): void {
    const kind = textKindOf(wire)
    const known = this.texts.get(at)
    const [part] = decodePart(wire, '', [])
    if (kind === undefined) {
      if (part !== undefined && known === undefined && !this.wholes.has(at)) this.addWhole(at, part, out)
      return
    }
    const open = known ?? this.openText(at, kind, out)
    open.complete(kind === 'refusal' ? wire.refusal : wire.text, wire.logprobs, out)
    open.annotateRest(wire.annotations, out)
    if (open.kind !== 'thinking') open.end(part, out)
  }

  private addWhole(at: number, part: Part, out: Event[]): void {
    this.wholes.add(at)
    const place = { candidate: 0, part: this.nextPart() }
    out.push({ type: 'part-start', ...place, open: { ...part, item: this.index } })
    out.push({ type: 'part-end', ...place })
  }

  summaryDelta(value: JsonObject, out: Event[]): void {
    if (typeof value.delta === 'string') this.summarize(this.summaryAt(value), value.delta, out)
  }

  summaryDone(value: JsonObject, whole: JsonValue | undefined, out: Event[]): void {
    const at = this.summaryAt(value)
    const known = this.summary[at]
    const rest = missing(known ?? '', whole)
    if (rest !== '' || known === undefined) this.summarize(at, rest, out)
  }

  /** Counts the parts of the summary as they come: the wire's own index may be any number, or none. */
  private summaryAt(value: JsonObject): number {
    const { summary_index: index } = value
    if (typeof index !== 'number') return Math.max(0, this.summary.length - 1)
    const at = this.summaryIndices.get(index) ?? this.summaryIndices.size
    this.summaryIndices.set(index, at)
    return at
  }

  private summarize(at: number, text: string, out: Event[]): void {
    const open = this.openText(0, 'thinking', out)
    if (open.isDone) return
    this.summary[at] = (this.summary[at] ?? '') + text
    out.push({ type: 'part-delta', candidate: 0, part: open.part, summary: { index: at, text } })
  }

  argsDelta(delta: JsonValue | undefined, out: Event[]): void {
    if (typeof delta !== 'string' || delta === '') return
    this.args += delta
    if (this.single === undefined || !this.isCall) return
    out.push({ type: 'part-delta', candidate: 0, part: this.single.part, args: delta })
  }

  argsDone(whole: JsonValue | undefined, out: Event[]): void {
    this.argsDelta(missing(this.args, whole), out)
  }

  /** This item among those of the final object, for one whose own `done` never came. */
  findIn(output: readonly JsonObject[]): JsonObject | undefined {
    const { id, type } = this.meta
    return output.find(item => item.id === id && item.type === type) ?? output[this.index]
  }

  /** The item is done; `wire` is the form it ended in, where the upstream said it. */
  finish(wire: JsonObject | undefined, out: Event[]): void {
    if (this.isDone) return
    this.isDone = true
    // What ends as something else than it began cannot be told from another item.
    const final = wire?.type === this.meta.type ? wire : undefined
    const ended = final === undefined ? this.added : this.decodeFinal(final)
    if (final !== undefined) this.finishParts(final, ended, out)
    for (const open of this.texts.values()) open.end(undefined, out)
    this.endSingle(ended.parts[0], out)
    const { id = ended.meta.id } = this.meta
    out.push({
      type: 'item-end',
      candidate: 0,
      item: this.index,
      meta: present<ItemMeta>({ ...ended.meta, id }),
    })
  }

  /** The id of its start stays the item's, whatever later events call it. */
  private decodeFinal(wire: JsonObject): DecodedItem {
    const { id } = this.meta
    return decodeOutputItem(id === undefined ? wire : { ...wire, id }, `call_${this.index}`)
  }

  private endSingle(final: Part | undefined, out: Event[]): void {
    if (this.single === undefined) return
    const { part, kind } = this.single
    const isWhole = !this.isCall && final?.kind === kind
    const close = isWhole && final !== undefined ? { close: { ...final, item: this.index } } : {}
    out.push({ type: 'part-end', candidate: 0, part, ...close })
  }

  private finishParts(wire: JsonObject, final: DecodedItem, out: Event[]): void {
    const [part] = final.parts
    if (this.meta.type === 'reasoning') this.finishThoughts(wire, part, out)
    else if (this.meta.type === 'message') this.finishMessage(wire.content, out)
    else if (part?.kind === 'tool-call') {
      if (this.single === undefined) this.startLateCall(part, out)
      this.argsDone(part.arguments, out)
    } else if (this.single === undefined && part !== undefined) this.startSingle(part, out)
  }

  /** What was held back for want of a name goes out at once. */
  private startLateCall(part: Extract<Part, { kind: 'tool-call' }>, out: Event[]): void {
    this.startCall({ ...part, arguments: '' }, out)
    const held = this.args
    this.args = ''
    this.argsDelta(held, out)
  }

  private finishMessage(content: JsonValue | undefined, out: Event[]): void {
    const parts = typeof content === 'string' ? [{ type: 'output_text', text: content }] : content
    if (!isList(parts)) return
    for (const [at, part] of parts.entries()) if (isObject(part)) this.finishContent(at, part, out)
  }

  private finishThoughts(wire: JsonObject, part: Part | undefined, out: Event[]): void {
    for (const [at, text] of thoughtTexts(wire.summary).entries()) {
      this.summaryDone({ summary_index: at }, text, out)
    }
    for (const [at, text] of thoughtTexts(wire.content).entries()) {
      this.openText(at, 'thinking', out).complete(text, undefined, out)
    }
    const opaque = part?.opaque
    const head = this.openText(0, 'thinking', out)
    if (opaque !== undefined && !head.isDone)
      out.push({ type: 'part-delta', candidate: 0, part: head.part, opaque })
  }
}
