import { defined, parseText } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event, PartDeltaEvent } from '../../ir/event.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { decodeArguments, decodeToolCall } from './assistant-decode.ts'
import { citesText, contentIndexOf, decodeCitation, rangeOf } from './citations.ts'
import { decodeGenerated, planMark } from './content.ts'
import { faultOf } from './error.ts'
import { decodeFinish, failedEnd } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeUsage } from './usage.ts'
import { asExtra, dialect, numberOf, objectsOf, textOf } from './wire.ts'

/** Decodes one streamed answer (card, section 6). Whatever follows its end is passed over. */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

/** A part that is being streamed. */
interface Open {
  readonly part: number
  readonly kind: Part['kind']
  text: string
  isOpen: boolean
}

/** What the model has no place for on the way: it becomes an extra of the candidate. */
interface Kept {
  readonly citations: JsonObject[]
  readonly logprobs: JsonValue[]
}

class Decoder implements StreamDecoder {
  private state: 'waiting' | 'open' | 'done' = 'waiting'
  private parts = 0
  /** By the index the wire gives them; contents and calls are counted apart. */
  private readonly contents = new Map<number, Open>()
  private readonly calls = new Map<number, Open>()
  private plan: Open | undefined
  /** Citations that came before the words they are on. */
  private readonly early: JsonObject[] = []
  private readonly kept: Kept = { citations: [], logprobs: [] }

  push(frame: Frame, out: Event[]): void {
    if (this.state === 'done' || frame.data === '') return
    const wire = parseText(frame.data)
    // OpenAI's terminator, which the SDK looks for and the API does not document (trap COH-16).
    if (isObject(wire)) this.read(textOf(wire.type) ?? frame.event, wire, out)
    else if (frame.data !== '[DONE]') this.fail(invalid('The upstream sent an event that is not JSON.'), out)
  }

  end(out: Event[]): void {
    if (this.state === 'done') return
    this.fail(createFault('upstream_disconnected', 'The upstream closed the stream before its end.'), out)
  }

  private read(type: string | undefined, wire: JsonObject, out: Event[]): void {
    if (type === 'message-start') {
      this.start(wire, out)
      return
    }
    const handle = type === undefined ? undefined : handlers.get(type)
    if (type === undefined || (handle === undefined && typeof wire.message === 'string')) {
      this.fail(faultOf(wire), out)
      return
    }
    if (this.state === 'waiting') this.start({}, out)
    if (handle === undefined) out.push({ type: 'progress', candidate: 0, dialect, value: wire })
    else handle(this, wire, out)
  }

  private fail(fault: Fault, out: Event[]): void {
    out.push({ type: 'fault', fault })
    this.state = 'done'
  }

  /** `content` and `tool_calls` are empty lists here and objects later (trap COH-09): nothing of them is read. */
  private start(wire: JsonObject, out: Event[]): void {
    if (this.state !== 'waiting') return
    this.state = 'open'
    out.push(defined({ type: 'start', dialect, id: textOf(wire.id) }))
  }

  startContent(wire: JsonObject, out: Event[]): void {
    const item = contentOf(wire)
    this.closePlan(out)
    const index = numberOf(wire.index) ?? this.contents.size
    const part = decodeGenerated({ type: 'text', ...emptied(item) })
    this.closeAt(this.contents, index, out)
    const open = this.openPart(part, out)
    this.contents.set(index, open)
    if (isSpoken(open)) this.append(open, textOf(item.thinking) ?? textOf(item.text) ?? '', {}, out)
  }

  readContent(wire: JsonObject, out: Event[]): void {
    const item = contentOf(wire)
    const text = textOf(item.text) ?? textOf(item.thinking) ?? ''
    const index = numberOf(wire.index) ?? Math.max(0, this.contents.size - 1)
    if (this.contents.get(index)?.isOpen !== true) {
      // Text whose start was left out is still text.
      const type = item.thinking === undefined ? 'text' : 'thinking'
      this.startContent({ index, delta: { message: { content: { type, [type]: '' } } } }, out)
    }
    const open = this.contents.get(index)
    if (open === undefined) return
    if (!isSpoken(open)) {
      out.push({ type: 'progress', candidate: 0, dialect, value: wire })
      return
    }
    const items = objectsOf(wire.logprobs)
    if (open.kind === 'text' && items.length > 0)
      this.append(open, text, { logprobs: decodeLogprobs(items) }, out)
    else {
      this.kept.logprobs.push(...items)
      this.append(open, text, {}, out)
    }
  }

  endContent(wire: JsonObject, out: Event[]): void {
    const open = this.contents.get(numberOf(wire.index) ?? -1)
    if (open !== undefined) this.close(open, out)
  }

  readPlan(wire: JsonObject, out: Event[]): void {
    const text = textOf(messageOf(wire).tool_plan) ?? ''
    if (text === '') return
    this.plan ??= this.openPart({ kind: 'thinking', text: '', extra: planMark }, out)
    this.append(this.plan, text, {}, out)
  }

  startCall(wire: JsonObject, out: Event[]): void {
    const [call = {}] = objectsOf(messageOf(wire).tool_calls)
    this.closePlan(out)
    const part = decodeToolCall(call, '', [])
    const said = argumentsOf(call)
    const index = numberOf(wire.index) ?? this.calls.size
    this.closeAt(this.calls, index, out)
    const open = this.openPart({ ...part, arguments: '' }, out)
    this.calls.set(index, open)
    if (said !== 'null') this.append(open, said, {}, out)
  }

  readCall(wire: JsonObject, out: Event[]): void {
    const [call = {}] = objectsOf(messageOf(wire).tool_calls)
    const open = this.calls.get(numberOf(wire.index) ?? this.calls.size - 1)
    if (open?.isOpen !== true)
      this.fail(invalid('The upstream sent arguments of a call it never started.'), out)
    else this.append(open, argumentsOf(call), {}, out)
  }

  endCall(wire: JsonObject, out: Event[]): void {
    const open = this.calls.get(numberOf(wire.index) ?? this.calls.size - 1)
    if (open !== undefined) this.close(open, out)
  }

  /** A citation comes with its end right behind, which says nothing more. */
  cite(wire: JsonObject, out: Event[]): void {
    for (const citation of objectsOf(messageOf(wire).citations)) {
      if (!this.annotate(citation, out)) this.early.push(citation)
    }
  }

  /** Whether the citation found its words; one on a plan or on thinking is kept for this wire alone. */
  private annotate(citation: JsonObject, out: Event[], isLast = false): boolean {
    const named = contentIndexOf(citation)
    const texts = [...this.contents.values()].filter(open => open.kind === 'text')
    const home = named === undefined ? undefined : this.contents.get(named)
    const isKept = !citesText(citation) || (home !== undefined && home.kind !== 'text')
    if (isKept || (isLast && texts.length === 0)) {
      this.kept.citations.push(citation)
      return true
    }
    const open = home ?? texts.find(text => covers(citation, text.text)) ?? (isLast ? texts[0] : undefined)
    if (open === undefined || (!isLast && !covers(citation, open.text))) return false
    for (const annotation of decodeCitation(citation, open.text))
      out.push({ type: 'annotation', candidate: 0, part: open.part, annotation })
    return true
  }

  /** The end: why, what it took, or that it failed after all. */
  finish(wire: JsonObject, out: Event[]): void {
    const delta = isObject(wire.delta) ? wire.delta : {}
    const { error, finish_reason: word, usage, ...beside } = delta
    if (isObject(usage)) out.push({ type: 'usage', usage: decodeUsage(usage) })
    const failed = failedEnd(word, error)
    if (failed !== undefined) {
      this.fail(failed, out)
      return
    }
    this.closePlan(out)
    for (const open of [...this.contents.values(), ...this.calls.values()]) this.close(open, out)
    for (const citation of this.early) this.annotate(citation, out, true)
    const { citations, logprobs } = this.kept
    const extra = asExtra({
      ...(citations.length > 0 ? { citations } : {}),
      ...(logprobs.length > 0 ? { $logprobs: logprobs } : {}),
    })
    out.push(
      defined({ type: 'finish', candidate: 0, finish: decodeFinish(word, this.calls.size > 0), extra }),
    )
    out.push(defined({ type: 'end', extra: asExtra(beside) }))
    this.state = 'done'
  }

  private openPart(open: Part, out: Event[]): Open {
    const part = this.parts++
    out.push({ type: 'part-start', candidate: 0, part, open })
    return { part, kind: open.kind, text: '', isOpen: true }
  }

  private append(open: Open, text: string, more: Pick<PartDeltaEvent, 'logprobs'>, out: Event[]): void {
    if (text === '' && more.logprobs === undefined) return
    open.text += text
    const said = open.kind === 'tool-call' ? { args: text } : { text }
    out.push({ type: 'part-delta', candidate: 0, part: open.part, ...said, ...more })
    // Whole words may have come together now.
    if (this.early.length === 0 || open.kind !== 'text') return
    for (const citation of this.early.splice(0)) if (!this.annotate(citation, out)) this.early.push(citation)
  }

  private close(open: Open, out: Event[]): void {
    if (!open.isOpen) return
    if (open.kind === 'tool-call') this.append(open, open.text === '' ? decodeArguments('') : '', {}, out)
    open.isOpen = false
    out.push({ type: 'part-end', candidate: 0, part: open.part })
  }

  /** What started at this index before: a second start ends it. */
  private closeAt(opened: ReadonlyMap<number, Open>, index: number, out: Event[]): void {
    const before = opened.get(index)
    if (before !== undefined) this.close(before, out)
  }

  private closePlan(out: Event[]): void {
    if (this.plan !== undefined) this.close(this.plan, out)
    this.plan = undefined
  }
}

/** What to do with each event (SDK 8.1.0 `V2ChatStreamResponse`); `debug` and whatever is new is passed on as it is. */
const handlers: ReadonlyMap<string, (decoder: Decoder, wire: JsonObject, out: Event[]) => void> = new Map([
  ['content-delta', (decoder, wire, out) => decoder.readContent(wire, out)],
  ['content-start', (decoder, wire, out) => decoder.startContent(wire, out)],
  ['content-end', (decoder, wire, out) => decoder.endContent(wire, out)],
  ['tool-plan-delta', (decoder, wire, out) => decoder.readPlan(wire, out)],
  ['tool-call-start', (decoder, wire, out) => decoder.startCall(wire, out)],
  ['tool-call-delta', (decoder, wire, out) => decoder.readCall(wire, out)],
  ['tool-call-end', (decoder, wire, out) => decoder.endCall(wire, out)],
  ['citation-start', (decoder, wire, out) => decoder.cite(wire, out)],
  ['citation-end', () => {}],
  ['message-end', (decoder, wire, out) => decoder.finish(wire, out)],
] satisfies [string, (decoder: Decoder, wire: JsonObject, out: Event[]) => void][])

/** Whether the part takes words; content of a kind that nobody knows is complete at its start. */
const isSpoken = ({ kind }: Open): boolean => kind === 'text' || kind === 'thinking'

const invalid = (message: string): Fault => createFault('upstream_invalid', message)

function messageOf(wire: JsonObject): JsonObject {
  const message = isObject(wire.delta) ? wire.delta.message : undefined
  return isObject(message) ? message : {}
}

function contentOf(wire: JsonObject): JsonObject {
  return objectsOf(messageOf(wire).content)[0] ?? {}
}

/** The item without its words, which come as a delta. */
function emptied(item: JsonObject): JsonObject {
  const type = textOf(item.type) ?? (item.thinking === undefined ? 'text' : 'thinking')
  return { ...item, type, ...(type === 'text' || type === 'thinking' ? { [type]: '' } : {}) }
}

function argumentsOf(call: JsonObject): string {
  return (isObject(call.function) ? textOf(call.function.arguments) : undefined) ?? ''
}

function covers(citation: JsonObject, text: string): boolean {
  const range = rangeOf(citation, text)
  return (
    range !== undefined &&
    (citation.text === undefined || text.slice(range.start, range.end) === citation.text)
  )
}
