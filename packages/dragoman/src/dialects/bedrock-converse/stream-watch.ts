import type { FrameRole, StreamWatch } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { readPayload } from './stream-frame.ts'
import { decodeUsage } from './usage.ts'

/** Follows a relayed stream: it reads the name of every frame and the data of the few that start or end something. */
export function watchStream(): StreamWatch {
  return new Watch()
}

class Watch implements StreamWatch {
  finished = false
  private counted: JsonObject | undefined
  private hasMetadata = false

  get usage(): Usage | undefined {
    return this.counted && decodeUsage(this.counted)
  }

  push(frame: Frame): FrameRole {
    if (frame.failure !== undefined) return 'fault'
    switch (frame.event) {
      case 'contentBlockDelta':
        return 'content'
      case 'contentBlockStop':
        return 'other'
      case 'messageStart':
        return readPayload(frame) === undefined ? 'fault' : 'pre'
      case 'contentBlockStart':
        return this.readStart(frame)
      case 'messageStop':
        this.finished = true
        return this.hasMetadata ? 'terminal' : 'content'
      case 'metadata':
        return this.readMetadata(frame)
      default:
        return readPayload(frame) === undefined ? 'fault' : 'content'
    }
  }

  /** An empty start is a text's or a thought's. */
  private readStart(frame: Frame): FrameRole {
    const start = readPayload(frame)?.start
    return isObject(start) && Object.keys(start).length > 0 ? 'content' : 'pre'
  }

  private readMetadata(frame: Frame): FrameRole {
    const usage = readPayload(frame)?.usage
    if (isObject(usage)) this.counted = usage
    this.hasMetadata = true
    return this.finished ? 'terminal' : 'usage'
  }
}
