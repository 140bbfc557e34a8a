import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { formatNote } from '../../core/note-format.ts'
import type { AnnotationEvent, Event, FinishEvent, PartDeltaEvent, PartStartEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Note } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { Usage } from '../../ir/usage.ts'
import { writeComment, writeSse } from '../../wire/sse.ts'
import { emptyText, encodeArguments } from './assistant-encode.ts'
import { encodeCitation } from './citations.ts'
import { noteUncarried } from './content.ts'
import { writeFault } from './error.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprob } from './logprobs.ts'
import { oneAnswer, replyId } from './response.ts'
import { encodeUsage, noteUsage } from './usage.ts'
import { dialect, merged, objectsOf, ownExtra, speaker, withExtra } from './wire.ts'

/** Encodes one answer as the events of `POST /v2/chat` with `stream` (card, section 6). */
export function encodeStream(render: Render): StreamEncoder {
  return new Encoder(render)
}

/** An event of the wire: its name stands in it as well, for clients that read no `event:` line. */
export function writeEvent(type: string, fields: JsonObject): string {
  return writeSse({ event: type, data: JSON.stringify({ type, ...fields }) })
}

/** How a part is said here; `lost` parts are not. */
type Form = 'text' | 'thinking' | 'plan' | 'call' | 'whole' | 'lost'

/** A part on its way to the wire. */
interface Track {
  readonly form: Form
  readonly path: string
  /** Index on the wire, known once its start is written: contents without words are never started. */
  index: number | undefined
  readonly part: Part
  text: string
  /** The paragraph that was said last: parts of a summary stand apart from each other and from the thinking itself. */
  paragraph: number | 'text' | undefined
  /** Log probabilities of tokens without text, which wait for some. */
  readonly held: TokenLogprob[]
}

class Encoder implements StreamEncoder {
  private readonly render: Render
  private readonly lost = new Notes(speaker)
  private readonly tracks = new Map<number, Track>()
  private contents = 0
  private calls = 0
  private citations = 0
  private hasStarted = false
  private isClosed = false
  private usage: Usage | undefined
  private serviceTier: string | undefined
  private finish: FinishEvent | undefined

  constructor(render: Render) {
    this.render = render
  }

  get notes(): readonly Note[] {
    return this.lost.list
  }

  push(event: Event): string {
    if (this.isClosed) return ''
    switch (event.type) {
      case 'part-delta':
        return this.isExtra(event.candidate) ? '' : this.pushDelta(event)
      case 'part-start':
        return this.isExtra(event.candidate) ? '' : this.startPart(event)
      case 'part-end':
        return this.isExtra(event.candidate) ? '' : this.endPart(this.tracks.get(event.part))
      case 'annotation':
        return this.isExtra(event.candidate) ? '' : this.cite(event)
      case 'start':
        this.lost.foreign(event, '', 'reply')
        this.serviceTier = event.serviceTier
        return this.start(replyId(event, this.render))
      case 'usage':
        this.usage = event.usage
        return ''
      case 'finish':
        if (!this.isExtra(event.candidate)) this.finish = event
        return ''
      case 'progress':
        return event.dialect === dialect ? this.writeProgress(event.value) : ''
      case 'note':
        return writeComment(`dragoman-notes ${formatNote(event.note)}`)
      case 'fault':
        if (event.candidate !== undefined && this.isExtra(event.candidate)) return ''
        this.isClosed = true
        return writeFault(event.fault)
      case 'end':
        return this.end(ownExtra(event))
      case 'item-start':
      case 'item-end':
        return ''
    }
  }

  /** Whether this belongs to a second answer, which this wire does not have. */
  private isExtra(candidate: number): boolean {
    if (candidate === 0) return false
    this.lost.add('dropped', 'candidates', oneAnswer)
    return true
  }

  private start(id: string): string {
    if (this.hasStarted) return ''
    this.hasStarted = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    return writeEvent('message-start', { id, delta: { message } })
  }

  private writeProgress(value: JsonObject): string {
    const { type, ...fields } = value
    return typeof type === 'string' ? writeEvent(type, fields) : ''
  }

  private startPart({ open, part }: PartStartEvent): string {
    const path = `candidates[0].parts[${part}]`
    noteUncarried(open, path, 'reply', this.lost)
    const form = this.formOf(open, path)
    const track: Track = {
      form,
      path,
      index: undefined,
      part: open,
      text: '',
      paragraph: undefined,
      held: [],
    }
    this.tracks.set(part, track)
    switch (form) {
      case 'call':
        return this.startCall(track)
      case 'text':
        return open.kind === 'media' ? this.say(track, open.transcript ?? '') : ''
      case 'whole':
        return this.startWhole(track)
      default:
        return ''
    }
  }

  private formOf(part: Part, path: string): Form {
    switch (part.kind) {
      case 'text':
        return 'text'
      case 'refusal':
        this.lost.add('renamed', path, 'a refusal is text here')
        return 'text'
      case 'thinking':
        return ownExtra(part)?.$plan === true ? 'plan' : 'thinking'
      case 'tool-call':
        if (part.type === 'custom')
          this.lost.add('emulated', path, 'free text is the only property of an input object here')
        return 'call'
      case 'media':
        this.lost.add('approximated', path, 'a voice is its transcript here')
        return 'text'
      case 'tool-result':
        this.lost.add('dropped', path, 'an assistant has no tool results here')
        return 'lost'
      case 'hosted-tool':
      case 'unknown':
        if (part.dialect === dialect) return 'whole'
        this.lost.add('dropped', path, `only ${part.dialect} has ${part.type}`)
        return 'lost'
    }
  }

  /** A content item that the model has no word for goes back as it came. */
  private startWhole(track: Track): string {
    const { part } = track
    if (part.kind !== 'unknown' && part.kind !== 'hosted-tool') return ''
    return this.open(track, part.value)
  }

  /** The start of a content item, once: an empty one is none. */
  private open(track: Track, content: JsonObject): string {
    if (track.index !== undefined) return ''
    track.index = this.contents++
    return writeEvent('content-start', { index: track.index, delta: { message: { content } } })
  }

  private say(track: Track, text: string, said: readonly TokenLogprob[] = []): string {
    track.held.push(...said)
    if (text === '' && (track.index === undefined || said.length === 0)) return ''
    const logprobs = track.held.splice(0)
    track.text += text
    const type = track.form === 'thinking' ? 'thinking' : 'text'
    const start = this.open(track, withExtra({ type, [type]: '' }, ownExtra(track.part)))
    const [first, ...more] = logprobs.map(encodeLogprob)
    const content = { [type]: text }
    const fields = { index: track.index ?? 0, delta: { message: { content } } }
    const delta = writeEvent('content-delta', defined({ ...fields, logprobs: first }))
    // One item an event: further ones come with no more text.
    const rest = more.map(item =>
      writeEvent('content-delta', {
        ...fields,
        delta: { message: { content: { [type]: '' } } },
        logprobs: item,
      }),
    )
    return start + delta + rest.join('')
  }

  private pushDelta(event: PartDeltaEvent): string {
    const track = this.tracks.get(event.part)
    if (track === undefined) return ''
    this.lost.foreign(event, track.path, 'reply')
    if (event.opaque !== undefined)
      this.lost.add('dropped', `${track.path}.opaque`, 'only its maker can read it')
    switch (track.form) {
      case 'text':
        return this.say(track, event.text ?? '', event.logprobs)
      case 'thinking':
      case 'plan':
        return (
          this.think(track, event.summary?.index, event.summary?.text ?? '') +
          this.think(track, 'text', event.text ?? '')
        )
      case 'call':
        return this.pushArguments(track, event.args ?? '')
      case 'whole':
      case 'lost':
        return ''
    }
  }

  private think(track: Track, paragraph: number | 'text' | undefined, text: string): string {
    if (text === '') return ''
    const gap = track.paragraph !== undefined && track.paragraph !== paragraph ? '\n\n' : ''
    track.paragraph = paragraph
    if (track.form !== 'plan') return this.say(track, gap + text)
    return writeEvent('tool-plan-delta', { delta: { message: { tool_plan: gap + text } } })
  }

  private startCall(track: Track): string {
    const { part } = track
    if (part.kind !== 'tool-call') return ''
    track.index = this.calls++
    const extra = ownExtra(part)
    const core = { name: part.name, arguments: part.type === 'custom' ? '' : part.arguments }
    const call = withExtra({ id: part.id, type: 'function', function: merged(core, extra?.function) }, extra)
    return writeEvent('tool-call-start', { index: track.index, delta: { message: { tool_calls: call } } })
  }

  /** Arguments as they come; free text is wrapped when it is all there. */
  private pushArguments(track: Track, text: string): string {
    track.text += text
    const isWrapped = track.part.kind === 'tool-call' && track.part.type === 'custom'
    return isWrapped || text === '' ? '' : this.writeArguments(track, text)
  }

  private writeArguments(track: Track, text: string): string {
    const message = { tool_calls: { function: { arguments: text } } }
    return writeEvent('tool-call-delta', { index: track.index ?? 0, delta: { message } })
  }

  private endPart(track: Track | undefined): string {
    if (track === undefined) return ''
    if (track.held.length > 0) this.lost.add('dropped', `${track.path}.logprobs`, emptyText)
    if (track.index === undefined) return ''
    const { form, part, index, text } = track
    if (form !== 'call') return writeEvent('content-end', { index })
    const isCustom = part.kind === 'tool-call' && part.type === 'custom'
    const wrapped = isCustom ? this.writeArguments(track, encodeArguments({ ...part, arguments: text })) : ''
    return wrapped + writeEvent('tool-call-end', { index })
  }

  private cite(event: AnnotationEvent): string {
    const track = this.tracks.get(event.part)
    if (track === undefined) return ''
    const path = `${track.path}.annotations`
    if (track.form !== 'text' || track.index === undefined) {
      this.lost.add('dropped', path, 'only text that is said carries citations here')
      return ''
    }
    const citation = encodeCitation(event.annotation, track.text, track.index, path, this.lost)
    return citation === undefined ? '' : this.writeCitation(citation)
  }

  private writeCitation(citation: JsonObject): string {
    const index = this.citations++
    const start = writeEvent('citation-start', { index, delta: { message: { citations: citation } } })
    return start + writeEvent('citation-end', { index })
  }

  private end(late: JsonObject | undefined): string {
    noteUsage(this.usage, this.serviceTier, this.lost)
    const { finish = { reason: 'unknown' as const }, extra } = this.finish ?? {} // a reason is a literal
    this.lost.foreign(extra === undefined ? {} : { extra }, 'candidates[0]', 'reply')
    const word = encodeFinish(finish, this.calls > 0, 'candidates[0].finish', this.lost)
    const kept = extra?.[dialect]
    const citations = objectsOf(isList(kept?.citations) ? kept.citations : undefined)
    const delta = defined({ finish_reason: word, usage: this.usage && encodeUsage(this.usage) })
    this.isClosed = true
    return (
      this.start(this.render.id) +
      citations.map(citation => this.writeCitation(citation)).join('') +
      writeEvent('message-end', { delta: withExtra(delta, late) })
    )
  }
}
