import type { Note } from '../../ir/note.ts'
import type { MediaPart, Part } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import type { Adapter, MediaReach } from './adaptation.ts'

const web = ['http:', 'https:', 'data:']

/** Why a medium is out of this target's reach; undefined where it is not. */
function whyForeign({ source, media }: MediaPart, reach: MediaReach): string | undefined {
  if (source.type === 'file-id') {
    // Audio by id is an earlier answer, which the encoders know about.
    if (reach.files || media === 'audio') return undefined
    return 'This file was uploaded to another provider, and nobody else can read it: send its bytes.'
  }
  if (source.type !== 'url') return undefined
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(source.url)?.[0].toLowerCase()
  if (scheme === undefined || web.includes(scheme) || reach.schemes.includes(scheme)) return undefined
  return `An address that begins with ${scheme} can be read by its own provider alone: send the bytes.`
}

type Report = (note: Note) => void

function keptParts(parts: readonly Part[], path: string, reach: MediaReach, report: Report): Part[] {
  return parts.flatMap((part, index): Part[] => {
    const at = `${path}.parts[${index}]`
    if (part.kind === 'tool-result') return [{ ...part, parts: keptParts(part.parts, at, reach, report) }]
    const reason = part.kind === 'media' ? whyForeign(part, reach) : undefined
    if (reason === undefined) return [part]
    report({ kind: 'refused', path: at, reason })
    return []
  })
}

/** Files and addresses that only another provider can read are refused by name: an id of one means nothing elsewhere. */
export const foreignMedia: Adapter = (request, { reach }) => {
  if (reach === undefined) return undefined
  const notes: Note[] = []
  const turns = request.turns.map((turn, index): Turn => {
    if (!turn.parts.some(part => part.kind === 'media' || part.kind === 'tool-result')) return turn
    return { ...turn, parts: keptParts(turn.parts, `turns[${index}]`, reach, note => notes.push(note)) }
  })
  if (notes.length === 0) return undefined
  return { id: 'foreign-media', request: () => ({ value: { ...request, turns }, notes }) }
}
