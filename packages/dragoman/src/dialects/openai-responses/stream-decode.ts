import { objectsOf } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { EndEvent, Event, StartEvent } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, own } from '../../wire/json.ts'
import { decodeInBandError } from './error.ts'
import { decodeFacts, queuedMark } from './facts.ts'
import { decodeFinish } from './finish.ts'
import { readFrame } from './stream-frame.ts'
import { OpenItem } from './stream-item.ts'
import { decodeUsage } from './usage.ts'
import { compose, dialect, present } from './wire.ts'

/**
 * Events of a Responses stream (card, section 10.4) to the model's. Items are told apart by `output_index`, because
 * ids may change from event to event; where the index is missing, by id, else the newest item is meant. What a `done`
 * event says and no delta said before is made up for, so that the events always add up to the final object.
 */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

type Handler = (decoder: Decoder, value: JsonObject, out: Event[]) => void

class Decoder implements StreamDecoder {
  private isStarted = false
  private isEnded = false
  private startedModel: string | undefined
  private readonly items: OpenItem[] = []
  private readonly byIndex = new Map<number, OpenItem>()
  private readonly byId = new Map<string, OpenItem>()
  private parts = 0

  push(frame: Frame, out: Event[]): void {
    if (this.isEnded) return
    const event = readFrame(frame)
    if (event === undefined) return
    if (event.type === undefined) {
      this.fail(`The upstream sent ${event.problem} in its stream.`, 'upstream_invalid', out)
      return
    }
    const handle = own(handlers, event.type) ?? progress
    handle(this, event.value, out)
  }

  end(out: Event[]): void {
    if (this.isEnded) return
    const message = 'The upstream closed its stream before the answer was complete.'
    this.fail(message, 'upstream_disconnected', out)
  }

  private fail(message: string, code: 'upstream_invalid' | 'upstream_disconnected', out: Event[]): void {
    this.isEnded = true
    out.push({ type: 'fault', fault: createFault(code, message) })
  }

  /** The first lifecycle event; a stream that begins in the middle starts with what is known, which is nothing. */
  start(response: JsonValue | undefined, out: Event[]): void {
    if (this.isStarted) return
    this.isStarted = true
    const { extra, serviceTier, ...facts } = decodeFacts(isObject(response) ? response : {})
    this.startedModel = facts.model
    const isQueued = isObject(response) && response.status === 'queued'
    // "auto" is what was asked for; which tier it was is known at the end.
    const tier = serviceTier === 'auto' ? undefined : serviceTier
    out.push(
      present<StartEvent>({
        type: 'start',
        dialect,
        ...facts,
        serviceTier: tier,
        extra: { [dialect]: { ...extra, ...(isQueued && { [queuedMark]: true }) } },
      }),
    )
  }

  /** The item that an event speaks of. */
  find(value: JsonObject, id: JsonValue | undefined): OpenItem | undefined {
    if (typeof value.output_index === 'number') return this.byIndex.get(value.output_index)
    return (typeof id === 'string' ? this.byId.get(id) : undefined) ?? this.items.at(-1)
  }

  announce(value: JsonObject, wire: JsonObject, out: Event[]): OpenItem {
    this.start(undefined, out)
    const item = new OpenItem(this.items.length, wire, () => this.parts++)
    this.items.push(item)
    const index = typeof value.output_index === 'number' ? value.output_index : item.index
    if (!this.byIndex.has(index)) this.byIndex.set(index, item)
    if (typeof wire.id === 'string') this.byId.set(wire.id, item)
    item.start(out)
    return item
  }

  /** `response.completed` and `response.incomplete`: closes what is open and says how it ended. */
  finish(response: JsonObject, out: Event[]): void {
    this.start(response, out)
    const output = objectsOf(response.output)
    if (this.items.length === 0) for (const item of output) this.announce({}, item, out)
    for (const item of this.items) item.finish(item.findIn(output), out)
    const usage = decodeUsage(response.usage)
    if (usage !== undefined) out.push({ type: 'usage', usage })
    const hasCall = this.items.some(item => item.isCall)
    out.push({ type: 'finish', candidate: 0, finish: decodeFinish(response, hasCall) })
    const { extra, model, serviceTier } = decodeFacts(response)
    const late = compose({ model: model === this.startedModel ? undefined : model })
    out.push(present<EndEvent>({ type: 'end', serviceTier, extra: { [dialect]: { ...extra, ...late } } }))
    this.isEnded = true
  }

  /** An `error` event, or `response.failed`: whichever comes first is the fault, the other repeats it. */
  failed(error: JsonValue | undefined, usage: JsonValue | undefined, out: Event[]): void {
    this.isEnded = true
    const counted = decodeUsage(usage)
    if (counted !== undefined) out.push({ type: 'usage', usage: counted })
    out.push({ type: 'fault', fault: decodeInBandError(error) })
  }
}

const lifecycle: Handler = (decoder, value, out) => decoder.start(value.response, out)

const terminal: Handler = (decoder, value, out) => {
  const { response } = value
  if (isObject(response) && response.status !== 'failed') decoder.finish(response, out)
  else if (isObject(response)) decoder.failed(response.error, response.usage, out)
  else decoder.failed({ message: 'The last event of the upstream holds no response.' }, undefined, out)
}

/** Hands an event to its item. Where nobody announced it, what the event is about tells its type. */
const toItem =
  (type: string, handle: (item: OpenItem, value: JsonObject, out: Event[]) => void): Handler =>
  (decoder, value, out) => {
    const { item_id: id } = value
    let item = decoder.find(value, id)
    if (item === undefined) {
      const wire = { type, content: [], role: 'assistant', ...(id !== undefined && { id }) }
      item = decoder.announce(value, wire, out)
    }
    if (!item.isDone) handle(item, value, out)
  }

/** A step of something the provider runs, in the wire's own words; the numbers and the padding are not worth keeping. */
const progress: Handler = (decoder, value, out) => {
  const { sequence_number: _, obfuscation: __, ...kept } = value
  decoder.start(undefined, out)
  const hasPlace = value.output_index !== undefined || value.item_id !== undefined
  const item = hasPlace ? decoder.find(value, value.item_id) : undefined
  const place = item === undefined ? {} : { item: item.index }
  out.push({ type: 'progress', candidate: 0, ...place, dialect, value: kept })
}

const handlers: { readonly [type: string]: Handler } = {
  keepalive: () => {},
  error: (decoder, value, out) => decoder.failed(value, undefined, out),
  'response.created': lifecycle,
  'response.queued': lifecycle,
  'response.in_progress': lifecycle,
  'response.completed': terminal,
  'response.incomplete': terminal,
  'response.failed': (decoder, value, out) => {
    const response = isObject(value.response) ? value.response : {}
    decoder.start(response, out)
    decoder.failed(response.error, response.usage, out)
  },
  'response.output_item.added': (decoder, value, out) => {
    const { item, output_index: index } = value
    const isKnown = typeof index === 'number' && decoder.find(value, undefined) !== undefined
    if (isObject(item) && !isKnown) decoder.announce(value, item, out)
  },
  'response.output_item.done': (decoder, value, out) => {
    if (!isObject(value.item)) return
    const known = decoder.find(value, value.item.id)
    // Without an index, an item that is done already must have been another one.
    const isOther = known?.isDone === true && value.output_index === undefined
    const item = known === undefined || isOther ? decoder.announce(value, value.item, out) : known
    item.finish(value.item, out)
  },
  'response.content_part.added': toItem('message', (item, value, out) => item.contentAdded(value, out)),
  'response.content_part.done': toItem('message', (item, value, out) => item.contentDone(value, out)),
  'response.output_text.delta': toItem('message', (item, value, out) => item.textDelta('text', value, out)),
  'response.output_text.done': toItem('message', (item, value, out) =>
    item.textDone('text', value, value.text, out),
  ),
  // A citation may come after the text it stands on.
  'response.output_text.annotation.added': (decoder, value, out) => {
    decoder.find(value, value.item_id)?.annotationAdded(value, out)
  },
  'response.refusal.delta': toItem('message', (item, value, out) => item.textDelta('refusal', value, out)),
  'response.refusal.done': toItem('message', (item, value, out) =>
    item.textDone('refusal', value, value.refusal, out),
  ),
  'response.reasoning_text.delta': toItem('reasoning', (item, value, out) =>
    item.textDelta('thinking', value, out),
  ),
  'response.reasoning_text.done': toItem('reasoning', (item, value, out) =>
    item.textDone('thinking', value, value.text, out),
  ),
  'response.reasoning_summary_part.added': () => {},
  'response.reasoning_summary_part.done': toItem('reasoning', (item, value, out) => {
    if (isObject(value.part)) item.summaryDone(value, value.part.text, out)
  }),
  'response.reasoning_summary_text.delta': toItem('reasoning', (item, value, out) =>
    item.summaryDelta(value, out),
  ),
  'response.reasoning_summary_text.done': toItem('reasoning', (item, value, out) =>
    item.summaryDone(value, value.text, out),
  ),
  'response.function_call_arguments.delta': toItem('function_call', (item, value, out) =>
    item.argsDelta(value.delta, out),
  ),
  'response.function_call_arguments.done': toItem('function_call', (item, value, out) =>
    item.argsDone(value.arguments, out),
  ),
  'response.custom_tool_call_input.delta': toItem('custom_tool_call', (item, value, out) =>
    item.argsDelta(value.delta, out),
  ),
  'response.custom_tool_call_input.done': toItem('custom_tool_call', (item, value, out) =>
    item.argsDone(value.input, out),
  ),
}
