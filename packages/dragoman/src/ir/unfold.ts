import type { Event, PartDeltaEvent } from './event.ts'
import type { TokenLogprob } from './logprob.ts'
import type { ItemMeta, Part } from './part.ts'
import type { Candidate, Reply } from './reply.ts'

export interface UnfoldOptions {
  /** Most code points of text a delta (a token with log probabilities is never cut); without it a text is one delta. */
  readonly chunk?: number
}

/**
 * A whole reply as the events of a stream that says the same: `foldEvents(unfold(reply))` equals `reply`. One part is
 * open at a time, candidates follow one another, usage comes last. Two things have no event of their own and do not
 * come back: an empty list of items, and usage or candidates that are not there.
 */
export function unfold(reply: Reply, options: UnfoldOptions = {}): readonly Event[] {
  const { candidates, usage, ...start } = reply
  const events: Event[] = [{ type: 'start', ...start }]
  for (const candidate of candidates) unfoldCandidate(candidate, options, events)
  if (usage !== undefined) events.push({ type: 'usage', usage })
  events.push({ type: 'end' })
  return events
}

function unfoldCandidate(candidate: Candidate, options: UnfoldOptions, events: Event[]): void {
  const { index, parts, items = [], finish, extra } = candidate
  /** The last part of each item: the item ends after it. */
  const lastParts = items.map((_, item) => parts.findLastIndex(part => part.item === item))
  let started = 0
  const startItems = (until: number) => {
    for (; started < Math.min(until, items.length); started++) {
      const meta = items[started]
      if (meta === undefined) continue
      events.push({ type: 'item-start', candidate: index, item: started, meta: asStarted(meta) })
      if (lastParts[started] === -1) events.push({ type: 'item-end', candidate: index, item: started, meta })
    }
  }
  for (const [position, part] of parts.entries()) {
    startItems((part.item ?? -1) + 1)
    unfoldPart(part, index, position, options, events)
    const meta = part.item === undefined ? undefined : items[part.item]
    if (meta !== undefined && part.item !== undefined && lastParts[part.item] === position) {
      events.push({ type: 'item-end', candidate: index, item: part.item, meta })
    }
  }
  startItems(items.length)
  events.push({ type: 'finish', candidate: index, finish, ...(extra === undefined ? {} : { extra }) })
}

/** An item that has only begun has no final status yet. */
function asStarted(meta: ItemMeta): ItemMeta {
  const { status: _, ...started } = meta
  return started
}

type Delta = Omit<PartDeltaEvent, 'type' | 'candidate' | 'part'>

/** A part as it opens, and what is then appended to it. Members that are empty are part of how it opens. */
interface Opening {
  readonly open: Part
  readonly deltas: readonly Delta[]
}

function unfoldPart(
  part: Part,
  candidate: number,
  position: number,
  options: UnfoldOptions,
  events: Event[],
): void {
  const at = { candidate, part: position }
  const { open, deltas } = openPart(part, options.chunk ?? Number.POSITIVE_INFINITY)
  const { opaque, ...bare } = open
  // Signatures follow what they sign; other opaque state is the part itself.
  const isLate = opaque?.form === 'signature'
  events.push({ type: 'part-start', ...at, open: isLate ? bare : open })
  for (const delta of deltas) events.push({ type: 'part-delta', ...at, ...delta })
  if (isLate) events.push({ type: 'part-delta', ...at, opaque })
  if (part.kind === 'text') {
    for (const annotation of part.annotations ?? []) events.push({ type: 'annotation', ...at, annotation })
  }
  events.push({ type: 'part-end', ...at })
}

function openPart(part: Part, chunk: number): Opening {
  switch (part.kind) {
    case 'text': {
      const { annotations, ...rest } = part
      return openText(annotations?.length === 0 ? part : rest, chunk)
    }
    case 'refusal':
      return openText(part, chunk)
    case 'thinking': {
      const { summary, ...rest } = part
      const summaries = (summary ?? []).flatMap((text, index) =>
        pieces(text, chunk, true).map(piece => ({ summary: { index, text: piece } })),
      )
      const texts = pieces(part.text, chunk).map(text => ({ text }))
      const open = { ...rest, text: '', ...(summary?.length === 0 ? { summary } : {}) }
      return { open, deltas: [...summaries, ...texts] }
    }
    case 'tool-call': {
      const deltas = pieces(part.arguments, chunk).map(args => ({ args }))
      return { open: { ...part, arguments: '' }, deltas }
    }
    case 'media': {
      const { transcript, ...rest } = part
      if (part.media !== 'audio' || part.source.type !== 'base64') return { open: part, deltas: [] }
      const { data } = part.source
      const open = { ...rest, source: { ...part.source, data: '' } }
      return {
        open: transcript === '' ? { ...open, transcript } : open,
        deltas: [
          ...pieces(transcript ?? '', chunk).map(text => ({ text })),
          ...(data === '' ? [] : [{ data }]),
        ],
      }
    }
    case 'tool-result':
    case 'hosted-tool':
    case 'unknown':
      return { open: part, deltas: [] }
  }
}

type Spoken = Extract<Part, { readonly kind: 'text' | 'refusal' }>

function openText(part: Spoken, chunk: number): Opening {
  const { logprobs, ...rest } = part
  const open = { ...rest, text: '', ...(logprobs?.length === 0 ? { logprobs } : {}) }
  return {
    open,
    deltas: logprobs?.length
      ? tokenPieces(part.text, logprobs, chunk)
      : pieces(part.text, chunk).map(text => ({ text })),
  }
}

/** Text with the log probabilities of its tokens: cut between tokens where they add up to the text, else in one piece. */
function tokenPieces(text: string, logprobs: readonly TokenLogprob[], chunk: number): readonly Delta[] {
  if (logprobs.map(logprob => logprob.token).join('') !== text) return [{ text, logprobs }]
  const deltas: { text: string; logprobs: TokenLogprob[] }[] = []
  for (const logprob of logprobs) {
    const last = deltas.at(-1)
    if (last === undefined || last.text.length + logprob.token.length > chunk) {
      deltas.push({ text: logprob.token, logprobs: [logprob] })
    } else {
      last.text += logprob.token
      last.logprobs.push(logprob)
    }
  }
  return deltas
}

/** The text in pieces of `size` code points; none of an empty text, unless its being there has to be said. */
function pieces(text: string, size: number, keepsEmpty = false): readonly string[] {
  if (text === '') return keepsEmpty ? [''] : []
  // No text has more code points than units.
  if (text.length <= size) return [text]
  const characters = Array.from(text)
  const cut: string[] = []
  const step = Math.max(1, size)
  for (let at = 0; at < characters.length; at += step) cut.push(characters.slice(at, at + step).join(''))
  return cut
}
