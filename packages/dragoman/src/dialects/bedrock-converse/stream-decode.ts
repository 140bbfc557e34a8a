import { defined } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultOf } from './error.ts'
import { decodeFinish } from './finish.ts'
import { impliedBy, OpenBlock, openedBy } from './stream-decode-block.ts'
import { readPayload } from './stream-frame.ts'
import { tierOf } from './tier.ts'
import { decodeUsage } from './usage.ts'
import { asExtra, dialect } from './wire.ts'

/**
 * Decodes one streamed answer (SDK 3.1164 `ConverseStreamOutput`, card 7). There is no terminator: an answer is whole
 * once it said why it stopped, and its usage follows. Whoever reads takes the parts in any order that makes sense: usage
 * may come first, starts and stops of blocks may be missing.
 */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

class Decoder implements StreamDecoder {
  private state: 'waiting' | 'open' | 'stopped' | 'done' = 'waiting'
  /** Open blocks by the index the wire gives them; parts are counted in the order they start. */
  private readonly blocks = new Map<number, OpenBlock>()
  private parts = 0
  private hasCall = false
  private hasUsage = false
  /** What stood beside usage and reason. */
  private late: JsonObject = {}
  private serviceTier: string | undefined

  push(frame: Frame, out: Event[]): void {
    if (this.state === 'done') return
    const wire = readPayload(frame)
    if (frame.failure === 'error') this.fail(faultOf(frame.event, { message: frame.data }, 200), out)
    else if (frame.failure === 'exception') this.fail(faultOf(frame.event, wire ?? {}, 200), out)
    else if (wire === undefined) {
      const message = 'The upstream sent an event that is not a JSON object.'
      this.fail(createFault('upstream_invalid', message), out)
    } else this.read(frame.event ?? '', wire, out)
  }

  end(out: Event[]): void {
    if (this.state === 'done') return
    if (this.state === 'stopped') this.finish(out)
    else
      this.fail(createFault('upstream_disconnected', 'The upstream closed the stream before its end.'), out)
  }

  private fail(fault: ReturnType<typeof createFault>, out: Event[]): void {
    out.push({ type: 'fault', fault })
    this.state = 'done'
  }

  private read(name: string, wire: JsonObject, out: Event[]): void {
    if (this.state === 'waiting') this.start(name === 'messageStart' ? wire : {}, out)
    switch (name) {
      case 'messageStart':
        break
      case 'contentBlockStart':
        this.startBlock(wire, out)
        break
      case 'contentBlockDelta':
        this.readDelta(wire, out)
        break
      case 'contentBlockStop':
        this.closeBlock(this.indexOf(wire), out)
        break
      case 'messageStop':
        this.stop(wire, out)
        break
      case 'metadata':
        this.readMetadata(wire, out)
        break
      default:
        this.progress({ [name]: wire }, out)
    }
  }

  private start(wire: JsonObject, out: Event[]): void {
    const { role: _, ...rest } = wire
    this.state = 'open'
    out.push(defined({ type: 'start', dialect, extra: asExtra(rest) }))
  }

  private indexOf(wire: JsonObject): number {
    const { contentBlockIndex: index } = wire
    return typeof index === 'number' ? index : this.parts - 1
  }

  private startBlock(wire: JsonObject, out: Event[]): void {
    const part = isObject(wire.start) ? openedBy(wire.start) : undefined
    const index = typeof wire.contentBlockIndex === 'number' ? wire.contentBlockIndex : this.parts
    this.closeBlock(index, out)
    // An empty start is a text's or a thought's: the first delta tells which.
    if (part !== undefined) this.openBlock(index, part, out)
  }

  private openBlock(index: number, part: Part, out: Event[]): OpenBlock | undefined {
    if (this.state !== 'open') return undefined
    const block = new OpenBlock(this.parts, part)
    this.parts++
    this.blocks.set(index, block)
    this.hasCall ||= block.kind === 'tool-call'
    block.start(out)
    return block
  }

  private readDelta(wire: JsonObject, out: Event[]): void {
    const delta = isObject(wire.delta) ? wire.delta : {}
    const index = this.indexOf(wire)
    if (this.blocks.get(index)?.push(delta, out)) return
    const implied = impliedBy(delta)
    if (implied === undefined) {
      this.progress({ contentBlockDelta: { ...wire, contentBlockIndex: index } }, out)
      return
    }
    // Something else than the block held so far goes on under the same number.
    this.closeBlock(index, out)
    this.openBlock(index, implied, out)?.push(delta, out)
  }

  private closeBlock(index: number, out: Event[]): void {
    const block = this.blocks.get(index)
    if (block === undefined) return
    this.blocks.delete(index)
    block.end(out)
  }

  private progress(value: JsonObject, out: Event[]): void {
    if (this.state === 'open') out.push({ type: 'progress', candidate: 0, dialect, value })
  }

  private stop(wire: JsonObject, out: Event[]): void {
    if (this.state !== 'open') return
    const { stopReason, ...rest } = wire
    for (const index of [...this.blocks.keys()].sort((one, other) => one - other)) this.closeBlock(index, out)
    const finish = decodeFinish(stopReason, rest.additionalModelResponseFields, this.hasCall)
    out.push({ type: 'finish', candidate: 0, finish })
    this.late = { ...this.late, ...rest }
    this.state = 'stopped'
    if (this.hasUsage) this.finish(out)
  }

  /** Usage and what else is known of the answer. It comes after the reason; some write it before. */
  private readMetadata(wire: JsonObject, out: Event[]): void {
    const { usage, serviceTier, ...rest } = wire
    const tier = isObject(serviceTier) ? tierOf(serviceTier.type) : undefined
    this.serviceTier = tier ?? this.serviceTier
    this.late = {
      ...this.late,
      ...rest,
      ...(serviceTier !== undefined && tier === undefined && { serviceTier }),
    }
    if (isObject(usage)) out.push({ type: 'usage', usage: decodeUsage(usage) })
    this.hasUsage = true
    if (this.state === 'stopped') this.finish(out)
  }

  private finish(out: Event[]): void {
    out.push(defined({ type: 'end', serviceTier: this.serviceTier, extra: asExtra(this.late) }))
    this.state = 'done'
  }
}
