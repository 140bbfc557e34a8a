import type { NoteLog } from '../../core/codec/notes.ts'
import type { Render } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { MediaPart, Part, TextPart, ToolCallPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { encodeAnnotation } from './annotation.ts'
import { encodeLogprobs } from './logprob.ts'
import { noteLeftBehind } from './losses.ts'
import { encodeAudio } from './media.ts'
import { appendThinking } from './thinking.ts'
import { encodeFunctionCall, encodeToolCall, isFunctionCall } from './tool-call.ts'
import { type Draft, putBack } from './wire.ts'

/** Gathers the parts of a candidate into the one message that this wire has for them. */
export class MessageWriter {
  readonly #notes: NoteLog
  readonly #render: Render
  readonly #deprecated: boolean
  #content: string | undefined
  #refusal: string | undefined
  readonly #thinking: Draft = {}
  readonly #annotations: JsonObject[] = []
  readonly #calls: JsonObject[] = []
  #functionCall: JsonObject | undefined
  #audio: JsonObject | undefined
  #contentTokens: readonly TokenLogprob[] | undefined
  #refusalTokens: readonly TokenLogprob[] | undefined

  /** `deprecated`: the caller declared `functions`, and expects its call in `function_call`. */
  constructor(notes: NoteLog, render: Render, deprecated: boolean) {
    this.#notes = notes
    this.#render = render
    this.#deprecated = deprecated
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0 || this.hasFunctionCall
  }

  get hasFunctionCall(): boolean {
    return this.#functionCall !== undefined
  }

  add(part: Part, path: string): void {
    if (part.kind === 'thinking') this.#notes.foreign(part, path)
    else noteLeftBehind(part, path, this.#notes)
    switch (part.kind) {
      case 'text':
        this.#addText(part, path)
        break
      case 'refusal':
        this.#refusal = (this.#refusal ?? '') + part.text
        if (part.logprobs !== undefined)
          this.#refusalTokens = [...(this.#refusalTokens ?? []), ...part.logprobs]
        break
      case 'thinking':
        appendThinking(this.#thinking, part, path, this.#notes)
        break
      case 'tool-call':
        this.#addCall(part, path)
        break
      case 'media':
        this.#addMedia(part, path)
        break
      case 'hosted-tool':
      case 'unknown':
        this.#notes.add('dropped', path, `A chat message has no place for ${part.type} of ${part.dialect}.`)
        break
      case 'tool-result':
        this.#notes.add('dropped', path, 'A chat message has no place for a tool result.')
        break
    }
  }

  #addText(part: TextPart, path: string): void {
    const start = this.#content?.length ?? 0
    for (const [index, annotation] of (part.annotations ?? []).entries()) {
      const span = { start, length: part.text.length }
      const wire = encodeAnnotation(annotation, span, `${path}.annotations[${index}]`, this.#notes)
      if (wire !== undefined) this.#annotations.push(wire)
    }
    this.#content = (this.#content ?? '') + part.text
    if (part.logprobs !== undefined) this.#contentTokens = [...(this.#contentTokens ?? []), ...part.logprobs]
  }

  #addCall(part: ToolCallPart, path: string): void {
    if (!this.#deprecated && !isFunctionCall(part)) this.#calls.push(encodeToolCall(part))
    else if (this.#functionCall === undefined) this.#functionCall = encodeFunctionCall(part)
    else this.#notes.add('dropped', path, 'function_call holds one call; the caller did not use tools.')
  }

  #addMedia(part: MediaPart, path: string): void {
    const audio = this.#audio === undefined ? encodeAudio(part, this.#render) : undefined
    if (audio === undefined)
      this.#notes.add('dropped', path, `A chat message has no place for this ${part.media}.`)
    else this.#audio = audio
  }

  /** The message; `carried` holds what its decoder had no word for. */
  message(carried: JsonObject | undefined): JsonObject {
    const says = this.hasCalls || this.#refusal !== undefined || this.#audio !== undefined
    const empty = carried?.content === undefined ? (says ? null : '') : carried.content
    const content: JsonValue = this.#content ?? empty
    const wire: Draft = { role: 'assistant', content, refusal: this.#refusal ?? null }
    if (this.#annotations.length > 0) wire.annotations = this.#annotations
    Object.assign(wire, this.#thinking)
    if (this.#audio !== undefined) wire.audio = this.#audio
    if (this.#calls.length > 0) wire.tool_calls = this.#calls
    if (this.#functionCall !== undefined) wire.function_call = this.#functionCall
    return putBack(wire, isObject(carried) ? carried : undefined)
  }

  /** The choice's `logprobs`, undefined where there are none. */
  logprobs(): JsonValue | undefined {
    const [content, refusal] = [this.#contentTokens, this.#refusalTokens]
    if (content === undefined && refusal === undefined) return undefined
    return {
      content: content === undefined ? null : encodeLogprobs(content),
      refusal: refusal === undefined ? null : encodeLogprobs(refusal),
    }
  }
}
