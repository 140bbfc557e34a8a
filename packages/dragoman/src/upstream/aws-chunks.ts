import { createAwsEventStreamParser } from '../wire/aws-event-stream.ts'
import type { Frame, FrameParser } from '../wire/frame.ts'
import { isObject, parseJson } from '../wire/json.ts'
import { writeSse } from '../wire/sse.ts'

const encoder = new TextEncoder()

/** What the exceptions of such a stream are in the words of the wire inside it; any other is its `api_error`. */
const errorTypes: ReadonlyMap<string, string> = new Map([
  ['validationException', 'invalid_request_error'],
  ['throttlingException', 'rate_limit_error'],
  ['serviceUnavailableException', 'overloaded_error'],
  ['modelTimeoutException', 'timeout_error'],
])

/**
 * A push parser for streams of native models (`InvokeModelWithResponseStream`): each message of an AWS event stream is
 * a `chunk` whose `bytes` hold one JSON event of another wire in base64, beside padding. Yields that wire's frames:
 * `raw` is the event as SSE with its name, because clients of that wire pass over events without one.
 */
export function createAwsChunkParser(): FrameParser {
  return new AwsChunkParser()
}

class AwsChunkParser implements FrameParser {
  private readonly messages = createAwsEventStreamParser()

  get overflow() {
    return this.messages.overflow
  }

  get damage() {
    return this.messages.damage
  }

  get pending(): number {
    return this.messages.pending
  }

  push(bytes: Uint8Array): readonly Frame[] {
    return this.messages.push(bytes).map(unpack)
  }

  end(): readonly Frame[] {
    return this.messages.end().map(unpack)
  }
}

function unpack(frame: Frame): Frame {
  const wire = parse(frame.data)
  if (frame.failure !== undefined) return failure(frame.event, wire?.message ?? frame.data)
  const data = typeof wire?.bytes === 'string' ? textOf(wire.bytes) : undefined
  const event = data === undefined ? undefined : parse(data)
  // What cannot be read is passed on as it came: whoever decodes it says so.
  if (data === undefined || typeof event?.type !== 'string') return named(frame.event ?? '', frame.data)
  return named(event.type, data)
}

function parse(text: string) {
  const parsed = parseJson(encoder.encode(text), { lenient: true })
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), character => character.charCodeAt(0)))
  } catch {
    return undefined
  }
}

function failure(exception: string | undefined, message: unknown): Frame {
  const error = {
    type: errorTypes.get(exception ?? '') ?? 'api_error',
    message: typeof message === 'string' && message !== '' ? message : `The upstream reported ${exception}.`,
  }
  return named('error', JSON.stringify({ type: 'error', error }))
}

function named(event: string, data: string): Frame {
  return { raw: encoder.encode(writeSse({ event, data })), event, data }
}
