import { Notes } from '../../core/codec/notes.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { writeFault } from '../../core/envelope.ts'
import { formatNote } from '../../core/note-format.ts'
import type { Event, FinishEvent, PartDeltaEvent, PartStartEvent, StartEvent } from '../../ir/event.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Note } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { Usage } from '../../ir/usage.ts'
import { writeComment } from '../../wire/sse.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'
import { promptLength } from './prompt.ts'
import { replyId, sayPart } from './response.ts'
import { encodeUsage } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/** Encodes one answer as the chunks of capture openai-completion-text. */
export function encodeStream(render: Render): StreamEncoder {
  return new Encoder(render)
}

/** The text of a choice so far: where its next token stands, and which of its parts are text at all. */
interface Choice {
  offset: number
  readonly parts: Map<number, Part>
}

class Encoder implements StreamEncoder {
  private readonly render: Render
  private readonly lost = new Notes(speaker)
  private readonly choices = new Map<number, Choice>()
  private start: StartEvent = { type: 'start' }
  private usage: Usage | undefined
  /** The failure of one choice of several: the others go on, and the stream ends with it. */
  private failed: Fault | undefined
  private isClosed = false

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
        return this.pushDelta(event)
      case 'part-start':
        return this.startPart(event)
      case 'start':
        this.start = event
        this.lost.foreign(event, 'reply', 'reply')
        if (event.serviceTier !== undefined)
          this.lost.add('dropped', 'reply.serviceTier', 'answers have no service tier here')
        return ''
      case 'annotation': {
        const path = `reply.candidates[${event.candidate}].parts[${event.part}].annotations`
        this.lost.add('dropped', path, 'there are no citations here')
        return ''
      }
      case 'usage':
        this.usage = event.usage
        return ''
      case 'finish':
        return this.finish(event)
      case 'note':
        return writeComment(`dragoman-notes ${formatNote(event.note)}`)
      case 'fault':
        return this.fail(event.fault, event.candidate)
      case 'end':
        return this.end()
      case 'progress':
      case 'part-end':
      case 'item-start':
      case 'item-end':
        return ''
    }
  }

  private choice(index: number): Choice {
    const known = this.choices.get(index)
    if (known !== undefined) return known
    const choice = { offset: promptLength(this.render.request), parts: new Map<number, Part>() }
    this.choices.set(index, choice)
    return choice
  }

  /** What is lost with a part is told once, at its start; its words follow, and a voice has some already. */
  private startPart({ candidate, part, open }: PartStartEvent): string {
    const said = sayPart(open, `reply.candidates[${candidate}].parts[${part}]`, this.lost)
    this.choice(candidate).parts.set(part, open)
    return said.text === '' ? '' : this.say(candidate, said.text, said.logprobs)
  }

  private pushDelta(event: PartDeltaEvent): string {
    const { candidate, part, text = '', logprobs } = event
    const path = `reply.candidates[${candidate}].parts[${part}]`
    this.lost.foreign(event, path, 'reply')
    if (event.opaque !== undefined) this.lost.add('dropped', `${path}.opaque`, 'only its maker can read it')
    const kind = this.choice(candidate).parts.get(part)?.kind
    if (kind !== 'text' && kind !== 'refusal' && kind !== 'media') return ''
    return text === '' && logprobs === undefined ? '' : this.say(candidate, text, logprobs)
  }

  private say(index: number, text: string, logprobs: readonly TokenLogprob[] | undefined): string {
    const choice = this.choice(index)
    const weighed = logprobs === undefined ? null : encodeLogprobs(logprobs, choice.offset)
    choice.offset += text.length
    return this.write({ text, index, logprobs: weighed, finish_reason: null })
  }

  /** A chunk of one choice. Whoever asked for usage finds it null until the last (capture openai-completion-text). */
  private write(choice: JsonObject): string {
    const chunk = { ...this.head(), choices: [choice], model: this.model }
    return writeChunk(withExtra(this.wantsUsage ? { ...chunk, usage: null } : chunk, ownExtra(this.start)))
  }

  private get wantsUsage(): boolean {
    return this.render.request.streamUsage === true
  }

  private get model(): string {
    return this.start.model ?? this.render.request.model
  }

  private head(): JsonObject {
    const { start, render } = this
    return { id: replyId(start, render), object: 'text_completion', created: start.created ?? render.created }
  }

  /** An empty text with the reason: the last words went out before it was known. */
  private finish({ candidate, finish, extra }: FinishEvent): string {
    const path = `reply.candidates[${candidate}]`
    this.lost.foreign(extra === undefined ? {} : { extra }, path, 'reply')
    const word = encodeFinish(finish, this.start.dialect === dialect, `${path}.finish`, this.lost)
    const choice = { text: '', index: candidate, logprobs: null, finish_reason: word }
    return this.write(withExtra(choice, extra?.[dialect]))
  }

  private fail(fault: Fault, candidate: number | undefined): string {
    if (candidate !== undefined) {
      this.failed ??= fault
      return ''
    }
    this.isClosed = true
    return writeFault(fault)
  }

  private end(): string {
    this.isClosed = true
    const usage =
      this.usage !== undefined && this.wantsUsage
        ? writeChunk({ ...this.head(), model: this.model, usage: encodeUsage(this.usage), choices: [] })
        : ''
    return usage + (this.failed === undefined ? 'data: [DONE]\n\n' : writeFault(this.failed))
  }
}

const writeChunk = (chunk: JsonObject): string => `data: ${JSON.stringify(chunk)}\n\n`
