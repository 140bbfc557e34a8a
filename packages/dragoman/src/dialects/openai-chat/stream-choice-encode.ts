import type { NoteLog } from '../../core/codec/notes.ts'
import type { Render } from '../../core/dialect.ts'
import type {
  AnnotationEvent,
  FinishEvent,
  PartDeltaEvent,
  PartEndEvent,
  PartStartEvent,
} from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation, MediaPart, Part, RefusalPart, ToolCallPart } from '../../ir/part.ts'
import { unspokenRefusal } from '../../ir/refusal.ts'
import { isObject, without } from '../../wire/json.ts'
import { encodeAnnotation } from './annotation.ts'
import { encodeFinish } from './finish.ts'
import { noteLeftBehind } from './losses.ts'
import { encodeAudio } from './media.ts'
import {
  AudioWriter,
  CallWriter,
  type ChunkWriter,
  FunctionCallWriter,
  lateAnnotations,
  mute,
  type PartWriter,
  SpokenWriter,
  ThoughtWriter,
} from './stream-part.ts'
import { reasoningFieldOf } from './thinking.ts'
import { isFunctionCall } from './tool-call.ts'
import { carriedBy } from './wire.ts'

/** What all choices of one stream share. */
export interface ChoiceSettings {
  readonly index: number
  readonly head: string
  readonly tail: string
  readonly notes: NoteLog
  readonly render: Render
  /** The caller declared `functions`, and expects its call in `function_call`. */
  readonly usesFunctions: boolean
}

interface OpenPart {
  readonly writer: PartWriter
  readonly kind: Part['kind']
  hasAnnotations: boolean
  isOpaqueNoted: boolean
}

/** One choice of a stream being written. */
export class ChoiceEncoder implements ChunkWriter {
  prefix: string
  readonly suffix: string
  hasRole = false
  hasFailed = false
  readonly #settings: ChoiceSettings
  readonly #parts: (OpenPart | undefined)[] = []
  readonly #annotations: JsonObject[] = []
  #contentLength = 0
  #calls = 0
  #hasFunctionCall = false
  #hasAudio = false
  #finish: FinishEvent | undefined

  constructor(settings: ChoiceSettings) {
    this.#settings = settings
    const { head, tail, index } = settings
    this.prefix = prefixOf(head, index)
    this.suffix = `,"logprobs":null,"finish_reason":null}]${tail}`
  }

  set head(head: string) {
    this.prefix = prefixOf(head, this.#settings.index)
  }

  get hasCalls(): boolean {
    return this.#calls > 0 || this.#hasFunctionCall
  }

  chunk(delta: string, logprobs: string): string {
    return `${this.prefix}${delta},"logprobs":${logprobs},"finish_reason":null}]${this.#settings.tail}`
  }

  /** The first chunk of the choice; `once` are fields of the stream that only one chunk carries. */
  role(isText: boolean, once: string): string {
    this.hasRole = true
    const delta = `{"role":"assistant","content":${isText ? '""' : 'null'},"refusal":null}`
    return `${this.prefix}${delta},"logprobs":null,"finish_reason":null}]${once}${this.#settings.tail}`
  }

  open({ part, open }: PartStartEvent): string {
    const { notes } = this.#settings
    const path = this.#pathOf(part)
    const isOpaqueNoted = open.opaque !== undefined
    noteLeftBehind(open, path, notes)
    const writer = this.#writerOf(open, path)
    this.#parts[part] = { writer, kind: open.kind, hasAnnotations: false, isOpaqueNoted }
    return writer.open()
  }

  #pathOf(part: number): string {
    return `reply.candidates[${this.#settings.index}].parts[${part}]`
  }

  #writerOf(open: Part, path: string): PartWriter {
    const { notes } = this.#settings
    switch (open.kind) {
      case 'text':
        return new SpokenWriter(this, 'content', this.#contentLength)
      case 'refusal':
        return new SpokenWriter(this, 'refusal', 0)
      case 'thinking':
        return new ThoughtWriter(this, reasoningFieldOf(open), () => {
          notes.add(
            'dropped',
            `${path}.summary`,
            'Chat completions has one text for reasoning; text or summary was left out.',
          )
        })
      case 'tool-call':
        return this.#callWriter(open, path)
      case 'media':
        return this.#audioWriter(open, path)
      case 'tool-result':
        notes.add('dropped', path, 'A chat message has no place for a tool result.')
        return mute
      case 'hosted-tool':
      case 'unknown':
        notes.add('dropped', path, `A chat message has no place for ${open.type} of ${open.dialect}.`)
        return mute
    }
  }

  #callWriter(open: ToolCallPart, path: string): PartWriter {
    if (!this.#settings.usesFunctions && !isFunctionCall(open))
      return new CallWriter(this, open, this.#calls++)
    if (this.#hasFunctionCall) {
      this.#settings.notes.add('dropped', path, 'function_call holds one call; the caller did not use tools.')
      return mute
    }
    this.#hasFunctionCall = true
    return new FunctionCallWriter(this, open)
  }

  #audioWriter(open: MediaPart, path: string): PartWriter {
    const audio = this.#hasAudio ? undefined : encodeAudio(open, this.#settings.render)
    if (audio === undefined) {
      this.#settings.notes.add('dropped', path, `A chat message has no place for this ${open.media}.`)
      return mute
    }
    this.#hasAudio = true
    const isEmpty = (key: string) => (key === 'data' || key === 'transcript') && audio[key] === ''
    return new AudioWriter(this, without(audio, new Set(Object.keys(audio).filter(isEmpty))))
  }

  delta(event: PartDeltaEvent): string {
    const part = this.#parts[event.part]
    if (part === undefined) return ''
    if (event.text !== undefined && part.kind === 'text') this.#contentLength += event.text.length
    if (event.opaque !== undefined && !part.isOpaqueNoted) {
      part.isOpaqueNoted = true
      const path = `${this.#pathOf(event.part)}.opaque`
      this.#settings.notes.add(
        'dropped',
        path,
        'Chat completions has no field for signed or encrypted state.',
      )
    }
    if (event.extra !== undefined) this.#settings.notes.foreign(event, this.#pathOf(event.part))
    return part.writer.delta(event)
  }

  close(event: PartEndEvent): string {
    const part = this.#parts[event.part]
    if (part === undefined) return ''
    const late = part.hasAnnotations ? [] : lateAnnotations(event.close)
    for (const annotation of late) this.#addAnnotation(annotation, event.part)
    if (event.close?.opaque !== undefined && !part.isOpaqueNoted) {
      noteLeftBehind(event.close, this.#pathOf(event.part), this.#settings.notes)
    }
    return part.writer.close(event.close)
  }

  annotate(event: AnnotationEvent): void {
    const part = this.#parts[event.part]
    if (part !== undefined) part.hasAnnotations = true
    this.#addAnnotation(event.annotation, event.part)
  }

  /** Annotations go out together before the finish: openai-node keeps only the last list it sees. */
  #addAnnotation(annotation: Annotation, part: number): void {
    const writer = this.#parts[part]?.writer ?? mute
    const path = `${this.#pathOf(part)}.annotations`
    const wire = encodeAnnotation(annotation, writer, path, this.#settings.notes)
    if (wire !== undefined) this.#annotations.push(wire)
  }

  finish(event: FinishEvent): void {
    this.#finish = event
  }

  fail(): void {
    this.hasFailed = true
  }

  /** The last chunks of the choice; `once` are fields of the stream for the very last of them. */
  end(isOwn: boolean, once: string): string {
    const { notes, index, tail } = this.#settings
    const path = `reply.candidates[${index}]`
    const event = this.#finish
    const node = event?.extra === undefined ? {} : { extra: event.extra }
    notes.foreign(node, path)
    if (event !== undefined) notes.foreign(event.finish, `${path}.finish`)
    const carried = carriedBy(node)
    const said = this.#parts.flatMap(part => part?.kind ?? [])
    const refusal = event === undefined ? undefined : unspokenRefusal(event.finish, said)
    const { word, losses } = encodeFinish(event?.finish ?? { reason: 'unknown' }, {
      isOwn,
      hasCalls: this.hasCalls,
      isDeprecated: this.#hasFunctionCall,
      isExplained: refusal !== undefined,
    })
    for (const { kind, field, reason } of losses) notes.add(kind, `${path}.finish${field}`, reason)
    const logprobs = JSON.stringify(carried?.logprobs ?? null)
    const rest = JSON.stringify(without(carried ?? {}, choiceFields)).slice(1, -1)
    const finish = `${this.prefix}{},"logprobs":${logprobs},"finish_reason":${JSON.stringify(word)}`
    return `${this.#lateDelta(carried, refusal)}${finish}${rest === '' ? '' : `,${rest}`}}]${once}${tail}`
  }

  /** What belongs to the message as a whole: annotations, why it was refused, fields that a host added to its deltas. */
  #lateDelta(carried: JsonObject | undefined, refusal: RefusalPart | undefined): string {
    const message = isObject(carried?.message) ? without(carried.message, deltaFields) : {}
    const delta = {
      ...message,
      ...(refusal === undefined ? {} : { refusal: refusal.text }),
      ...(this.#annotations.length > 0 ? { annotations: this.#annotations } : {}),
    }
    return Object.keys(delta).length === 0 ? '' : this.chunk(JSON.stringify(delta), 'null')
  }
}

const prefixOf = (head: string, index: number) => `${head}{"index":${index},"delta":`

const choiceFields: ReadonlySet<string> = new Set(['message', 'logprobs', 'index', 'delta', 'finish_reason'])
/** Fields of a whole message that would say something else in a delta. */
const deltaFields: ReadonlySet<string> = new Set(['content', 'role', 'tool_calls'])
