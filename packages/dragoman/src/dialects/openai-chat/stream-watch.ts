import { isTerminator, parseChunk } from '../../core/codec/frame.ts'
import { isList, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody } from './error.ts'
import { decodeFinish } from './finish.ts'
import { reasoningDetails, reasoningOf } from './thinking.ts'
import { decodeUsage } from './usage.ts'

/**
 * Follows a relayed stream. Up to the first content every frame is parsed; after it only those that may hold usage, a
 * finish, an error, or a choice other than the first, which their text tells.
 */
export function watchStream(): StreamWatch {
  return new ChunkWatch()
}

class ChunkWatch implements StreamWatch {
  usage: Usage | undefined
  #hasContent = false
  #isOver = false
  /** Choices with how they ended, if they have. */
  readonly #choices = new Map<number, 'open' | 'finished' | 'failed'>()

  /** An answer whose choices all failed is a failure, not an end. */
  get finished(): boolean {
    const states = [...this.#choices.values()]
    return states.includes('finished') && !states.includes('open')
  }

  get #isEmpty(): boolean {
    return [...this.#choices.values()].every(state => state === 'failed')
  }

  push(frame: Frame): FrameRole {
    const { data } = frame
    if (data === '') return 'other'
    if (this.#isOver) return this.#lookForUsage(frame)
    if (isTerminator(data)) {
      this.#isOver = true
      return this.#isEmpty ? 'fault' : 'terminal'
    }
    if (this.#hasContent && frame.event === undefined && !isTelling(data)) return 'content'
    const role = this.#look(frame)
    if (role === 'content') this.#hasContent = true
    if (role === 'fault') this.#isOver = true
    return role
  }

  #lookForUsage(frame: Frame): FrameRole {
    const chunk = frame.data.includes('"usage"') ? parseChunk(frame) : undefined
    if (!isObject(chunk) || !isObject(chunk.usage)) return 'other'
    this.usage = decodeUsage(chunk.usage)
    return 'usage'
  }

  #look(frame: Frame): FrameRole {
    const chunk = parseChunk(frame)
    if (frame.event === 'error' || !isObject(chunk) || faultInBody(chunk) !== undefined) return 'fault'
    const choices = objectsOf(chunk.choices)
    const usage = [chunk.usage, choices[0]?.usage].find(isObject)
    if (usage !== undefined) this.usage = decodeUsage(usage)
    let isContent = false
    for (const [position, choice] of choices.entries()) {
      if (choice.error !== undefined && choice.error !== null) return 'fault'
      this.#note(numberOf(choice.index) ?? position, textOf(choice.finish_reason))
      isContent ||= isContentful(choice)
    }
    if (isContent) return 'content'
    if (usage !== undefined && choices.length === 0) return 'usage'
    return this.#hasContent ? 'other' : 'pre'
  }

  #note(index: number, finish: string | undefined): void {
    if (finish === undefined) this.#choices.set(index, this.#choices.get(index) ?? 'open')
    else this.#choices.set(index, isFailure(finish) ? 'failed' : 'finished')
  }
}

function isFailure(finish: string): boolean {
  return decodeFinish(finish, false).reason === 'error'
}

/**
 * Text of a chunk that may say more than the next piece of the first choice: usage, a finish, an error, or another
 * choice or call. It needs no parser: inside a JSON string the quotes of a name would be escaped.
 */
const telling = /"(?:usage":\s*\{|finish_reason":\s*"|error":\s*[^n\s]|index":\s*[1-9])/

function isTelling(data: string): boolean {
  return telling.test(data) || !data.includes('"choices"')
}

/** What the decoder makes content events of: anything but roles, and the absence of text in its many spellings. */
function isContentful(choice: JsonObject): boolean {
  const finish = textOf(choice.finish_reason)
  if (finish !== undefined && !isFailure(finish)) return true
  const delta = isObject(choice.delta) ? choice.delta : choice.message
  if (!isObject(delta)) return false
  const { content, refusal, audio, function_call: call } = delta
  const lists = [content, delta.tool_calls, delta.annotations, delta[reasoningDetails]]
  return (
    textOf(content) !== undefined ||
    textOf(refusal) !== undefined ||
    reasoningOf(delta) !== undefined ||
    isObject(audio) ||
    isObject(call) ||
    lists.some(list => isList(list) && list.length > 0)
  )
}
