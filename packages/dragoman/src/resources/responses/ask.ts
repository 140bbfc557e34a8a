import { isObject, type JsonObject, type JsonValue } from '../../wire/json.ts'

/** What a body of `POST /v1/responses` asks of stored state. */
export interface StateAsk {
  /** Absent on the wire means true. */
  readonly store: boolean
  readonly background: boolean
  readonly previous: string | undefined
  readonly conversation: string | undefined
  /** The input names stored items, or repeats items that have our ids. */
  readonly hasReferences: boolean
}

/** Reads it without judging: what is of the wrong type is for the decoder to refuse. */
export function readAsk(wire: JsonObject): StateAsk {
  const { conversation, previous_response_id: previous, input } = wire
  const named = isObject(conversation) ? conversation.id : conversation
  return {
    store: wire.store !== false,
    background: wire.background === true,
    previous: typeof previous === 'string' ? previous : undefined,
    conversation: typeof named === 'string' ? named : undefined,
    hasReferences: Array.isArray(input) && input.some(item => isObject(item) && pointsBack(item)),
  }
}

/** Whether nothing of it concerns the store, so that the call may go on as it came. */
export const asksNothing = (ask: StateAsk): boolean =>
  !ask.store &&
  !ask.background &&
  !ask.hasReferences &&
  ask.previous === undefined &&
  ask.conversation === undefined

/** A reference to a stored item: by name, or in the form that has nothing but an id. */
export function isReference(item: JsonObject): boolean {
  if (item.type === 'item_reference') return true
  return (item.type ?? null) === null && item.role === undefined && typeof item.id === 'string'
}

/**
 * A reference, or a thought under an id of ours. Its maker knows it by another id, and refuses what it encrypted under
 * one that it does not know.
 */
function pointsBack(item: JsonObject): boolean {
  return isReference(item) || (item.type === 'reasoning' && ownerOfItem(item.id) !== undefined)
}

const itemId = /^[a-z]+_([A-Za-z0-9]{24})_/

/** The part of an item's id that names the response or the conversation it belongs to; undefined for others' ids. */
export function ownerOfItem(id: JsonValue | undefined): string | undefined {
  return typeof id === 'string' ? itemId.exec(id)?.[1] : undefined
}
