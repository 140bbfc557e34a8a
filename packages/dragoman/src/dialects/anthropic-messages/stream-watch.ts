import { isList, parseText } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { decodeUsage, mergeUsage } from './usage.ts'

/** Follows a relayed stream: it reads the name of every frame and the data of the few that start or end something. */
export function watchStream(): StreamWatch {
  return new Watch()
}

/** Blocks whose start may be thrown away: they come empty, and their content in deltas. */
const silentBlocks: readonly JsonValue[] = ['text', 'thinking', 'redacted_thinking']

class Watch implements StreamWatch {
  finished = false
  private counted: JsonObject | undefined

  /** The raw usage is kept and made into a ledger when somebody asks, which is once. */
  get usage(): Usage | undefined {
    return this.counted && decodeUsage(this.counted)
  }

  push(frame: Frame): FrameRole {
    const { event } = frame
    if (event === 'content_block_delta') return 'content'
    if (event === 'content_block_stop') return 'other'
    if (event === 'ping' || frame.data === '') return 'pre'
    const wire = parseText(frame.data)
    if (!isObject(wire)) return event === undefined ? 'other' : 'fault'
    return this.read(event ?? wire.type, wire)
  }

  private read(type: JsonValue | undefined, wire: JsonObject): FrameRole {
    switch (type) {
      case 'message_start':
        return this.readStart(wire)
      case 'content_block_start': {
        const block = wire.content_block
        return isObject(block) && isSilent(block) ? 'pre' : 'content'
      }
      case 'content_block_stop':
        return 'other'
      case 'ping':
        return 'pre'
      case 'message_delta':
        this.count(wire.usage)
        this.finish(wire.delta)
        return 'content'
      case 'message_stop':
        this.finished = true
        return 'terminal'
      default:
        return type === 'error' || isObject(wire.error) ? 'fault' : 'content'
    }
  }

  private readStart(wire: JsonObject): FrameRole {
    const { message } = wire
    if (!isObject(message)) return 'pre'
    this.count(message.usage)
    this.finish(message)
    return isList(message.content) && message.content.length > 0 ? 'content' : 'pre'
  }

  private count(usage: JsonValue | undefined): void {
    if (isObject(usage)) this.counted = mergeUsage(this.counted, usage)
  }

  private finish(said: JsonValue | undefined): void {
    this.finished ||= isObject(said) && typeof said.stop_reason === 'string'
  }
}

function isSilent(block: JsonObject): boolean {
  const text = block.text ?? block.thinking ?? ''
  return text === '' && silentBlocks.includes(block.type ?? '')
}
