import type { Dialect, Render, StreamEncoder } from '../../core/dialect.ts'
import type { ResponseRecord, StateStore } from '../../core/state-store.ts'
import type { Event } from '../../ir/event.ts'
import type { Note } from '../../ir/note.ts'
import type { JsonObject } from '../../wire/json.ts'
import { storeFailed } from '../faults.ts'
import { unpackEvents } from './segment.ts'

/** What an encoder may know of a stored response; made from its record alone, so that it writes the same every time. */
export function renderOf(record: ResponseRecord, dialect: Dialect): Render {
  const decoded = dialect.decodeRequest({ ...record.request, input: [] })
  const { model } = record.request
  const empty = { model: String(model), turns: [], sampling: {}, hints: { store: true }, stream: false }
  return {
    id: record.id.slice(record.id.indexOf('_') + 1),
    created: Math.floor(record.createdAt / 1000),
    // It was decoded before it was stored.
    request: decoded.ok ? decoded.value : empty,
  }
}

/** An event as this gateway says it: under ids of ours, whoever made it. */
export function asOurs(event: Event): Event {
  if (event.type !== 'start') return event
  const { id: _, dialect: __, ...start } = event
  return start
}

/** What is added to the numbers after a crash: more than a client can have read beyond what the store has. */
export const crashGap = 10_000

/** The own number of each event in a text of SSE; what is quoted inside an event stands after it or is escaped. */
const numbers = /^(data: \{"type":"[^"]+","sequence_number":)(\d+)/gm

export interface PlayOptions {
  /** Leave out the events up to this number. */
  readonly after?: number
  /** Under the ids that the upstream gave them. */
  readonly keepsIds?: boolean
  /** Where a crash cut the events off, as far as is known when they are played; absent: as the record says. */
  readonly cut?: { readonly cutAt?: number | undefined }
}

/** Writes the events of a stored response, from the first on, as they were written before. */
export class Player implements StreamEncoder {
  readonly #dialect: Dialect
  readonly #encoder: StreamEncoder
  readonly #after: number
  readonly #cut: NonNullable<PlayOptions['cut']>
  readonly #keepsIds: boolean
  #count = 0
  /** What was to be left out is behind. */
  #isPast: boolean

  constructor(dialect: Dialect, record: ResponseRecord, options: PlayOptions = {}) {
    this.#dialect = dialect
    this.#encoder = dialect.encodeStream(renderOf(record, dialect))
    this.#after = options.after ?? -1
    this.#isPast = this.#after < 0
    this.#keepsIds = options.keepsIds ?? false
    this.#cut = options.cut ?? record
  }

  get notes(): readonly Note[] {
    return this.#encoder.notes
  }

  push(event: Event): string {
    // What was lost was told when it was lost; notes are not stored.
    if (event.type === 'note') return ''
    const isCut = this.#count++ >= (this.#cut.cutAt ?? Number.POSITIVE_INFINITY)
    // Reading broke, not the response: that is an error, not an end.
    if (event.type === 'fault' && event.fault === storeFailed) return this.#dialect.writeFault(event.fault)
    const written = this.#encoder.push(this.#keepsIds ? event : asOurs(event))
    const text = isCut
      ? written.replaceAll(numbers, (_, head: string, number: string) => head + (Number(number) + crashGap))
      : written
    if (this.#isPast || text === '') return text
    const rest = leaveOut(text, this.#after)
    this.#isPast = rest !== ''
    return rest
  }
}

const mark = '"sequence_number":'

/** The events of an SSE text that come after a number. By hand: this is done ten thousand times for one resumption. */
function leaveOut(text: string, after: number): string {
  let start = 0
  while (start < text.length) {
    const at = text.indexOf(mark, start)
    if (at < 0 || Number.parseInt(text.slice(at + mark.length, at + mark.length + 12), 10) > after) break
    start = text.indexOf('\n\n', at) + 2
  }
  return start === 0 ? text : text.slice(start)
}

export async function loadEvents(store: StateStore, id: string): Promise<readonly Event[]> {
  return (await store.segments(id, 0)).flatMap(unpackEvents)
}

export interface Played {
  readonly object: JsonObject
  readonly notes: readonly Note[]
}

/** The Response object as its stream last told it, or as it begins while it is not ended. */
export function playWhole(
  dialect: Dialect,
  record: ResponseRecord,
  events: readonly Event[],
  options: PlayOptions = {},
): Played {
  const player = new Player(dialect, record, options)
  if (record.state !== 'ended') {
    const start = events.find(event => event.type === 'start') ?? { type: 'start' }
    return { object: { ...lastObject(player.push(start)), status: record.state }, notes: [] }
  }
  let last = ''
  for (const event of events) last = player.push(event) || last
  return { object: lastObject(last), notes: player.notes }
}

/** The `response` of the last event of an SSE text. */
function lastObject(text: string): JsonObject {
  const event = JSON.parse(text.slice(text.lastIndexOf('\ndata: ') + 7)) as { readonly response: JsonObject } // a lifecycle event
  return event.response
}
