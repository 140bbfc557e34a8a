import type { Dialect } from '../../core/dialect.ts'
import { type Source, WireStream } from '../../core/stream.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, type JsonValue } from '../../wire/json.ts'
import { splice, type WireEdit } from '../../wire/splice.ts'
import { writeSse } from '../../wire/sse.ts'
import { disconnected, readFault } from '../read.ts'

/** The id under which a caller knows a response of the upstream. */
export type SealId = (id: string) => Promise<string>

/** Where the id of a response stands in a Response, in an event about one, and in the answer to deleting one. */
const places: readonly (readonly string[])[] = [
  ['id'],
  ['previous_response_id'],
  ['response_id'],
  ['response', 'id'],
  ['response', 'previous_response_id'],
]

const valueAt = (wire: JsonObject, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((value, key) => (isObject(value) ? value[key] : undefined), wire)

/** Bytes of an object with its responses under the caller's ids; every other byte stays as it came. */
export async function wrapBytes(bytes: Uint8Array, wire: JsonObject, seal: SealId): Promise<Uint8Array> {
  const edits: WireEdit[] = []
  for (const path of places) {
    const id = valueAt(wire, path)
    if (typeof id === 'string') edits.push({ operation: 'set', path, value: await seal(id) })
  }
  return edits.length === 0 ? bytes : splice(bytes, edits)
}

/** Only these events can hold one; inside of what a model says, the quotes are escaped. */
const mayHold = /"response(_id)?"\s*:/

const encoder = new TextEncoder()
const decoder = new TextDecoder()

async function wrapFrame(frame: Frame, seal: SealId): Promise<Frame> {
  const wire = mayHold.test(frame.data) ? readObject(frame.data) : undefined
  if (wire === undefined) return frame
  const data = decoder.decode(await wrapBytes(encoder.encode(frame.data), wire, seal))
  if (data === frame.data) return frame
  const { event, id } = frame
  const named = { ...(event === undefined ? {} : { event }), ...(id === undefined ? {} : { id }) }
  return { ...named, event, data, raw: encoder.encode(writeSse({ ...named, data })) }
}

function readObject(data: string): JsonObject | undefined {
  try {
    const value = JSON.parse(data) as JsonValue // what JSON.parse gives
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The frames of a stream with ids of ours. Sealing is not synchronous, so this is a source and not an edit. */
class WrappedSource implements Source<Frame> {
  readonly #stream: WireStream
  readonly #seal: SealId

  constructor(stream: WireStream, seal: SealId) {
    this.#stream = stream
    this.#seal = seal
  }

  async pull(): Promise<readonly Frame[] | null> {
    const batch = await this.#stream.pull()
    return batch === null ? null : Promise.all(batch.map(frame => wrapFrame(frame, this.#seal)))
  }

  dispose(finished: boolean): void {
    if (!finished) this.#stream.dispose('cancelled')
  }
}

/** A relayed stream of Responses with its ids as the caller knows them. */
export function wrapStream(stream: WireStream, dialect: Dialect, seal: SealId): WireStream {
  return new WireStream(new WrappedSource(stream, seal), {
    dialect: dialect.id,
    watch: dialect.watchStream(),
    readFault: frame => readFault(dialect, frame),
    disconnected: () => stream.outcome?.fault ?? disconnected,
    onContent: () => {},
  })
}
