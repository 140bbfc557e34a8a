import type { DialectId } from '../../ir/extra.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { HostedToolPart, UnknownPart } from '../../ir/part.ts'
import type { Notes, Side } from './notes.ts'

/** A part that only its own wire has, as it stood there; undefined for another's, which is noted. */
export function encodeVerbatim(
  part: HostedToolPart | UnknownPart,
  dialect: DialectId,
  path: string,
  side: Side,
  notes: Notes,
): JsonObject | undefined {
  if (part.dialect === dialect) return part.value
  // A hosted tool's trace may go, what a caller says may not.
  const kind = side === 'request' && part.kind === 'unknown' ? 'refused' : 'dropped'
  notes.add(kind, path, `only ${part.dialect} has ${part.type}`)
  return undefined
}
