import type { Part, TextPart, ToolCallPart } from '../ir/part.ts'
import { parseCallId } from './handle.ts'
import type { Keepsake, KeptPart } from './keepsake.ts'

/**
 * A turn as its provider said it, from what came back and what was kept: the caller's texts and calls, the kept thoughts
 * between them, texts cut where they were cut, state on its own parts. What the caller changed stays changed: a text of
 * another length is one piece, a call that is gone stays gone, and what was not there before comes last.
 */
export function rebuildParts(parts: readonly Part[], keepsake: Keepsake): readonly Part[] {
  const texts = parts.filter(part => part.kind === 'text')
  const calls = parts.filter(part => part.kind === 'tool-call')
  const others = parts.filter(
    part => part.kind !== 'text' && part.kind !== 'tool-call' && part.kind !== 'thinking',
  )
  const pieces = cutTexts(texts, keepsake.parts)
  const built: Part[] = []
  const used = new Set<Part>()
  let number = 0
  for (const kept of keepsake.parts) {
    if (kept.kind === 'thinking') built.push(kept.part)
    else if (kept.kind === 'text') built.push(...(pieces.get(kept) ?? []))
    else {
      const call = callAt(calls, number++, kept.id)
      if (call === undefined) continue
      used.add(call)
      built.push(withState(call, kept))
    }
  }
  const left = calls.filter(call => !used.has(call))
  const firstCall = built.findIndex(part => part.kind === 'tool-call')
  built.splice(firstCall < 0 ? built.length : firstCall, 0, ...others)
  return [...built, ...left]
}

/** By its number where its id is a name of ours, else by the id it has. */
function callAt(calls: readonly ToolCallPart[], number: number, id: string): ToolCallPart | undefined {
  return calls.find(call => parseCallId(call.id)?.number === number) ?? calls.find(call => call.id === id)
}

function withState(call: ToolCallPart, kept: KeptPart & { readonly kind: 'tool-call' }): ToolCallPart {
  const extra = kept.extra === undefined ? call.extra : { ...call.extra, ...kept.extra }
  return {
    ...call,
    ...(kept.opaque === undefined ? {} : { opaque: kept.opaque }),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** The texts that came back, given to the kept texts: one to one, or joined by the caller's dialect and cut again. */
function cutTexts(
  texts: readonly TextPart[],
  kept: readonly KeptPart[],
): ReadonlyMap<KeptPart, readonly TextPart[]> {
  const places = kept.filter(part => part.kind === 'text')
  const pieces = new Map<KeptPart, readonly TextPart[]>()
  const whole = texts.map(part => part.text).join('')
  const [first] = places
  const isSame = whole.length === places.reduce((sum, place) => sum + place.length, 0)
  if (first === undefined) return pieces
  if (!isSame) {
    pieces.set(first, texts)
    return pieces
  }
  let at = 0
  for (const place of places) {
    const text = whole.slice(at, at + place.length)
    const same = texts.find(part => part.text === text)
    at += place.length
    const state = place.opaque === undefined ? {} : { opaque: place.opaque }
    if (text !== '' || place.opaque !== undefined)
      pieces.set(place, [{ ...(same ?? { kind: 'text' }), text, ...state }])
  }
  return pieces
}
