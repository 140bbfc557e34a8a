import { Notes } from '../../core/codec/notes.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { formatNote } from '../../core/note-format.ts'
import type { Event, FinishEvent, PartStartEvent, ProgressEvent, StartEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { Usage } from '../../ir/usage.ts'
import { writeComment } from '../../wire/sse.ts'
import { writeFault } from './error.ts'
import { encodeFinish, isClientCall, mayHideStop } from './finish.ts'
import { messageId, oneAnswer } from './response.ts'
import { type BlockEvent, createBlock, type WrittenBlock, writeEvent } from './stream-encode-block.ts'
import { encodeUsage, noteUsage, usageSince } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/** Encodes one answer by the strict grammar (card 9, features C6). */
export function encodeStream(render: Render): StreamEncoder {
  return new Encoder(render)
}

/** A part on its way to the wire. */
interface Track {
  readonly block: WrittenBlock
  /** Events that wait until it is this part's turn. */
  readonly waiting: BlockEvent[]
  hasBegun: boolean
  hasEnded: boolean
}

class Encoder implements StreamEncoder {
  private readonly render: Render
  private readonly lost = new Notes(speaker)
  private readonly tracks = new Map<number, Track>()
  /**
   * Parts that are not written yet, the first of them live: blocks may not overlap here (ruling 16). A live call is
   * written as it comes; whatever starts meanwhile waits for its end. Text gives way to what starts after it.
   */
  private readonly queue: Track[] = []
  private blocks = 0
  private start: StartEvent | undefined
  private tier: string | undefined
  private usage: Usage | undefined
  /** Usage as `message_start` told it; undefined until that is written. */
  private told: JsonObject | undefined
  private finish: FinishEvent | undefined
  private hasCall = false
  private hasClientCall = false
  private refusal: string | undefined
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
      case 'annotation':
      case 'part-end':
        return this.isExtra(event.candidate)
          ? ''
          : this.begin() + this.feed(this.tracks.get(event.part), event)
      case 'part-start':
        return this.isExtra(event.candidate) ? '' : this.begin() + this.startPart(event)
      case 'start':
        this.start = event
        return ''
      case 'usage':
        this.usage = event.usage
        return ''
      case 'note':
        return writeComment(`dragoman-notes ${formatNote(event.note)}`)
      case 'progress':
        return this.pushProgress(event)
      case 'finish':
        if (!this.isExtra(event.candidate)) this.finish = event
        return ''
      case 'fault':
        return this.fail(event.candidate ?? 0, writeFault(event.fault))
      case 'end':
        this.tier = event.serviceTier ?? this.tier
        return this.end(ownExtra(event))
      case 'item-start':
      case 'item-end':
        return ''
    }
  }

  /** Whether this belongs to a second answer, which this wire does not have. */
  private isExtra(candidate: number): boolean {
    if (candidate === 0) return false
    this.lost.add('dropped', 'content', oneAnswer)
    return true
  }

  private fail(candidate: number, text: string): string {
    if (this.isExtra(candidate)) return ''
    this.isClosed = true
    return text
  }

  /** `message_start`, held until something follows, because the usage it should tell may come right after the start. */
  private begin(): string {
    if (this.told !== undefined) return ''
    const start = this.start ?? { type: 'start' }
    this.lost.foreign(start, '', 'reply')
    this.tier ??= start.serviceTier
    this.told = encodeUsage(this.usage, this.tier)
    const message = {
      id: messageId(start, this.render),
      type: 'message',
      role: 'assistant',
      model: start.model ?? this.render.request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: this.told,
    }
    return writeEvent('message_start', { message: withExtra(message, ownExtra(start)) })
  }

  private startPart(event: PartStartEvent): string {
    const { open, part } = event
    this.hasCall ||= open.kind === 'tool-call'
    this.hasClientCall ||= isClientCall(open)
    if (open.kind === 'refusal') this.refusal ??= ''
    const host = { notes: this.lost, nextIndex: () => this.blocks++ }
    const block = createBlock(open, `candidates[0].parts[${part}]`, host, text => {
      this.refusal = (this.refusal ?? '') + text
    })
    const track = { block, waiting: [], hasBegun: false, hasEnded: false }
    this.tracks.set(part, track)
    this.queue.push(track)
    return this.advance()
  }

  private pushProgress(event: ProgressEvent): string {
    if (event.dialect !== dialect || this.isExtra(event.candidate)) return ''
    const { type, index, ...fields } = event.value
    if (typeof type !== 'string') return ''
    const track = typeof index === 'number' ? this.tracks.get(index) : undefined
    return this.begin() + (track === undefined ? writeEvent(type, fields) : this.feed(track, event))
  }

  private feed(track: Track | undefined, event: BlockEvent): string {
    if (track === undefined) return ''
    if (track === this.queue[0] && event.type !== 'part-end') return track.block.push(event)
    if (!this.queue.includes(track) && !this.requeue(track, event)) return ''
    track.waiting.push(event)
    return track === this.queue[0] ? this.advance() : ''
  }

  /** A part whose block was closed: what still comes for it needs another block, if it can have one. */
  private requeue(track: Track, event: BlockEvent): boolean {
    if (event.type === 'part-end') track.hasEnded = true
    if (track.hasEnded) {
      if (event.type === 'annotation') track.block.push(event)
      return false
    }
    this.queue.push(track)
    return true
  }

  /** Writes what may be written: closes what has ended or gives way, and brings up the next. */
  private advance(): string {
    let text = ''
    for (let live = this.queue[0]; live !== undefined; live = this.queue[0]) {
      text += this.bringUp(live)
      const givesWay = live.block.isDivisible && this.queue.length > 1
      if (!live.hasEnded && !givesWay) return text
      text += live.block.close()
      this.queue.shift()
    }
    return text
  }

  private bringUp(track: Track): string {
    let text = track.hasBegun ? '' : track.block.begin()
    track.hasBegun = true
    for (const event of track.waiting.splice(0)) {
      text += track.block.push(event)
      track.hasEnded ||= event.type === 'part-end'
    }
    return text
  }

  private end(late: JsonObject | undefined): string {
    let text = this.begin()
    for (const track of this.queue) track.hasEnded = true
    text += this.advance()
    text += this.writeFinish(late) + writeEvent('message_stop', {})
    this.isClosed = true
    return text
  }

  /** `message_delta`, at the end only: usage may come after the finish, and it has to be in there. */
  private writeFinish(late: JsonObject | undefined): string {
    noteUsage(this.usage, this.tier, this.lost)
    const { finish = { reason: 'unknown' as const }, extra } = this.finish ?? {} // a reason is a literal
    this.lost.foreign({ extra: extra ?? {} }, 'candidates[0]', 'reply')
    this.lost.foreign(finish, 'candidates[0].finish', 'reply')
    const { hasCall, hasClientCall, refusal } = this
    const hides = mayHideStop(this.render.request, this.start?.dialect)
    const ending = { hasCall, hasClientCall, refusal, mayHideStop: hides }
    const said = encodeFinish(finish, ending, 'candidates[0].finish', this.lost)
    const { container, ...beside } = late ?? {}
    const delta = container === undefined ? said : { ...said, container }
    const usage = usageSince(this.told ?? {}, encodeUsage(this.usage, this.tier))
    return writeEvent('message_delta', { delta, ...beside, usage })
  }
}
