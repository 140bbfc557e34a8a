import { defined, parseText } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultOf } from './error.ts'
import { fieldsOf, object, objects } from './fields.ts'
import { decodeFinish } from './finish.ts'
import { decodeGenerated, takeFinish, takeHead } from './response.ts'
import { OpenBlock } from './stream-decode-block.ts'
import { decodeTier, decodeUsage, mergeUsage } from './usage.ts'
import { asExtra, dialect } from './wire.ts'

/** Decodes one streamed answer (card 9). Whatever follows its end is passed over. */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

class Decoder implements StreamDecoder {
  private state: 'waiting' | 'open' | 'done' = 'waiting'
  /** Open blocks by the index the wire gives them; parts are counted in the order they start. */
  private readonly blocks = new Map<number, OpenBlock>()
  private parts = 0
  private hasClientCall = false
  /** `stop_reason` and its companions, as far as they were said. */
  private finish: JsonObject = {}
  private usage: JsonObject | undefined
  /** Fields of the message that came at its end. */
  private late: JsonObject = {}

  push(frame: Frame, out: Event[]): void {
    if (this.state === 'done' || frame.data === '') return
    const wire = parseText(frame.data)
    if (isObject(wire)) this.read(frame.event ?? wire.type, wire, out)
    // OpenAI's terminator, appended by a proxy, comes without a name and means nothing here.
    else if (frame.event !== undefined || frame.data !== '[DONE]') {
      this.fail('The upstream sent an event that is not JSON.', out)
    }
  }

  end(out: Event[]): void {
    if (this.state === 'done') return
    if (this.state === 'open' && typeof this.finish.stop_reason === 'string') this.stop(out)
    else {
      const fault = createFault('upstream_disconnected', 'The upstream closed the stream before its end.')
      out.push({ type: 'fault', fault })
      this.state = 'done'
    }
  }

  private read(type: unknown, wire: JsonObject, out: Event[]): void {
    switch (type) {
      case 'content_block_delta':
        this.readDelta(wire, out)
        break
      case 'content_block_start':
        this.readBlock(wire, out)
        break
      case 'content_block_stop':
        this.closeBlock(this.indexOf(wire), out)
        break
      case 'ping':
        break
      case 'message_start':
        this.start(wire, out)
        break
      case 'message_delta':
        this.readMessageDelta(wire, out)
        break
      case 'message_stop':
        if (this.state === 'open') this.stop(out)
        else this.fail('The upstream ended an empty stream.', out)
        break
      default:
        this.readOther(type, wire, out)
    }
  }

  /** An error, or an event that this version has no word for: it is kept for clients of the same dialect. */
  private readOther(type: unknown, wire: JsonObject, out: Event[]): void {
    if (type === 'error' || isObject(wire.error)) {
      out.push({ type: 'fault', fault: faultOf(wire) })
      this.state = 'done'
    } else if (this.state === 'open') out.push({ type: 'progress', candidate: 0, dialect, value: wire })
  }

  private fail(message: string, out: Event[]): void {
    out.push({ type: 'fault', fault: createFault('upstream_invalid', message) })
    this.state = 'done'
  }

  private indexOf(wire: JsonObject): number {
    return typeof wire.index === 'number' ? wire.index : this.parts - 1
  }

  /** A second start (spliced in by proxies, trap 59) says nothing but usage. */
  private start(wire: JsonObject, out: Event[]): void {
    const fields = fieldsOf(isObject(wire.message) ? wire.message : {}, '', [])
    const content = fields.take('content', objects) ?? []
    const usage = fields.take('usage', object)
    if (usage !== undefined) this.usage = mergeUsage(this.usage, usage)
    if (this.state === 'open') return
    this.state = 'open'
    this.finish = takeFinish(fields)
    out.push(
      defined({
        type: 'start',
        dialect,
        ...takeHead(fields),
        serviceTier: usage && decodeTier(usage),
        extra: fields.extra(),
      }),
    )
    if (usage !== undefined) out.push({ type: 'usage', usage: decodeUsage(usage) })
    // A continuation starts with what it has already (trap 57).
    for (const block of content) {
      const index = -1 - this.parts
      this.openBlock(index, block, out)
      this.closeBlock(index, out)
    }
  }

  private readBlock(wire: JsonObject, out: Event[]): void {
    const { content_block: block } = wire
    if (this.state !== 'open' || !isObject(block)) {
      this.fail('The upstream started a block without a message or without its content.', out)
      return
    }
    const index = typeof wire.index === 'number' ? wire.index : this.parts
    this.closeBlock(index, out)
    this.openBlock(index, block, out)
  }

  private openBlock(index: number, wire: JsonObject, out: Event[]): OpenBlock {
    const block = new OpenBlock(this.parts, decodeGenerated(wire))
    this.parts++
    this.blocks.set(index, block)
    this.hasClientCall ||= block.isClientCall
    block.start(out)
    return block
  }

  private readDelta(wire: JsonObject, out: Event[]): void {
    const { delta } = wire
    if (this.state !== 'open' || !isObject(delta)) {
      this.fail('The upstream sent a delta without a message or without its content.', out)
      return
    }
    const index = this.indexOf(wire)
    const block = this.blocks.get(index) ?? this.openImplied(index, delta, out)
    if (block === undefined) this.fail('The upstream sent a delta of a block it never started.', out)
    else block.push(delta, wire, out)
  }

  /** Text whose block was never started is still text: some hosts leave the start out. */
  private openImplied(index: number, delta: JsonObject, out: Event[]): OpenBlock | undefined {
    if (delta.type === 'text_delta') return this.openBlock(index, { type: 'text', text: '' }, out)
    if (delta.type === 'thinking_delta') return this.openBlock(index, { type: 'thinking', thinking: '' }, out)
    return undefined
  }

  private closeBlock(index: number, out: Event[]): void {
    const block = this.blocks.get(index)
    if (block === undefined) return
    this.blocks.delete(index)
    block.end(out)
  }

  private readMessageDelta(wire: JsonObject, out: Event[]): void {
    if (this.state !== 'open') {
      this.fail('The upstream finished a message it never started.', out)
      return
    }
    const { type: _, delta, usage, ...beside } = wire
    const fields = fieldsOf(isObject(delta) ? delta : {}, '', [])
    this.finish = { ...this.finish, ...takeFinish(fields) }
    this.late = { ...this.late, ...fields.extra()?.[dialect], ...beside }
    if (isObject(usage)) {
      this.usage = mergeUsage(this.usage, usage)
      out.push({ type: 'usage', usage: decodeUsage(this.usage) })
    }
  }

  /** Only now is it sure that nothing more comes: what says why it stopped may stand before the end of the content. */
  private stop(out: Event[]): void {
    for (const index of this.blocks.keys()) this.closeBlock(index, out)
    out.push({ type: 'finish', candidate: 0, finish: decodeFinish(this.finish, this.hasClientCall) })
    out.push(defined({ type: 'end', extra: asExtra(this.late) }))
    this.state = 'done'
  }
}
