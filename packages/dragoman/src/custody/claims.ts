import type { Part } from '../ir/part.ts'
import type { GenerateRequest, Turn } from '../ir/request.ts'
import { turnEnvelopes } from './carriers.ts'
import { parseCallId } from './handle.ts'
import { isEnvelope } from './keyring.ts'

/** What a history claims to have of ours. */
export interface Claims {
  readonly envelopes: ReadonlySet<string>
  readonly handles: ReadonlySet<string>
}

/** The envelopes a part carries: its own state, or its whole turn's. */
export function envelopesOf(part: Part): readonly string[] {
  const own = part.opaque !== undefined && isEnvelope(part.opaque.data) ? [part.opaque.data] : []
  return part.kind === 'thinking' ? [...own, ...turnEnvelopes(part)] : own
}

export const handleIn = (part: Part): string | undefined =>
  part.kind === 'tool-call' ? parseCallId(part.id)?.handle : undefined

/** The handle of a turn, by the first of its calls that has one. */
export function handleOfTurn(turn: Turn): string | undefined {
  for (const part of turn.parts) {
    const handle = handleIn(part)
    if (handle !== undefined) return handle
  }
  return undefined
}

/** Undefined where there is nothing of ours, which is what most histories are. */
export function findClaims(request: GenerateRequest): Claims | undefined {
  const envelopes = new Set<string>()
  const handles = new Set<string>()
  for (const turn of request.turns) {
    if (turn.role !== 'assistant') continue
    for (const part of turn.parts) {
      for (const envelope of envelopesOf(part)) envelopes.add(envelope)
      const handle = handleIn(part)
      if (handle !== undefined) handles.add(handle)
    }
  }
  return envelopes.size === 0 && handles.size === 0 ? undefined : { envelopes, handles }
}
