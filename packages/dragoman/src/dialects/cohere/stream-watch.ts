import { parseText } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { failedEnd } from './finish.ts'
import { decodeUsage } from './usage.ts'
import { textOf } from './wire.ts'

/** Follows a relayed stream: it reads the name of every frame and the data of the last. */
export function watchStream(): StreamWatch {
  return new Watch()
}

/** Events that are over before they are read: they carry content, or none yet, or only close something. */
const roles: { readonly [type: string]: FrameRole } = {
  'message-start': 'pre',
  'content-start': 'pre',
  'content-delta': 'content',
  'content-end': 'other',
  'tool-plan-delta': 'content',
  'tool-call-start': 'content',
  'tool-call-delta': 'content',
  'tool-call-end': 'other',
  'citation-start': 'content',
  'citation-end': 'other',
}

class Watch implements StreamWatch {
  finished = false
  usage: Usage | undefined

  push(frame: Frame): FrameRole {
    if (frame.data === '') return 'pre'
    const known = frame.event === undefined ? undefined : roles[frame.event]
    if (known !== undefined) return known
    const wire = parseText(frame.data)
    if (!isObject(wire)) return frame.data === '[DONE]' ? 'other' : 'fault'
    const type = textOf(wire.type) ?? frame.event
    if (type === 'message-end') return this.readEnd(wire)
    const role = type === undefined ? undefined : roles[type]
    return role ?? (typeof wire.message === 'string' || type === undefined ? 'fault' : 'content')
  }

  private readEnd(wire: JsonObject): FrameRole {
    const delta = isObject(wire.delta) ? wire.delta : {}
    if (isObject(delta.usage)) this.usage = decodeUsage(delta.usage)
    if (failedEnd(delta.finish_reason, delta.error) !== undefined) return 'fault'
    this.finished = true
    return 'terminal'
  }
}
