import { defined, isList, objectsOf } from '../../core/codec/values.ts'
import type { Event, PartDeltaEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Part, TextPart, ThinkingPart, ToolCallPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { type DeriveId, idsInReply } from './call-id.ts'
import { conclude, decodeGenerated, takeContent } from './candidate.ts'
import { Fields } from './fields.ts'
import type { PlacedText } from './grounding.ts'
import { takeLogprobs } from './logprob.ts'
import { PartialArguments } from './partial-args.ts'

/** A part that may grow with the next chunk. */
type Open =
  | { readonly kind: 'text' | 'thinking'; readonly part: number; text: string }
  | { readonly kind: 'tool-call'; readonly part: number; readonly args: PartialArguments }

/** One candidate of a stream: chunks in, events of its parts out. One part is open at a time. */
export class CandidateStream {
  private readonly index: number
  private readonly deriveId: DeriveId
  private parts = 0
  private open: Open | undefined
  private hasCall = false
  private readonly texts: PlacedText[] = []
  /** Log probabilities whose text is still to come. */
  private logprobs: readonly TokenLogprob[] | undefined
  /** What the chunks said beside the content, the last word on each field. */
  private said: JsonObject = {}

  constructor(index: number, answer: string) {
    this.index = index
    this.deriveId = idsInReply(answer, index)
  }

  get hasFinish(): boolean {
    return typeof this.said.finishReason === 'string'
  }

  push(wire: JsonObject, out: Event[]): void {
    if (this.pushWords(wire, out)) return
    const fields = new Fields(wire, '', [])
    const parts = takeContent(fields) ?? []
    const logprobs = takeLogprobs(fields)
    if (logprobs !== undefined && logprobs.length > 0) this.logprobs = [...(this.logprobs ?? []), ...logprobs]
    for (const part of parts) this.pushPart(part, out)
    if (this.logprobs !== undefined && this.open?.kind === 'text') {
      this.delta(this.open.part, this.takeLogprobs(), out)
    }
    const extra = fields.extra()?.gemini
    if (extra !== undefined) this.said = { ...this.said, ...mergeSources(this.said, extra) }
  }

  /** What nearly every chunk is: more of the words that are being said, and nothing else. Whether it was. */
  private pushWords({ content, index: _, ...beside }: JsonObject, out: Event[]): boolean {
    const { open } = this
    if (open === undefined || open.kind === 'tool-call' || this.logprobs !== undefined) return false
    for (const _ in beside) return false
    if (!isObject(content) || !isList(content.parts) || content.parts.length !== 1) return false
    const [part] = content.parts
    if (!isObject(part) || content.role !== 'model' || typeof part.text !== 'string') return false
    for (const name in part) if (name !== 'text' && name !== 'thought') return false
    if ((part.thought === true) !== (open.kind === 'thinking')) return false
    open.text += part.text
    if (part.text !== '') this.delta(open.part, { text: part.text }, out)
    return true
  }

  /** Closes what is open and says why the candidate ended, which may have stood before the last of its content. */
  end(out: Event[]): void {
    this.close(out)
    const { index: _, ...said } = this.said
    const { finish, annotations, extra } = conclude(new Fields(said, '', []), this.texts, this.hasCall)
    for (const { part, annotation } of annotations) {
      out.push({ type: 'annotation', candidate: this.index, part, annotation })
    }
    out.push(defined({ type: 'finish', candidate: this.index, finish, extra }))
  }

  private pushPart(wire: JsonObject, out: Event[]): void {
    const call = wire.functionCall ?? wire.function_call
    if (isObject(call) && wire.thought !== true && this.pushPiece(call, out)) return
    const part = decodeGenerated(
      isObject(call) ? { ...wire, functionCall: whole(call) } : wire,
      this.deriveId,
    )
    if (part.kind === 'text' || part.kind === 'thinking') this.pushSpoken(part, out)
    else if (part.kind === 'tool-call') this.pushCall(part, isObject(call) ? call : {}, out)
    else {
      this.close(out)
      this.finishPart(this.start(part, out), out)
    }
  }

  /** A piece of a call that is being told (card 9): it has no name. Whether it was one. */
  private pushPiece(call: JsonObject, out: Event[]): boolean {
    if (typeof call.name === 'string' && call.name !== '') return false
    if (this.open?.kind !== 'tool-call') return true
    this.addArguments(this.open.args, call)
    if (call.willContinue !== true) this.close(out)
    return true
  }

  private addArguments(args: PartialArguments, call: JsonObject): void {
    if (isObject(call.args)) args.assign(call.args)
    for (const partial of objectsOf(call.partialArgs)) args.push(partial)
  }

  /** A call by name: complete at once, unless it says that it goes on (traps 49 and 66). */
  private pushCall(part: ToolCallPart, call: JsonObject, out: Event[]): void {
    this.close(out)
    this.hasCall = true
    const place = this.start({ ...part, arguments: '' }, out)
    if (!isPiecemeal(call)) {
      this.delta(place, { args: part.arguments }, out)
      this.finishPart(place, out)
      return
    }
    const args = new PartialArguments()
    this.open = { kind: 'tool-call', part: place, args }
    this.addArguments(args, call)
    if (call.willContinue !== true) this.close(out)
  }

  /**
   * Texts of one kind in a row are one part. A signature that comes alone, on an empty text, is that part's and ends it;
   * one that comes with text is that text's own (card 5.2).
   */
  private pushSpoken(part: TextPart | ThinkingPart, out: Event[]): void {
    const isBare = part.kind === 'text' ? part.extra === undefined : !hasFields(part)
    if (part.text === '' && part.opaque === undefined && isBare) return
    const isAlone = part.opaque === undefined || part.text === ''
    if (this.open?.kind !== part.kind || !isAlone || !isBare) {
      this.close(out)
      const { opaque: _, ...open } = part
      this.open = { kind: part.kind, part: this.start({ ...open, text: '' }, out), text: '' }
    }
    const { text, opaque } = part
    const logprobs = part.kind === 'text' ? this.takeLogprobs() : {}
    this.open.text += text
    if (text !== '' || opaque !== undefined || 'logprobs' in logprobs) {
      this.delta(this.open.part, defined({ text: text === '' ? undefined : text, opaque, ...logprobs }), out)
    }
    if (opaque !== undefined || !isBare) this.close(out)
  }

  private takeLogprobs(): { readonly logprobs?: readonly TokenLogprob[] } {
    const { logprobs } = this
    this.logprobs = undefined
    return logprobs === undefined ? {} : { logprobs }
  }

  private start(open: Part, out: Event[]): number {
    const part = this.parts++
    out.push({ type: 'part-start', candidate: this.index, part, open })
    return part
  }

  private delta(part: number, more: Omit<PartDeltaEvent, 'type' | 'candidate' | 'part'>, out: Event[]): void {
    out.push({ type: 'part-delta', candidate: this.index, part, ...more })
  }

  private finishPart(part: number, out: Event[]): void {
    out.push({ type: 'part-end', candidate: this.index, part })
  }

  private close(out: Event[]): void {
    const { open } = this
    if (open === undefined) return
    this.open = undefined
    if (open.kind === 'tool-call') this.delta(open.part, { args: open.args.write() }, out)
    if (open.kind === 'text') this.texts.push({ part: open.part, wirePart: open.part, text: open.text })
    this.finishPart(open.part, out)
  }
}

/** Whether a thought has fields of the wire beside its text. */
const hasFields = (part: ThinkingPart): boolean =>
  Object.keys(part.extra?.gemini ?? {}).some(key => !key.startsWith('$'))

/** Whether a call is told in pieces. */
const isPiecemeal = (call: JsonObject): boolean =>
  call.willContinue === true || objectsOf(call.partialArgs).length > 0

/** A call without what only tells how it is streamed. Arguments that are still to come are not absent. */
function whole(call: JsonObject): JsonObject {
  const { partialArgs: _, willContinue: __, ...rest } = call
  return isPiecemeal(call) ? { args: {}, ...rest } : rest
}

/** Later chunks add to what was said of sources; of everything else the last word counts. */
function mergeSources(before: JsonObject, later: JsonObject): JsonObject {
  const { groundingMetadata: first } = before
  const { groundingMetadata: second } = later
  return isObject(first) && isObject(second)
    ? { ...later, groundingMetadata: { ...first, ...second } }
    : later
}
