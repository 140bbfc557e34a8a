import { isList, objectsOf, textOf } from '../../core/codec/values.ts'
import type { Event } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Part } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation } from './annotation.ts'
import { decodeFinish } from './finish.ts'
import { encodeLogprobs, logprobsOf } from './logprob.ts'
import { decodeAudio } from './media.ts'
import { decodeText } from './response.ts'
import { CallDecoder } from './stream-calls.ts'
import { mergeDetail, reasoningDetails, reasoningOf } from './thinking.ts'
import { carriedBy, carry, type Draft, form } from './wire.ts'

/** The text, thought or refusal that is growing; there is one at a time. */
interface Speech {
  readonly kind: 'text' | 'thinking' | 'refusal'
  readonly part: number
  readonly field: string | undefined
  readonly details: JsonObject[]
}

const deltaFields: ReadonlySet<string> = new Set([
  ...['role', 'content', 'refusal', 'audio', 'tool_calls', 'function_call', 'annotations'],
  ...['reasoning_content', 'reasoning', reasoningDetails],
])
const choiceFields: ReadonlySet<string> = new Set([
  'index',
  'delta',
  'message',
  'finish_reason',
  'logprobs',
  'usage',
])

const none: readonly JsonObject[] = []

/** One choice of a stream. Its finish waits until the stream concludes, because hosts repeat and revise it. */
export class ChoiceDecoder {
  readonly #candidate: number
  readonly #calls: CallDecoder
  #parts = 0
  #speech: Speech | undefined
  #lastText: number | undefined
  #audio: { readonly part: number; readonly late: Draft } | undefined
  #finish: string | undefined
  readonly #rest: Draft = {}
  readonly #messageRest: Draft = {}
  readonly #looseTokens: TokenLogprob[] = []

  constructor(candidate: number, answer: string) {
    this.#candidate = candidate
    this.#calls = new CallDecoder(candidate, answer, () => this.#parts++)
  }

  get finished(): boolean {
    return this.#finish !== undefined
  }

  /** The choice ended in a failure. */
  get failed(): boolean {
    return decodeFinish(this.#finish, false).reason === 'error'
  }

  push(choice: JsonObject, out: Event[]): void {
    const delta = this.#deltaOf(choice)
    const tokens = choice.logprobs === undefined || choice.logprobs === null ? undefined : logprobsOf(choice)
    if (delta !== undefined) this.#pushDelta(delta, tokens?.content, tokens?.refusal, out)
    else if (tokens?.content !== undefined) this.#looseTokens.push(...tokens.content)
    this.#finish = textOf(choice.finish_reason) ?? this.#finish
    for (const key in choice) if (!choiceFields.has(key)) keep(this.#rest, key, choice[key])
  }

  /** A host may repeat the whole message at the end; it counts only where nothing was streamed before. */
  #deltaOf(choice: JsonObject): JsonObject | undefined {
    if (isObject(choice.delta)) return choice.delta
    return isObject(choice.message) && this.#parts === 0 ? choice.message : undefined
  }

  #pushDelta(
    delta: JsonObject,
    contentTokens: readonly TokenLogprob[] | undefined,
    refusalTokens: readonly TokenLogprob[] | undefined,
    out: Event[],
  ): void {
    const { content } = delta
    this.#pushReasoning(delta, out)
    if (typeof content === 'string' && content !== '')
      this.#say('text', content, contentTokens, undefined, out)
    else if (isList(content)) this.#pushChunks(content, out)
    else if (contentTokens !== undefined) this.#pushTokens(contentTokens, out)
    const refusal = textOf(delta.refusal)
    if (refusal !== undefined) this.#say('refusal', refusal, refusalTokens, undefined, out)
    if (isObject(delta.audio)) this.#pushAudio(delta.audio, out)
    if (delta.tool_calls !== undefined) this.#pushCalls(delta.tool_calls, out)
    if (isObject(delta.function_call)) {
      this.#hush(out)
      this.#calls.pushFunctionCall(delta.function_call, out)
    }
    if (delta.annotations !== undefined) this.#pushAnnotations(delta.annotations, out)
    for (const key in delta) if (!deltaFields.has(key)) keep(this.#messageRest, key, delta[key])
  }

  #pushReasoning(delta: JsonObject, out: Event[]): void {
    const found = reasoningOf(delta)
    if (found !== undefined) this.#say('thinking', found.text, undefined, found.field, out)
    const list = delta[reasoningDetails]
    const details = list === undefined ? none : objectsOf(list)
    if (details.length === 0) return
    const speech = this.#speak('thinking', undefined, out)
    for (const piece of details) mergeDetail(speech.details, piece)
  }

  /** Content as typed chunks, which some hosts send and change to strings within one stream. */
  #pushChunks(content: readonly JsonValue[], out: Event[]): void {
    for (const part of decodeText(content)) {
      if (part.kind === 'text') this.#say('text', part.text, undefined, undefined, out)
      else if (part.kind === 'thinking') {
        this.#say('thinking', part.text, undefined, undefined, out)
        const { opaque } = part
        if (opaque === undefined) continue
        out.push({ type: 'part-delta', candidate: this.#candidate, part: this.#speech?.part ?? 0, opaque })
      } else {
        this.#hush(out)
        const at = { candidate: this.#candidate, part: this.#parts++ }
        out.push({ type: 'part-start', ...at, open: part }, { type: 'part-end', ...at })
      }
    }
  }

  /** Tokens without text: of a character that is not complete yet, or of a tool call, for which there is no place. */
  #pushTokens(logprobs: readonly TokenLogprob[], out: Event[]): void {
    if (this.#speech?.kind !== 'text') this.#looseTokens.push(...logprobs)
    else out.push({ type: 'part-delta', candidate: this.#candidate, part: this.#speech.part, logprobs })
  }

  #pushCalls(list: JsonValue, out: Event[]): void {
    const entries = objectsOf(list)
    if (entries.length > 0) this.#hush(out)
    for (let position = 0; position < entries.length; position++) {
      const entry = entries[position]
      if (entry !== undefined) this.#calls.push(entry, position, out)
    }
  }

  #pushAnnotations(list: JsonValue, out: Event[]): void {
    for (const wire of objectsOf(list)) {
      const part = this.#lastText ?? this.#speak('text', undefined, out).part
      out.push({ type: 'annotation', candidate: this.#candidate, part, annotation: decodeAnnotation(wire) })
    }
  }

  #pushAudio(wire: JsonObject, out: Event[]): void {
    const open = decodeAudio(wire)
    const { transcript = '', source } = open
    const data = source.type === 'base64' ? source.data : ''
    if (this.#audio === undefined) {
      this.#audio = { part: this.#parts++, late: {} }
      const empty = {
        kind: 'media',
        media: 'audio',
        source: { type: 'base64', mediaType: 'audio/*', data: '' },
      } as const
      const first = { ...empty, ...carry(carriedBy(open) ?? {}) }
      out.push({ type: 'part-start', candidate: this.#candidate, part: this.#audio.part, open: first })
    } else {
      for (const [key, value] of Object.entries(carriedBy(open) ?? {})) keep(this.#audio.late, key, value)
    }
    const grown = { ...(transcript === '' ? {} : { text: transcript }), ...(data === '' ? {} : { data }) }
    if (transcript === '' && data === '') return
    out.push({ type: 'part-delta', candidate: this.#candidate, part: this.#audio.part, ...grown })
  }

  #say(
    kind: Speech['kind'],
    text: string,
    logprobs: readonly TokenLogprob[] | undefined,
    field: string | undefined,
    out: Event[],
  ): void {
    const { part } = this.#speak(kind, field, out)
    const candidate = this.#candidate
    out.push(
      logprobs === undefined
        ? { type: 'part-delta', candidate, part, text }
        : { type: 'part-delta', candidate, part, text, logprobs },
    )
  }

  /** The growing part of this kind; another kind that was growing ends. */
  #speak(kind: Speech['kind'], field: string | undefined, out: Event[]): Speech {
    if (this.#speech?.kind === kind) return this.#speech
    this.#hush(out)
    const part = this.#parts++
    const speech: Speech = { kind, part, field, details: [] }
    this.#speech = speech
    if (kind === 'text') this.#lastText = part
    const open: Part = { kind, text: '', ...carry(field === undefined ? {} : { [form]: field }) }
    out.push({ type: 'part-start', candidate: this.#candidate, part, open })
    return speech
  }

  #hush(out: Event[]): void {
    const speech = this.#speech
    if (speech === undefined) return
    this.#speech = undefined
    const end = { type: 'part-end', candidate: this.#candidate, part: speech.part } as const
    if (speech.details.length === 0) out.push(end)
    else
      out.push({
        ...end,
        close: { kind: 'thinking', text: '', ...carry({ [reasoningDetails]: speech.details }) },
      })
  }

  /** Ends the parts and gives the finish, which carries the fields that nobody consumed. */
  conclude(out: Event[]): void {
    this.#hush(out)
    if (this.#audio !== undefined) {
      const { part, late } = this.#audio
      const source = { type: 'base64', mediaType: 'audio/*', data: '' } as const
      const close = { kind: 'media', media: 'audio', source, ...carry(late) } as const
      const hasLate = Object.keys(late).length > 0
      out.push({ type: 'part-end', candidate: this.#candidate, part, ...(hasLate ? { close } : {}) })
    }
    this.#calls.close(out)
    const rest: Draft = { ...this.#rest }
    if (this.#looseTokens.length > 0)
      rest.logprobs = { content: encodeLogprobs(this.#looseTokens), refusal: null }
    if (Object.keys(this.#messageRest).length > 0) rest.message = this.#messageRest
    const finish = decodeFinish(this.#finish, this.#calls.any)
    out.push({ type: 'finish', candidate: this.#candidate, finish, ...carry(rest) })
  }
}

/**
 * Keeps a field nobody consumed. What comes again adds to what was there: objects by key, lists by element unless
 * the host repeats the same list; anything else is replaced, but not by null.
 */
function keep(rest: Draft, key: string, value: JsonValue | undefined): void {
  if (value === undefined || key === '__proto__') return
  const before = rest[key]
  if (isObject(before) && isObject(value)) rest[key] = { ...before, ...value }
  else if (isList(before) && isList(value)) {
    if (JSON.stringify(before) !== JSON.stringify(value)) rest[key] = [...before, ...value]
  } else if (value !== null || before === undefined) rest[key] = value
}
