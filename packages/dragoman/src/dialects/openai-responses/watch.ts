import { isList } from '../../core/codec/values.ts'
import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, own } from '../../wire/json.ts'
import { readFrame } from './stream-frame.ts'
import { decodeUsage } from './usage.ts'

/**
 * Follows a relayed stream by the event names; only the events of items and the last one are parsed. It never calls a
 * frame `pre` whose events the decoder would call content.
 */
export function watchStream(): StreamWatch {
  return new Watch()
}

const roles: { readonly [type: string]: FrameRole } = {
  keepalive: 'other',
  error: 'fault',
  'response.created': 'pre',
  'response.queued': 'pre',
  'response.in_progress': 'pre',
  'response.content_part.added': 'pre',
  'response.reasoning_summary_part.added': 'pre',
  'response.completed': 'terminal',
  'response.incomplete': 'terminal',
  'response.failed': 'fault',
}

/** An item of this length has something to say. */
const longestEmptyItem = 4096

class Watch implements StreamWatch {
  usage: Usage | undefined
  finished = false

  push(frame: Frame): FrameRole {
    if (frame.data === '' || frame.data === '[DONE]' || this.finished) return 'other'
    const type = frame.event ?? typeOf(frame)
    if (type === undefined) return 'other'
    if (type === 'response.output_item.added' || type === 'response.output_item.done') {
      return frame.data.length > longestEmptyItem || saysSomething(frame) ? 'content' : 'pre'
    }
    const role = own(roles, type) ?? 'content'
    if (role === 'terminal') this.end(frame)
    return role
  }

  private end(frame: Frame): void {
    this.finished = true
    const response = readFrame(frame)?.value?.response
    if (isObject(response)) this.usage = decodeUsage(response.usage)
  }
}

/** For streams without event names. The type mostly comes first; where it does not, the frame is parsed. */
function typeOf(frame: Frame): string | undefined {
  return /^\{\s*"type"\s*:\s*"([^"\\]+)"/.exec(frame.data.slice(0, 200))?.[1] ?? readFrame(frame)?.type
}

function saysSomething(frame: Frame): boolean {
  const item = readFrame(frame)?.value?.item
  return !isObject(item) || !isEmpty(item)
}

/** A message or a thought in which nothing stands yet: until then the answer may still come from elsewhere. */
function isEmpty(item: JsonObject): boolean {
  if (item.type !== 'message' && item.type !== 'reasoning') return false
  const lists = [item.content, item.summary]
  return typeof item.encrypted_content !== 'string' && lists.every(list => !isList(list) || list.length === 0)
}
