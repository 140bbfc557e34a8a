import type { JsonObject } from '../ir/json.ts'
import type { Encoded } from '../ir/note.ts'

/**
 * A named deviation of somebody's wire from the dialect it claims. It edits the parsed wire object, never the model,
 * so that it works for relayed and for translated calls alike.
 */
export interface Quirk {
  readonly id: string
  /** What deviates, with the evidence. */
  readonly reason: string
  /** Returns the same object where there is nothing to change. */
  request?(wire: JsonObject): Encoded<JsonObject>
  reply?(wire: JsonObject): JsonObject
}
