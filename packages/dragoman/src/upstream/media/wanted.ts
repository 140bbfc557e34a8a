import type { DialectId } from '../../ir/extra.ts'
import type { MediaPart, MediaSource, Part } from '../../ir/part.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Feature } from '../../providers/profile.ts'
import type { Lacking } from '../lacking.ts'
import { keepsAddresses, type Medium, mediaForms } from './forms.ts'

/** A medium that is given by an address where the target takes bytes. */
export interface Wanted {
  /** A path of the model. */
  readonly path: string
  readonly part: MediaPart
  readonly url: string
}

export const isData = (url: string): boolean => /^data:/i.test(url)

const asBytes: { readonly [M in Medium]: Feature } = {
  image: 'input.image',
  audio: 'input.audio',
  video: 'input.file',
  file: 'input.file',
}

/** What has to be fetched for a target: what it takes, but not by its address. */
export function findWanted(
  request: GenerateRequest,
  caller: DialectId,
  target: DialectId,
  lacking: Lacking,
): readonly Wanted[] {
  if (keepsAddresses(caller, target)) return []
  const { bytes, address } = mediaForms(target)
  const isTaken = (part: MediaPart): boolean => {
    const { media } = part
    const byAddress = media === 'image' ? 'input.image-url' : 'input.media-url'
    return (
      bytes.includes(media) &&
      !lacking.lacks(asBytes[media]) &&
      !(address.includes(media) && !lacking.lacks(byAddress))
    )
  }
  const wanted: Wanted[] = []
  const look = (parts: readonly Part[], path: string): void => {
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]
      if (part?.kind === 'tool-result') look(part.parts, `${path}.parts[${index}]`)
      if (part?.kind !== 'media' || part.source.type !== 'url') continue
      const { url } = part.source
      if (/^(?:https?|data):/i.test(url) && isTaken(part))
        wanted.push({ path: `${path}.parts[${index}]`, part, url })
    }
  }
  for (let turn = 0; turn < request.turns.length; turn++)
    look(request.turns[turn]?.parts ?? [], `turns[${turn}]`)
  return wanted
}

/** The request with other sources for these parts. */
export function withSources(
  request: GenerateRequest,
  sources: ReadonlyMap<MediaPart, MediaSource>,
): GenerateRequest {
  const exchange = (part: Part): Part => {
    if (part.kind === 'tool-result') return { ...part, parts: part.parts.map(exchange) }
    const source = part.kind === 'media' ? sources.get(part) : undefined
    return part.kind === 'media' && source !== undefined ? { ...part, source } : part
  }
  return {
    ...request,
    turns: request.turns.map(turn => ({ ...turn, parts: turn.parts.map(exchange) })),
  }
}
