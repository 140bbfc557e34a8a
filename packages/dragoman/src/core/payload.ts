import type { DialectId } from '../ir/extra.ts'
import type { Parsed } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Encoded } from '../ir/note.ts'

/** How a payload gets from wire to model and back: one operation of one dialect. */
export interface PayloadCodec<T> {
  readonly dialect: DialectId
  decode(wire: JsonObject): Parsed<T>
  encode(value: T): Encoded<JsonObject>
}

const encoder = new TextEncoder()

/**
 * A body that keeps what was received until somebody changes it (law 1). It holds its bytes, its parsed wire object
 * and its decoded value, each made on first use; a change makes a new payload that drops what it invalidates.
 */
export class Payload<T> {
  readonly codec: PayloadCodec<T>
  #bytes: Uint8Array | undefined
  #wire: JsonObject | undefined
  #value: Parsed<T> | undefined
  /** Whether these are no longer the received bytes. */
  readonly touched: boolean

  private constructor(
    codec: PayloadCodec<T>,
    from: { bytes?: Uint8Array; wire?: JsonObject; value?: Parsed<T> },
    touched: boolean,
  ) {
    this.codec = codec
    this.#bytes = from.bytes
    this.#wire = from.wire
    this.#value = from.value
    this.touched = touched
  }

  /** A payload as it was received: its bytes and the object parsed from them. */
  static received<T>(codec: PayloadCodec<T>, bytes: Uint8Array, wire: JsonObject): Payload<T> {
    return new Payload(codec, { bytes, wire }, false)
  }

  /** A payload that starts as a value. */
  static of<T>(codec: PayloadCodec<T>, value: T): Payload<T> {
    return new Payload(codec, { value: { ok: true, value } }, true)
  }

  /** The value in the model, decoded once. The fault names the field at fault. */
  value(): Parsed<T> {
    if (this.#value === undefined) {
      // A payload without a value was made from a wire object.
      this.#value = this.codec.decode(this.#wire ?? {})
    }
    return this.#value
  }

  /** The wire object; notes arise only where it has to be encoded. */
  wire(): Encoded<JsonObject> {
    if (this.#wire !== undefined) return { value: this.#wire, notes: [] }
    const value = this.value()
    if (!value.ok) return { value: {}, notes: [] }
    const encoded = this.codec.encode(value.value)
    this.#wire = encoded.value
    return encoded
  }

  /** The bytes as received, or as encoded. */
  bytes(): Encoded<Uint8Array> {
    if (this.#bytes !== undefined) return { value: this.#bytes, notes: [] }
    const wire = this.wire()
    this.#bytes = encoder.encode(JSON.stringify(wire.value))
    return { value: this.#bytes, notes: wire.notes }
  }

  /** The same codec with other bytes and the object they parse to. */
  withBytes(bytes: Uint8Array, wire: JsonObject): Payload<T> {
    return new Payload(this.codec, { bytes, wire }, true)
  }

  withValue(value: T): Payload<T> {
    return new Payload<T>(this.codec, { value: { ok: true, value } }, true)
  }
}
