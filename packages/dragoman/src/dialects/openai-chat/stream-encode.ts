import { NoteLog } from '../../core/codec/notes.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { writeFault } from '../../core/envelope.ts'
import { formatNote } from '../../core/note-format.ts'
import type {
  AnnotationEvent,
  EndEvent,
  Event,
  FaultEvent,
  PartEndEvent,
  PartStartEvent,
  StartEvent,
} from '../../ir/event.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { Usage } from '../../ir/usage.ts'
import { without } from '../../wire/json.ts'
import { usesFunctions } from './request.ts'
import { idOf } from './response.ts'
import { ChoiceEncoder } from './stream-choice-encode.ts'
import { encodeUsage } from './usage.ts'
import { carriedBy, dialect, speaker } from './wire.ts'

/** Fields that OpenAI repeats on every chunk; others of the start go out once. */
const recurring: ReadonlySet<string> = new Set(['system_fingerprint', 'service_tier'])

/**
 * Events to chunks of `chat.completion.chunk` by the grammar of the reference card, 8.3: one role chunk a choice
 * before anything else of it, one finish chunk, `id`, `created` and `model` the same on all, the usage chunk only
 * where the caller asked for it, `[DONE]`. Finish chunks wait for the end of the answer: a stream that fails after
 * them must not look finished. A fault is one frame, and no `[DONE]` follows.
 */
export function encodeStream(render: Render): StreamEncoder {
  return new ChunkEncoder(render)
}

class ChunkEncoder implements StreamEncoder {
  readonly #render: Render
  readonly #notes = new NoteLog(speaker)
  readonly #choices = new Map<number, ChoiceEncoder>()
  readonly #usesFunctions: boolean
  readonly #wantsUsage: boolean
  /** What every chunk says before its choices, as fields and as text, and what follows them. */
  #fields: JsonObject = {}
  #head = ''
  #tail = ''
  /** Fields for one chunk only, as text that follows the choices. */
  #once = ''
  #isOwn = false
  #usage: Usage | undefined
  /** The failure of one candidate, told when the others are through. */
  #fault: Fault | undefined
  #over = false

  constructor(render: Render) {
    this.#render = render
    this.#usesFunctions = usesFunctions(render.request)
    this.#wantsUsage = render.request.streamUsage === true
  }

  get notes(): readonly Note[] {
    return this.#notes.list
  }

  push(event: Event): string {
    if (this.#over) return ''
    switch (event.type) {
      case 'part-delta':
        return this.#choice(event.candidate).delta(event)
      case 'start':
        this.#start(event)
        return ''
      case 'part-start':
        return this.#partStart(event)
      case 'part-end':
        return this.#partEnd(event)
      case 'annotation':
        this.#annotate(event)
        return ''
      case 'usage':
        this.#usage = event.usage
        return ''
      case 'note':
        return `: dragoman-notes ${formatNote(event.note)}\n\n`
      case 'finish':
        this.#choice(event.candidate).finish(event)
        return ''
      case 'fault':
        return this.#fail(event)
      case 'end':
        return this.#end(event)
      case 'item-start':
      case 'item-end':
      case 'progress':
        return ''
    }
  }

  #start(event: StartEvent): void {
    const { request, created } = this.#render
    const carried = carriedBy(event) ?? {}
    this.#isOwn = event.dialect === dialect
    this.#notes.foreign(event, 'reply')
    const repeated: { [key: string]: JsonValue } = {}
    if (event.serviceTier !== undefined) repeated.service_tier = event.serviceTier
    for (const key of recurring) if (carried[key] !== undefined) repeated[key] ??= carried[key]
    this.#fields = {
      id: idOf(event, this.#render),
      object: 'chat.completion.chunk',
      created: event.created ?? created,
      model: event.model ?? request.model,
      ...repeated,
    }
    this.#writeHead()
    this.#tail = this.#wantsUsage ? ',"usage":null}\n\n' : '}\n\n'
    this.#once = fieldsText(without(carried, recurring))
  }

  #writeHead(): void {
    this.#head = `data: ${JSON.stringify(this.#fields).slice(0, -1)},"choices":[`
  }

  /** The tier that was known only at the end is told on the chunks that are left. */
  #tellTier(serviceTier: string): void {
    this.#fields = { ...this.#fields, service_tier: serviceTier }
    this.#writeHead()
    for (const choice of this.#choices.values()) choice.head = this.#head
  }

  #choice(candidate: number): ChoiceEncoder {
    const known = this.#choices.get(candidate)
    if (known !== undefined) return known
    if (this.#head === '') this.#start({ type: 'start' })
    const choice = new ChoiceEncoder({
      index: candidate,
      head: this.#head,
      tail: this.#tail,
      notes: this.#notes,
      render: this.#render,
      usesFunctions: this.#usesFunctions,
    })
    this.#choices.set(candidate, choice)
    return choice
  }

  #partStart(event: PartStartEvent): string {
    const choice = this.#choice(event.candidate)
    return this.#role(choice, event.open.kind === 'text') + choice.open(event)
  }

  /** The role chunk of a choice, once. */
  #role(choice: ChoiceEncoder, isText: boolean): string {
    if (choice.hasRole) return ''
    const once = this.#once
    this.#once = ''
    return choice.role(isText, once)
  }

  #partEnd(event: PartEndEvent): string {
    return this.#choice(event.candidate).close(event)
  }

  #annotate(event: AnnotationEvent): void {
    this.#choice(event.candidate).annotate(event)
  }

  #fail(event: FaultEvent): string {
    if (event.candidate !== undefined) {
      this.#fault ??= event.fault
      this.#choice(event.candidate).fail()
      return ''
    }
    this.#over = true
    return writeFault(event.fault)
  }

  #end(event: EndEvent): string {
    this.#over = true
    if (this.#choices.size === 0) this.#choice(0)
    this.#notes.foreign(event, 'reply')
    if (event.serviceTier !== undefined) this.#tellTier(event.serviceTier)
    let text = ''
    const choices = [...this.#choices.values()].filter(choice => !choice.hasFailed)
    for (const [position, choice] of choices.entries()) {
      text += this.#role(choice, !choice.hasCalls)
      const isLast = position === choices.length - 1
      text += choice.end(this.#isOwn, isLast ? fieldsText(carriedBy(event) ?? {}) : '')
    }
    text += this.#usageChunk()
    return text + (this.#fault === undefined ? 'data: [DONE]\n\n' : writeFault(this.#fault))
  }

  #usageChunk(): string {
    if (!this.#wantsUsage) return ''
    if (this.#usage === undefined) {
      this.#notes.add('dropped', 'reply.usage', 'The upstream reported no usage for this stream.')
      return ''
    }
    return `${this.#head}],"usage":${JSON.stringify(encodeUsage(this.#usage))}}\n\n`
  }
}

/** The fields of an object as text to put behind others. */
function fieldsText(fields: JsonObject): string {
  const text = JSON.stringify(fields).slice(1, -1)
  return text === '' ? '' : `,${text}`
}
