import type { PartDeltaEvent } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Annotation, MediaPart, Part, ThinkingPart, ToolCallPart } from '../../ir/part.ts'
import { without } from '../../wire/json.ts'
import { encodeLogprobs } from './logprob.ts'
import { encodeFunctionCall, encodeToolCall } from './tool-call.ts'
import { carriedBy } from './wire.ts'

/** Writes chunks of one choice. `delta` and `logprobs` are JSON text. */
export interface ChunkWriter {
  readonly prefix: string
  readonly suffix: string
  chunk(delta: string, logprobs: string): string
}

/** What an open part of a streamed answer writes. */
export interface PartWriter {
  /** Characters of content so far, for annotations. */
  readonly length: number
  /** Where the part's text stands in the message's content. */
  readonly start: number
  open(): string
  delta(event: PartDeltaEvent): string
  close(part: Part | undefined): string
}

/** A part that this wire has no place for: it was noted when it opened. */
export const mute: PartWriter = { length: 0, start: 0, open: () => '', delta: () => '', close: () => '' }

/** Text and refusals: a string field of the delta, with the log probabilities of its tokens. */
export class SpokenWriter implements PartWriter {
  readonly start: number
  length = 0
  readonly #writer: ChunkWriter
  readonly #field: 'content' | 'refusal'
  readonly #head: string
  readonly #tail: string
  #hasTokens = false

  constructor(writer: ChunkWriter, field: 'content' | 'refusal', start: number) {
    this.#writer = writer
    this.#field = field
    this.start = start
    this.#head = `${writer.prefix}{"${field}":`
    this.#tail = `}${writer.suffix}`
  }

  open(): string {
    return ''
  }

  delta({ text = '', logprobs }: PartDeltaEvent): string {
    this.length += text.length
    if (logprobs !== undefined) return this.#withTokens(text, encodeLogprobs(logprobs))
    return text === '' ? '' : this.#head + JSON.stringify(text) + this.#tail
  }

  #withTokens(text: string, tokens: JsonValue): string {
    this.#hasTokens = true
    const logprobs =
      this.#field === 'content' ? { content: tokens, refusal: null } : { content: null, refusal: tokens }
    return this.#writer.chunk(`{"${this.#field}":${JSON.stringify(text)}}`, JSON.stringify(logprobs))
  }

  /** Log probabilities that are known only now, where none were streamed. */
  close(part: Part | undefined): string {
    if (this.#hasTokens || (part?.kind !== 'text' && part?.kind !== 'refusal')) return ''
    return part.logprobs === undefined ? '' : this.#withTokens('', encodeLogprobs(part.logprobs))
  }
}

/** Reasoning: a string field of the delta. A thought has its text or a summary of it; what came first is written. */
export class ThoughtWriter implements PartWriter {
  readonly start = 0
  readonly length = 0
  readonly #writer: ChunkWriter
  readonly #head: string
  readonly #tail: string
  #written: 'text' | 'summary' | undefined
  #summary = 0
  readonly #drop: () => void

  /** `drop` is told, once at most, that the summary beside a text was left out. */
  constructor(writer: ChunkWriter, field: string, drop: () => void) {
    this.#writer = writer
    this.#head = `${writer.prefix}{"${field}":`
    this.#tail = `}${writer.suffix}`
    this.#drop = drop
  }

  open(): string {
    return ''
  }

  delta({ text, summary }: PartDeltaEvent): string {
    let written = ''
    if (text !== undefined && text !== '') written += this.#write('text', text)
    if (summary !== undefined && summary.text !== '') {
      const gap = this.#written === 'summary' && summary.index !== this.#summary ? '\n\n' : ''
      this.#summary = summary.index
      written += this.#write('summary', gap + summary.text)
    }
    return written
  }

  #write(what: 'text' | 'summary', text: string): string {
    if (this.#written !== undefined && this.#written !== what) {
      this.#drop()
      return ''
    }
    this.#written = what
    return this.#head + JSON.stringify(text) + this.#tail
  }

  close(part: Part | undefined): string {
    const { reasoning_details: details } = carriedBy(part as ThinkingPart | undefined) ?? {} // a thought closes as one
    return details === undefined
      ? ''
      : this.#writer.chunk(`{"reasoning_details":${JSON.stringify(details)}}`, 'null')
  }
}

/** A tool call: its first delta names it, the others hold only arguments. */
export class CallWriter implements PartWriter {
  readonly start = 0
  readonly length = 0
  readonly #writer: ChunkWriter
  readonly #part: ToolCallPart
  readonly #index: number
  readonly #head: string
  readonly #tail: string

  constructor(writer: ChunkWriter, part: ToolCallPart, index: number) {
    this.#writer = writer
    this.#part = part
    this.#index = index
    const [key, field] = part.type === 'custom' ? ['custom', 'input'] : ['function', 'arguments']
    this.#head = `${writer.prefix}{"tool_calls":[{"index":${index},"${key}":{"${field}":`
    this.#tail = `}}]}${writer.suffix}`
  }

  open(): string {
    const entry = without(encodeToolCall({ ...this.#part, arguments: '' }), indexOnly)
    return this.#entry(entry) + this.#append(this.#part.arguments)
  }

  #entry(fields: JsonObject): string {
    return this.#writer.chunk(`{"tool_calls":[${JSON.stringify({ index: this.#index, ...fields })}]}`, 'null')
  }

  #append(text: string): string {
    return text === '' ? '' : this.#head + JSON.stringify(text) + this.#tail
  }

  delta({ args = '' }: PartDeltaEvent): string {
    return this.#append(args)
  }

  close(part: Part | undefined): string {
    const late = part === undefined ? undefined : carriedBy(part)
    return late === undefined ? '' : this.#entry(without(late, indexOnly))
  }
}

const indexOnly: ReadonlySet<string> = new Set(['index'])

/** The deprecated `function_call`. */
export class FunctionCallWriter implements PartWriter {
  readonly start = 0
  readonly length = 0
  readonly #writer: ChunkWriter
  readonly #part: ToolCallPart

  constructor(writer: ChunkWriter, part: ToolCallPart) {
    this.#writer = writer
    this.#part = part
  }

  open(): string {
    const call = encodeFunctionCall({ ...this.#part, arguments: '' })
    return this.#write(call) + this.#append(this.#part.arguments)
  }

  #write(call: JsonObject): string {
    return this.#writer.chunk(`{"function_call":${JSON.stringify(call)}}`, 'null')
  }

  #append(text: string): string {
    return text === '' ? '' : this.#write({ arguments: text })
  }

  delta({ args = '' }: PartDeltaEvent): string {
    return this.#append(args)
  }

  close(): string {
    return ''
  }
}

/** Generated audio: an id first, then pieces of data and transcript, and in the end when it expires. */
export class AudioWriter implements PartWriter {
  readonly start = 0
  readonly length = 0
  readonly #writer: ChunkWriter
  readonly #first: JsonObject

  /** `first` is the audio as it opened, without what is empty. */
  constructor(writer: ChunkWriter, first: JsonObject) {
    this.#writer = writer
    this.#first = first
  }

  open(): string {
    return this.#write(this.#first)
  }

  #write(audio: JsonObject): string {
    return this.#writer.chunk(`{"audio":${JSON.stringify(audio)}}`, 'null')
  }

  delta({ data, text }: PartDeltaEvent): string {
    const audio = {
      ...(data === undefined ? {} : { data }),
      ...(text === undefined ? {} : { transcript: text }),
    }
    return Object.keys(audio).length === 0 ? '' : this.#write(audio)
  }

  close(part: Part | undefined): string {
    const late = carriedBy(part as MediaPart | undefined) // audio closes as audio
    return late === undefined ? '' : this.#write(late)
  }
}

/** Annotations of a part that were not streamed but are known when it closes. */
export function lateAnnotations(part: Part | undefined): readonly Annotation[] {
  return part?.kind === 'text' ? (part.annotations ?? []) : []
}
