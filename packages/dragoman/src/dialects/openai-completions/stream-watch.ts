import { isTerminator, parseChunk } from '../../core/codec/frame.ts'
import { numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody } from './error.ts'
import { decodeUsage } from './usage.ts'

/** Follows a relayed stream. */
export function watchStream(): StreamWatch {
  return new Watch()
}

class Watch implements StreamWatch {
  private counted: JsonObject | undefined
  private readonly open = new Map<number, boolean>()

  get usage(): Usage | undefined {
    return this.counted && decodeUsage(this.counted)
  }

  get finished(): boolean {
    return this.open.size > 0 && ![...this.open.values()].includes(true)
  }

  push(frame: Frame): FrameRole {
    if (frame.data === '') return 'pre'
    if (isTerminator(frame.data)) return 'terminal'
    const chunk = parseChunk(frame)
    if (!isObject(chunk) || faultInBody(chunk) !== undefined) return 'fault'
    const choices = objectsOf(chunk.choices)
    for (const choice of choices) this.follow(choice)
    const hasUsage = isObject(chunk.usage)
    if (isObject(chunk.usage)) this.counted = chunk.usage
    if (choices.length === 0) return hasUsage ? 'usage' : 'pre'
    return choices.some(saysSomething) ? 'content' : 'pre'
  }

  private follow(choice: JsonObject): void {
    const index = numberOf(choice.index) ?? 0
    this.open.set(index, textOf(choice.finish_reason) === undefined && this.open.get(index) !== false)
  }
}

const saysSomething = (choice: JsonObject): boolean =>
  textOf(choice.text) !== undefined || textOf(choice.finish_reason) !== undefined || isObject(choice.logprobs)
