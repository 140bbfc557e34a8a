import { isTerminator, parseChunk } from '../../core/codec/frame.ts'
import { defined, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event } from '../../ir/event.ts'
import { type Extra, mergeExtra } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Finish } from '../../ir/reply.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody } from './error.ts'
import { decodeFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { choiceRest, decodeHead } from './response.ts'
import { decodeUsage } from './usage.ts'

/** Decodes one streamed completion. Whatever follows its end is passed over. */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

/** A choice on its way. Its finish is told at the end of the stream: some hosts repeat it, or send text after it. */
interface Choice {
  finish: Finish | undefined
  extra: Extra | undefined
}

class Decoder implements StreamDecoder {
  private state: 'waiting' | 'open' | 'done' = 'waiting'
  private readonly choices = new Map<number, Choice>()

  push(frame: Frame, out: Event[]): void {
    if (this.state === 'done' || frame.data === '') return
    if (isTerminator(frame.data)) {
      if (this.state === 'waiting') this.fail(invalid('The upstream ended an empty stream.'), out)
      else this.conclude(out)
      return
    }
    const chunk = parseChunk(frame)
    const fault = isObject(chunk)
      ? faultInBody(chunk)
      : invalid('The upstream sent an event that is not JSON.')
    if (fault !== undefined) this.fail(fault, out)
    else if (isObject(chunk)) this.read(chunk, out)
  }

  end(out: Event[]): void {
    if (this.state === 'done') return
    const isWhole =
      this.choices.size > 0 && [...this.choices.values()].every(choice => choice.finish !== undefined)
    if (isWhole) this.conclude(out)
    else
      this.fail(createFault('upstream_disconnected', 'The upstream closed the stream before its end.'), out)
  }

  private fail(fault: Fault, out: Event[]): void {
    out.push({ type: 'fault', fault })
    this.state = 'done'
  }

  private read(chunk: JsonObject, out: Event[]): void {
    if (this.state === 'waiting') {
      this.state = 'open'
      out.push({ type: 'start', ...decodeHead(chunk) })
    }
    for (const wire of objectsOf(chunk.choices)) this.readChoice(wire, out)
    if (isObject(chunk.usage)) out.push({ type: 'usage', usage: decodeUsage(chunk.usage) })
  }

  private readChoice(wire: JsonObject, out: Event[]): void {
    const candidate = numberOf(wire.index) ?? 0
    const at = { candidate, part: 0 }
    const known = this.choices.get(candidate)
    const choice = known ?? { finish: undefined, extra: undefined }
    if (known === undefined) {
      this.choices.set(candidate, choice)
      out.push({ type: 'part-start', ...at, open: { kind: 'text', text: '' } })
    }
    const text = textOf(wire.text)
    const logprobs = decodeLogprobs(wire.logprobs)
    if (text !== undefined || (logprobs !== undefined && logprobs.length > 0))
      out.push(defined({ type: 'part-delta', ...at, text, logprobs }))
    choice.extra = mergeExtra(choice.extra, choiceRest(wire))
    const word = textOf(wire.finish_reason)
    if (word !== undefined) choice.finish = decodeFinish(word)
  }

  private conclude(out: Event[]): void {
    for (const [candidate, { finish, extra }] of this.choices) {
      out.push({ type: 'part-end', candidate, part: 0 })
      out.push(defined({ type: 'finish', candidate, finish: finish ?? decodeFinish(undefined), extra }))
    }
    out.push({ type: 'end' })
    this.state = 'done'
  }
}

const invalid = (message: string): Fault => createFault('upstream_invalid', message)
