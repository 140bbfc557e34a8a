import { parseChunk } from '../../core/codec/frame.ts'
import { isList, objectsOf, parseText } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { decodeBlock } from './finish.ts'
import { bareError, errorIn } from './frame.ts'
import { decodeUsage } from './usage.ts'

/** Follows a relayed stream: once it has content, only frames that end or count something are parsed. */
export function watchStream(): StreamWatch {
  return new Watch()
}

/** Names of fields that end an answer or tell of several; in a text their quotes would be escaped. */
const telling = /"(?:finishReason|error|promptFeedback)"|"index"\s*:\s*[1-9]/
const counting = /"\w*TokenCount"/

class Watch implements StreamWatch {
  private hasContent = false
  private isBlocked = false
  private readonly open = new Set<number>()
  private readonly ended = new Set<number>()
  /** The last frame that counted tokens, parsed when somebody asks, which is once. */
  private counted: string | undefined

  get usage(): Usage | undefined {
    if (this.counted === undefined) return undefined
    const wire = parseText(this.counted)
    const usage = isObject(wire) ? wire.usageMetadata : undefined
    return isObject(usage) ? decodeUsage(usage) : undefined
  }

  get finished(): boolean {
    return this.isBlocked || (this.ended.size > 0 && [...this.open].every(index => this.ended.has(index)))
  }

  push(frame: Frame): FrameRole {
    const { data } = frame
    if (data === '') return bareError(frame) === undefined ? 'pre' : 'fault'
    if (counting.test(data)) this.counted = data
    if (this.hasContent && !telling.test(data)) return 'content'
    const wire = parseChunk(frame)
    if (errorIn(wire) !== undefined) return 'fault'
    if (!isObject(wire)) return data.trim() === '[DONE]' ? 'other' : 'fault'
    const role = this.read(wire)
    this.hasContent ||= role === 'content'
    return role
  }

  private read(wire: JsonObject): FrameRole {
    const candidates = objectsOf(wire.candidates)
    if (candidates.length === 0) return this.readEmpty(wire)
    let role: FrameRole = 'pre'
    for (const [position, candidate] of candidates.entries()) {
      const index = typeof candidate.index === 'number' ? candidate.index : position
      this.open.add(index)
      if (typeof candidate.finishReason === 'string') this.ended.add(index)
      if (saysSomething(candidate)) role = 'content'
    }
    return role
  }

  private readEmpty(wire: JsonObject): FrameRole {
    const { promptFeedback: feedback } = wire
    if (decodeBlock(isObject(feedback) ? feedback : undefined) !== undefined) {
      this.isBlocked = true
      return 'content'
    }
    return wire.usageMetadata === undefined ? 'pre' : 'usage'
  }
}

/** Whether a chunk of a candidate holds more than an empty text: then it is content, the end of it included. */
function saysSomething({ content, finishReason }: JsonObject): boolean {
  if (typeof finishReason === 'string') return true
  const parts = isObject(content) ? content.parts : undefined
  const list = isList(parts) ? parts : [parts]
  return list.filter(isObject).some(part => part.text !== '' || part.thoughtSignature !== undefined)
}
