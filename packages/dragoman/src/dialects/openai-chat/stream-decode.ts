import { isTerminator, parseChunk } from '../../core/codec/frame.ts'
import { defined, isList, numberOf, textOf } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event } from '../../ir/event.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody, readFault, upstreamInvalid } from './error.ts'
import { failedChoice } from './response.ts'
import { ChoiceDecoder } from './stream-choice.ts'
import { decodeUsage } from './usage.ts'
import { carry, type Draft, dialect } from './wire.ts'

/** `obfuscation` is random padding and says nothing. */
const chunkFields: ReadonlySet<string> = new Set([
  ...['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier', 'obfuscation'],
])

/**
 * Chunks of `chat.completion.chunk` to events (reference card, 8.3, and its traps). The start waits for the first
 * chunk that has a choice, because some hosts send one before it with neither id nor model; finishes wait for
 * `[DONE]` or the end of the stream. Of what comes behind `[DONE]` only usage is read: it becomes an event after
 * `end`, good for metering and too late for the caller.
 */
export function decodeStream(): StreamDecoder {
  return new ChunkDecoder()
}

/** The upstream closed although a choice had not ended: never an invented end. */
const disconnected = 'The upstream closed its stream before the answer was complete.'

class ChunkDecoder implements StreamDecoder {
  #state: 'live' | 'ended' | 'failed' = 'live'
  #started = false
  #answer = ''
  readonly #head: { id?: string; model?: string; created?: number; serviceTier?: string } = {}
  readonly #choices = new Map<number, ChoiceDecoder>()
  /** Fields of chunks that nobody consumed: those known at the start, and those that came or changed later. */
  readonly #first: Draft = {}
  readonly #late: Draft = {}
  /** The tier of a later chunk: the first may only repeat what was asked for. */
  #tier: string | undefined

  push(frame: Frame, out: Event[]): void {
    const { data } = frame
    if (data === '' || this.#state === 'failed') return
    if (this.#state === 'ended') {
      const chunk = parseChunk(frame)
      if (isObject(chunk) && isObject(chunk.usage)) this.#pushUsage(chunk.usage, out)
    } else if (isTerminator(data)) this.#terminate(out)
    else if (frame.event === 'error') this.#fail(readFault(data), out)
    else {
      const chunk = parseChunk(frame)
      if (isObject(chunk)) this.#pushChunk(chunk, frame.event, out)
      else if (isList(chunk)) this.#fail(readFault(data), out)
      else this.#fail(upstreamInvalid('The upstream sent a frame of its stream that is no JSON object.'), out)
    }
  }

  end(out: Event[]): void {
    if (this.#state !== 'live') return
    const isWhole = this.#choices.size > 0 && [...this.#choices.values()].every(choice => choice.finished)
    if (isWhole) this.#conclude(out)
    else this.#fail(createFault('upstream_disconnected', disconnected), out)
  }

  #pushChunk(chunk: JsonObject, event: string | undefined, out: Event[]): void {
    const fault = 'error' in chunk || chunk.choices === undefined ? faultInBody(chunk) : undefined
    if (fault !== undefined) {
      this.#fail(fault, out)
      return
    }
    // OpenAI's chunks have no event name; what a host sends under one, such as a ping, need not be a chunk.
    if (event !== undefined && chunk.choices === undefined && chunk.usage === undefined) return
    for (const key in chunk) if (!chunkFields.has(key)) this.#keep(key, chunk[key])
    const choices = isList(chunk.choices) ? chunk.choices : []
    const usage = isObject(chunk.usage) ? chunk.usage : undefined
    if (!this.#started) {
      this.#readHead(chunk)
      if (choices.length === 0 && usage === undefined) return
      this.#start(out)
    } else if (chunk.service_tier !== undefined && chunk.service_tier !== (this.#head.serviceTier ?? null)) {
      if (typeof chunk.service_tier === 'string') this.#tier = chunk.service_tier
      else this.#late.service_tier = chunk.service_tier
    }
    for (let position = 0; position < choices.length; position++) {
      const choice = choices[position]
      if (isObject(choice)) this.#pushChoice(choice, position, out)
      if (this.#state === 'failed') return
    }
    if (usage !== undefined) this.#pushUsage(usage, out)
  }

  /** The first chunk that says something of each counts: they are the same on all, or empty before the answer. */
  #readHead(chunk: JsonObject): void {
    const head = defined({
      id: textOf(chunk.id),
      model: textOf(chunk.model),
      created: numberOf(chunk.created) === 0 ? undefined : numberOf(chunk.created),
      serviceTier: textOf(chunk.service_tier),
    })
    Object.assign(this.#head, { ...head, ...this.#head })
    if (chunk.service_tier === null) this.#first.service_tier = null
  }

  #start(out: Event[]): void {
    if (this.#started) return
    this.#started = true
    this.#answer = this.#head.id ?? String(this.#head.created ?? '')
    out.push({ type: 'start', dialect, ...this.#head, ...carry({ ...this.#first }) })
  }

  #pushChoice(choice: JsonObject, position: number, out: Event[]): void {
    if (choice.error !== undefined && choice.error !== null) {
      this.#fail(failedChoice(choice), out)
      return
    }
    const index = numberOf(choice.index) ?? position
    let decoder = this.#choices.get(index)
    if (decoder === undefined) {
      decoder = new ChoiceDecoder(index, this.#answer)
      this.#choices.set(index, decoder)
    }
    decoder.push(choice, out)
    if (isObject(choice.usage)) this.#pushUsage(choice.usage, out)
  }

  #pushUsage(wire: JsonObject, out: Event[]): void {
    out.push({ type: 'usage', usage: decodeUsage(wire) })
  }

  #keep(key: string, value: JsonValue | undefined): void {
    if (value === undefined || key === '__proto__') return
    if (!this.#started) this.#first[key] = value
    else if (!isSame(this.#late[key] ?? this.#first[key], value)) this.#late[key] = value
  }

  #terminate(out: Event[]): void {
    if (this.#choices.size > 0) this.#conclude(out)
    else this.#fail(upstreamInvalid('The upstream ended its stream without any choice.'), out)
  }

  /** Ends all choices and the answer; where they all failed, that is a fault and no end. */
  #conclude(out: Event[]): void {
    const choices = [...this.#choices.values()]
    if (choices.every(choice => choice.failed)) {
      this.#fail(upstreamInvalid('The upstream ended its answer with an error.'), out)
      return
    }
    for (const choice of choices) choice.conclude(out)
    this.#state = 'ended'
    const tier = this.#tier === undefined ? {} : { serviceTier: this.#tier }
    out.push({ type: 'end', ...tier, ...carry(this.#late) })
  }

  #fail(fault: Fault, out: Event[]): void {
    this.#start(out)
    this.#state = 'failed'
    out.push({ type: 'fault', fault })
  }
}

function isSame(before: JsonValue | undefined, value: JsonValue): boolean {
  if (before === value) return true
  if (typeof before !== 'object' || typeof value !== 'object') return false
  return JSON.stringify(before) === JSON.stringify(value)
}
