import type { Event } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { ItemMeta, Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation, decodeLogprobs } from './annotations.ts'
import { decodePart } from './content.ts'
import { type DecodedItem, decodeOutputItem, thoughtTexts } from './items.ts'
import { isList, present } from './wire.ts'

type TextKind = 'text' | 'refusal' | 'thinking'

const textKinds: ReadonlyMap<JsonValue | undefined, TextKind> = new Map([
  ['output_text', 'text'],
  ['refusal', 'refusal'],
  ['reasoning_text', 'thinking'],
])

/** A part with text that is open, and what was said of it, so that `done` events add only what is missing. */
interface OpenText {
  readonly part: number
  readonly kind: TextKind
  text: string
  logprobs: number
  annotations: number
  isDone: boolean
}

/** An item of a stream between its `added` and its `done`: it turns what is said of it into events of its parts. */
export class OpenItem {
  /** Counts the items in the order they were added. */
  readonly index: number
  isDone = false
  /** A call that the client answers. */
  isCall = false
  private meta: ItemMeta
  private readonly added: DecodedItem
  private readonly nextPart: () => number
  private readonly texts = new Map<number, OpenText>()
  private readonly summary: string[] = []
  private readonly summaryIndices = new Map<number, number>()
  /** The one part of a call or of a hosted item, once it started. */
  private single: number | undefined
  private singleKind: Part['kind'] | undefined
  private args = ''

  constructor(index: number, wire: JsonObject, nextPart: () => number) {
    this.index = index
    this.nextPart = nextPart
    this.added = this.decode(wire)
    this.meta = this.added.meta
  }

  start(out: Event[]): void {
    out.push({ type: 'item-start', candidate: 0, item: this.index, meta: this.meta })
    const [part] = this.added.parts
    if (this.meta.type === 'reasoning') this.openText(0, 'thinking', out)
    else if (part?.kind === 'tool-call') this.startCall({ ...part, arguments: '' }, out)
    else if (part?.kind === 'hosted-tool' || (part?.kind === 'unknown' && !this.isPendingCall)) {
      this.startSingle(part, out)
    }
  }

  /** A call whose name or id comes later. */
  private get isPendingCall(): boolean {
    return this.meta.type === 'function_call' || this.meta.type === 'custom_tool_call'
  }

  /** The id of its start stays the item's, whatever later events call it. */
  private decode(wire: JsonObject): DecodedItem {
    const id = this.meta?.id
    return decodeOutputItem(id === undefined ? wire : { ...wire, id }, `call_${this.index}`)
  }

  private startCall(part: Part, out: Event[]): void {
    this.isCall = true
    this.startSingle(part, out)
  }

  private startSingle(part: Part, out: Event[]): void {
    this.single = this.nextPart()
    this.singleKind = part.kind
    out.push({ type: 'part-start', candidate: 0, part: this.single, open: { ...part, item: this.index } })
  }

  private openText(at: number, kind: TextKind, out: Event[]): OpenText {
    const known = this.texts.get(at)
    if (known !== undefined) return known
    const open: OpenText = {
      part: this.nextPart(),
      kind,
      text: '',
      logprobs: 0,
      annotations: 0,
      isDone: false,
    }
    this.texts.set(at, open)
    out.push({
      type: 'part-start',
      candidate: 0,
      part: open.part,
      open: { kind, text: '', item: this.index },
    })
    return open
  }

  /** Where no index is given, the newest part is meant. */
  private contentIndex(value: JsonObject, otherwise: number): number {
    return typeof value.content_index === 'number' ? value.content_index : Math.max(0, otherwise)
  }

  contentAdded(value: JsonObject, out: Event[]): void {
    const kind = isObject(value.part) ? textKinds.get(value.part.type) : undefined
    // The first part of a reasoning item is open from its start.
    const next = kind === 'thinking' ? 0 : this.texts.size
    if (kind !== undefined) this.openText(this.contentIndex(value, next), kind, out)
  }

  textDelta(kind: TextKind, value: JsonObject, out: Event[]): void {
    const open = this.openText(this.contentIndex(value, this.texts.size - 1), kind, out)
    const text = typeof value.delta === 'string' ? value.delta : ''
    this.append(open, text, value.logprobs, out)
  }

  private append(open: OpenText, text: string, wire: JsonValue | undefined, out: Event[]): void {
    const logprobs = decodeLogprobs(wire)
    if (open.isDone || (text === '' && logprobs.length === 0)) return
    open.text += text
    open.logprobs += logprobs.length
    const delta = { type: 'part-delta' as const, candidate: 0, part: open.part }
    if (logprobs.length === 0) out.push({ ...delta, text })
    else out.push({ ...delta, ...(text !== '' && { text }), logprobs })
  }

  textDone(kind: TextKind, value: JsonObject, whole: JsonValue | undefined, out: Event[]): void {
    const open = this.openText(this.contentIndex(value, this.texts.size - 1), kind, out)
    this.complete(open, whole, value.logprobs, out)
  }

  private complete(
    open: OpenText,
    whole: JsonValue | undefined,
    logprobs: JsonValue | undefined,
    out: Event[],
  ): void {
    this.append(open, missing(open.text, whole), isList(logprobs) ? logprobs.slice(open.logprobs) : [], out)
  }

  annotationAdded(value: JsonObject, out: Event[]): void {
    const open = this.texts.get(this.contentIndex(value, this.texts.size - 1))
    if (open?.kind === 'text' && isObject(value.annotation)) this.annotate(open, value.annotation, out)
  }

  private annotate(open: OpenText, annotation: JsonObject, out: Event[]): void {
    open.annotations++
    out.push({ type: 'annotation', candidate: 0, part: open.part, annotation: decodeAnnotation(annotation) })
  }

  contentDone(value: JsonObject, out: Event[]): void {
    const at = this.contentIndex(value, this.texts.size - 1)
    if (isObject(value.part)) this.finishContent(at, value.part, out)
  }

  /** A content part as it ended. One of a kind without deltas comes whole. */
  private finishContent(at: number, wire: JsonObject, out: Event[]): void {
    const kind = textKinds.get(wire.type)
    const known = this.texts.get(at)
    if (known?.isDone === true) return
    const [part] = decodePart(wire, '', [])
    if (kind === undefined) {
      if (part === undefined || known !== undefined) return
      const open = this.nextPart()
      this.texts.set(at, { part: open, kind: 'text', text: '', logprobs: 0, annotations: 0, isDone: true })
      out.push({ type: 'part-start', candidate: 0, part: open, open: { ...part, item: this.index } })
      out.push({ type: 'part-end', candidate: 0, part: open })
      return
    }
    const open = known ?? this.openText(at, kind, out)
    this.complete(open, kind === 'refusal' ? wire.refusal : wire.text, wire.logprobs, out)
    if (isList(wire.annotations) && open.kind === 'text') {
      for (const annotation of wire.annotations.filter(isObject).slice(open.annotations)) {
        this.annotate(open, annotation, out)
      }
    }
    if (kind !== 'thinking') this.endText(open, part, out)
  }

  private endText(open: OpenText, part: Part | undefined, out: Event[]): void {
    if (open.isDone) return
    open.isDone = true
    const extra = part?.extra
    const close: Part = { kind: open.kind, text: '', item: this.index, ...(extra && { extra }) }
    out.push({ type: 'part-end', candidate: 0, part: open.part, ...(extra && { close }) })
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
    out.push({ type: 'part-delta', candidate: 0, part: this.single, args: delta })
  }

  argsDone(whole: JsonValue | undefined, out: Event[]): void {
    this.argsDelta(missing(this.args, whole), out)
  }

  /** This item among those of the final object, for one whose own `done` never came. */
  findIn(output: readonly JsonObject[]): JsonObject | undefined {
    const { id, type } = this.meta
    const other = output[this.index]
    return (
      output.find(item => item.id === id && item.type === type) ?? (other?.type === type ? other : undefined)
    )
  }

  /** The item is done; `wire` is the form it ended in, where the upstream said it. */
  finish(wire: JsonObject | undefined, out: Event[]): void {
    if (this.isDone) return
    this.isDone = true
    const isSame = wire?.type === this.meta.type
    const final = wire === undefined || !isSame ? this.added : this.decode(wire)
    if (wire !== undefined && isSame) this.finishParts(wire, final, out)
    for (const open of this.texts.values()) this.endText(open, undefined, out)
    if (this.single !== undefined) {
      const [part] = final.parts
      const isWhole = !this.isCall && part?.kind === this.singleKind
      const close = isWhole && part !== undefined ? { close: { ...part, item: this.index } } : {}
      out.push({ type: 'part-end', candidate: 0, part: this.single, ...close })
    }
    const { id = final.meta.id } = this.meta
    const meta = present<ItemMeta>({ ...final.meta, id })
    out.push({ type: 'item-end', candidate: 0, item: this.index, meta })
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
    for (const [at, text] of thoughtTexts(wire.summary).entries())
      this.summaryDone({ summary_index: at }, text, out)
    for (const [at, text] of thoughtTexts(wire.content).entries()) {
      this.complete(this.openText(at, 'thinking', out), text, undefined, out)
    }
    const opaque = part?.opaque
    const head = this.texts.get(0)
    if (opaque === undefined || head === undefined) return
    out.push({ type: 'part-delta', candidate: 0, part: head.part, opaque })
  }
}

/** What a `done` event says beyond what the deltas said; nothing where it contradicts them. */
function missing(known: string, whole: JsonValue | undefined): string {
  return typeof whole === 'string' && whole.startsWith(known) ? whole.slice(known.length) : ''
}
