import type { Notes } from '../../core/codec/notes.ts'
import type {
  AnnotationEvent,
  FinishEvent,
  PartDeltaEvent,
  PartEndEvent,
  PartStartEvent,
} from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import { PartDraft } from '../../ir/part-draft.ts'
import type { Candidate } from '../../ir/reply.ts'
import { encodeEnd, isBlocked } from './candidate.ts'
import type { WrittenAnnotation } from './grounding.ts'
import { encodeLogprobs } from './logprob.ts'
import { encodePart, isOwnOpaque, noteMarker } from './part-encode.ts'
import type { WrittenParts } from './stream-encode.ts'
import { ownExtra, withExtra } from './wire.ts'

/** A part on its way to the wire. */
interface Track {
  readonly open: Part
  readonly path: string
  /** Where the part stands among those that were written. */
  wirePart: number | undefined
  /** Parts that are written whole gather here. */
  readonly draft: PartDraft | undefined
  /** Words so far, which sources are measured by. */
  text: string
  /** Index of the summary's paragraph that is being written. */
  paragraph: number | undefined
  /** A signature that was known at the start follows what it signs. */
  signature: string | undefined
  /** Fields of the wire that go with the first words. */
  extra: JsonObject | undefined
}

/** One candidate: events in, parts of chunks out. Words are written as they come, everything else when it is whole. */
export class CandidateWriter {
  finish: FinishEvent | undefined
  private readonly index: number
  private readonly notes: Notes
  private readonly tracks = new Map<number, Track>()
  private readonly annotations: { readonly part: number; readonly event: AnnotationEvent }[] = []
  private written = 0
  private readonly kinds: Part['kind'][] = []

  constructor(index: number, notes: Notes) {
    this.index = index
    this.notes = notes
  }

  get isBlocked(): boolean {
    return (
      this.kinds.length === 0 &&
      this.finish !== undefined &&
      isBlocked({ parts: [], finish: this.finish.finish })
    )
  }

  start({ part, open }: PartStartEvent): void {
    const path = `candidates[${this.index}].parts[${part}]`
    const isSpoken = open.kind === 'text' || open.kind === 'thinking' || open.kind === 'refusal'
    this.kinds.push(open.kind)
    this.tracks.set(part, {
      open,
      path,
      wirePart: undefined,
      draft: isSpoken ? undefined : new PartDraft(open),
      text: '',
      paragraph: undefined,
      signature: isSpoken ? this.signatureOf(open, path) : undefined,
      extra: isSpoken ? ownExtra(open) : undefined,
    })
    if (isSpoken) this.notes.foreign(open, path, 'reply')
  }

  /** The signature of a part that may be written; any other is told to be lost. */
  private signatureOf({ opaque }: Pick<Part, 'opaque'>, path: string): string | undefined {
    if (opaque === undefined) return undefined
    if (isOwnOpaque(opaque)) return opaque.data
    this.notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
    return undefined
  }

  delta(event: PartDeltaEvent): WrittenParts {
    const track = this.tracks.get(event.part)
    if (track === undefined) return undefined
    if (track.draft !== undefined) {
      track.draft.append(event)
      return undefined
    }
    const words = this.wordsOf(track, event)
    const signature = this.signatureOf(event, track.path)
    if (event.extra !== undefined) this.notes.foreign(event, track.path, 'reply')
    const logprobs = event.logprobs?.length ? { logprobsResult: encodeLogprobs(event.logprobs) } : {}
    if (words === '' && signature === undefined) {
      return 'logprobsResult' in logprobs ? { parts: [{ text: '' }], ...logprobs } : undefined
    }
    if (signature !== undefined) track.signature = undefined
    return { parts: [this.spoken(track, words, signature)], ...logprobs }
  }

  /** What a delta adds to what can be shown; paragraphs of a summary, and thoughts after it, stand apart. */
  private wordsOf(track: Track, { text = '', summary }: PartDeltaEvent): string {
    let words = ''
    if (summary !== undefined && summary.text !== '') {
      const isNew = track.paragraph !== undefined && track.paragraph !== summary.index
      words += isNew && track.text !== '' ? `\n\n${summary.text}` : summary.text
      track.paragraph = summary.index
    }
    if (text !== '') {
      words += track.paragraph !== undefined && track.text + words !== '' ? `\n\n${text}` : text
      track.paragraph = undefined
    }
    track.text += words
    return words
  }

  private spoken(track: Track, words: string, signature: string | undefined): JsonObject {
    const { extra, open, path } = track
    track.extra = undefined
    track.wirePart ??= this.written++
    if (open.kind === 'refusal') this.notes.add('renamed', path, 'a refusal is text here')
    noteMarker(open, path, this.notes)
    const said: JsonObject = open.kind === 'thinking' ? { text: words, thought: true } : { text: words }
    return withExtra(signature === undefined ? said : { ...said, thoughtSignature: signature }, extra)
  }

  end(event: PartEndEvent): WrittenParts {
    const track = this.tracks.get(event.part)
    if (track === undefined) return undefined
    const { draft, path } = track
    if (draft === undefined) return this.endSpoken(track)
    this.tracks.delete(event.part)
    draft.close(event.close)
    const wire = encodePart(draft.part(), path, 'reply', this.notes)
    if (wire === undefined) return undefined
    this.written++
    return { parts: [wire] }
  }

  private endSpoken(track: Track): WrittenParts {
    const { signature } = track
    track.signature = undefined
    const isKept = signature !== undefined || (track.extra !== undefined && hasFields(track.extra))
    return isKept ? { parts: [this.spoken(track, '', signature)] } : undefined
  }

  annotate(event: AnnotationEvent): void {
    this.annotations.push({ part: event.part, event })
  }

  /** Parts that the stream left open. */
  *rest(): Iterable<WrittenParts> {
    for (const [part, track] of this.tracks) {
      if (track.draft !== undefined || track.signature !== undefined) {
        yield this.end({ type: 'part-end', candidate: this.index, part })
      }
    }
  }

  /** The candidate as it stands in the last frame: with the empty text that the official client's history asks for. */
  writeEnd(): JsonObject {
    const { finish = { reason: 'unknown' as const }, extra } = this.finish ?? {} // a reason is a literal
    const kinds = this.kinds.map(kind => ({ kind }) as Part) // the ending looks at kinds alone
    const candidate: Candidate = {
      index: this.index,
      parts: kinds,
      finish,
      ...(extra === undefined ? {} : { extra }),
    }
    const content = this.written === 0 ? undefined : { role: 'model', parts: [{ text: '' }] }
    return encodeEnd(candidate, content, this.writtenAnnotations(), [], this.notes)
  }

  private writtenAnnotations(): readonly WrittenAnnotation[] {
    const counts = new Map<number, number>()
    return this.annotations.flatMap(({ part, event }) => {
      const track = this.tracks.get(part)
      if (track === undefined) return []
      const count = counts.get(part) ?? 0
      counts.set(part, count + 1)
      const { text, wirePart, path } = track
      return [
        {
          annotation: event.annotation,
          text,
          wirePart: wirePart ?? 0,
          path: `${path}.annotations[${count}]`,
        },
      ]
    })
  }
}

const hasFields = (extra: JsonObject): boolean => Object.keys(extra).some(key => !key.startsWith('$'))
