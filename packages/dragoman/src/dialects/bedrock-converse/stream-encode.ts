import { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import type { Event, FinishEvent, PartStartEvent, ProgressEvent, StartEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { writeFault } from './error.ts'
import { encodeFinish, isClientCall } from './finish.ts'
import { noteIdentity, oneAnswer } from './response.ts'
import { type BlockEvent, createBlock, type WrittenBlock } from './stream-encode-block.ts'
import { writeEvent } from './stream-frame.ts'
import { tierWord } from './tier.ts'
import { encodeUsage, noteUsage } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/**
 * Encodes one answer as the messages of a binary event stream: text of one character a byte (`bytesToText`), because
 * that is what the contract carries. Blocks follow one another: what starts while another is open waits for its end.
 */
export function encodeStream(_: Render): StreamEncoder {
  return new Encoder()
}

/** A part on its way to the wire. */
interface Track {
  readonly block: WrittenBlock
  /** Events that wait until it is this part's turn. */
  readonly waiting: BlockEvent[]
  hasBegun: boolean
  hasEnded: boolean
}

/** Fields of an end that stand in `messageStop`; the others stand in `metadata`. */
const stopFields: readonly string[] = ['additionalModelResponseFields']

class Encoder implements StreamEncoder {
  private readonly lost = new Notes(speaker)
  private readonly tracks = new Map<number, Track>()
  /** Parts that are not written yet, the first of them live. */
  private readonly queue: Track[] = []
  private blocks = 0
  private start: StartEvent | undefined
  private hasBegun = false
  private usage: Usage | undefined
  private finish: FinishEvent | undefined
  private hasCall = false
  private hasRefusal = false
  private isClosed = false

  get notes(): readonly Note[] {
    return this.lost.list
  }

  push(event: Event): string {
    if (this.isClosed) return ''
    switch (event.type) {
      case 'start':
        this.start = event
        return this.begin()
      case 'part-start':
        return this.isExtra(event.candidate) ? '' : this.begin() + this.startPart(event)
      case 'part-delta':
      case 'annotation':
      case 'part-end':
        return this.isExtra(event.candidate) ? '' : this.feed(event)
      case 'progress':
        return this.pushProgress(event)
      case 'usage':
        this.usage = event.usage
        return ''
      case 'finish':
        if (!this.isExtra(event.candidate)) this.finish = event
        return ''
      case 'fault':
        if (this.isExtra(event.candidate ?? 0)) return ''
        this.isClosed = true
        return writeFault(event.fault)
      case 'end':
        return this.end(ownExtra(event) ?? {}, event.serviceTier ?? this.start?.serviceTier)
      // A note has no place in this framing; it stands in the record of the call.
      case 'note':
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

  private begin(): string {
    if (this.hasBegun) return ''
    this.hasBegun = true
    const start = this.start ?? { type: 'start' }
    this.lost.foreign(start, '', 'reply')
    noteIdentity(start, this.lost)
    return writeEvent('messageStart', withExtra({ role: 'assistant' }, ownExtra(start)))
  }

  private startPart({ open, part }: PartStartEvent): string {
    this.hasCall ||= isClientCall(open)
    this.hasRefusal ||= open.kind === 'refusal'
    const host = { notes: this.lost, nextIndex: () => this.blocks++ }
    const block = createBlock(open, `candidates[0].parts[${part}]`, host)
    const track: Track = { block, waiting: [], hasBegun: false, hasEnded: false }
    this.tracks.set(part, track)
    this.queue.push(track)
    return this.advance()
  }

  private feed(event: BlockEvent): string {
    const track = this.tracks.get(event.part)
    if (track === undefined) return ''
    if (!this.queue.includes(track)) {
      // A citation of text whose block was closed.
      if (event.type === 'annotation') track.block.push(event)
      return ''
    }
    track.waiting.push(event)
    return this.advance()
  }

  /** Writes what may be written of the live part, and brings up the next when it has ended. */
  private advance(): string {
    let text = ''
    for (let live = this.queue[0]; live !== undefined; live = this.queue[0]) {
      if (!live.hasBegun) text += live.block.begin()
      live.hasBegun = true
      for (const event of live.waiting.splice(0)) {
        text += live.block.push(event)
        live.hasEnded ||= event.type === 'part-end'
      }
      if (!live.hasEnded) return text
      text += live.block.close()
      this.queue.shift()
    }
    return text
  }

  /** Events of this wire that the model has no word for, put back as they were. */
  private pushProgress(event: ProgressEvent): string {
    if (event.dialect !== dialect || this.isExtra(event.candidate)) return ''
    const events = Object.entries(event.value).filter(([, payload]) => isObject(payload))
    return this.begin() + events.map(([name, payload]) => writeEvent(name, payload as JsonObject)).join('') // filtered above
  }

  /** `messageStop` and `metadata`, at the end only: what they hold may come in any order before. */
  private end(late: JsonObject, serviceTier: string | undefined): string {
    let text = this.begin()
    for (const track of this.queue) track.hasEnded = true
    text += this.advance()
    this.isClosed = true
    noteUsage(this.usage, this.lost)
    const { finish = { reason: 'unknown' as const }, extra } = this.finish ?? {} // a reason is a literal
    this.lost.foreign({ extra: extra ?? {} }, 'candidates[0]', 'reply')
    this.lost.foreign(finish, 'candidates[0].finish', 'reply')
    const ending = { hasCall: this.hasCall, hasRefusal: this.hasRefusal }
    const { stopReason, fields } = encodeFinish(finish, ending, 'candidates[0].finish', this.lost)
    const entries = Object.entries(late)
    const inStop = entries.filter(([key]) => stopFields.includes(key))
    const own = defined({ additionalModelResponseFields: inStop.length === 0 ? fields : undefined })
    text += writeEvent('messageStop', { stopReason, ...own, ...Object.fromEntries(inStop) })
    const tier = tierWord(serviceTier, this.lost, 'serviceTier')
    const metadata = defined({
      usage: encodeUsage(this.usage),
      serviceTier: tier === undefined ? undefined : { type: tier },
    })
    const rest = Object.fromEntries(entries.filter(([key]) => !stopFields.includes(key)))
    return text + writeEvent('metadata', { ...metadata, ...rest })
  }
}
