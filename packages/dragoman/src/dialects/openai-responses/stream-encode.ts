import { NoteLog } from '../../core/codec/notes.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { formatNote } from '../../core/note-format.ts'
import type { EndEvent, Event, PartStartEvent, ProgressEvent, StartEvent } from '../../ir/event.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { ItemMeta, Part } from '../../ir/part.ts'
import { unspokenRefusal } from '../../ir/refusal.ts'
import type { Finish } from '../../ir/reply.ts'
import type { Usage } from '../../ir/usage.ts'
import { writeComment, writeSse } from '../../wire/sse.ts'
import { encodeResponseError } from './error.ts'
import { createResponse, isQueued, type ResponseFacts } from './facts.ts'
import { encodeFinish } from './finish.ts'
import { canSay, type Form, formOf, formOfItem, holds, holdsMany, itemTypeOf, prefixOf } from './groups.ts'
import { type AnswerIds, createIds } from './ids.ts'
import { OutputItem, candidatePath as path, type StreamEvents } from './stream-output.ts'
import type { OutputPart } from './stream-part.ts'
import { encodeUsage } from './usage.ts'
import { dialect, ownAll, present, progressEvents, speaker } from './wire.ts'

/**
 * The model's events to a Responses stream that openai-node 7.57.0's helper accepts: `created`, `in_progress`, the
 * items, one terminal event with the complete output, and nothing after it. Sequence numbers count from 0; an item
 * keeps one id. Parts that came without items are grouped: consecutive text and refusals make a message, every
 * thought and every call an item of its own. Items may overlap; nothing is held back.
 */
export function encodeStream(render: Render): StreamEncoder {
  return new Encoder(render)
}

class Encoder implements StreamEncoder, StreamEvents {
  private readonly render: Render
  private readonly lost = new NoteLog(speaker)
  private sequence = 0
  private facts: ResponseFacts | undefined
  private ids: AnswerIds
  private isOver = false
  private readonly output: OutputItem[] = []
  private readonly items = new Map<number, OutputItem>()
  /** Items that began without a part to tell what they are: calls and hosted items. */
  private readonly metas = new Map<number, ItemMeta>()
  private readonly parts = new Map<number, { readonly item: OutputItem; readonly part: OutputPart }>()
  /** What the parts are, in the order in which they came. */
  private readonly kinds: Part['kind'][] = []
  private itemCount = 0
  private usage: Usage | undefined
  private end: Finish | undefined
  private readonly said = new Set<string>()

  constructor(render: Render) {
    this.render = render
    this.ids = createIds(render, false, this.lost)
  }

  get notes(): readonly Note[] {
    return this.lost.list
  }

  push(event: Event): string {
    if (this.isOver) return ''
    if (!isFirst(event)) {
      return this.once('candidates', () =>
        this.lost.add('dropped', 'reply.candidates[1]', 'Responses answers with one candidate'),
      )
    }
    if (event.type === 'note') return writeComment(`dragoman-notes ${formatNote(event.note)}`)
    const started =
      this.facts === undefined && event.type !== 'start' ? this.start({ type: 'start' }, event) : ''
    return started + this.handle(event)
  }

  private handle(event: Event): string {
    switch (event.type) {
      case 'start':
        return this.facts === undefined ? this.start(event) : ''
      case 'item-start':
        return this.startItem(event.item, event.meta)
      case 'item-end':
        return this.endItem(event.item, event.meta)
      case 'part-start':
        return this.startPart(event)
      case 'part-delta':
        if (event.extra !== undefined) this.lost.foreign(event, this.pathOf(event.part))
        return this.parts.get(event.part)?.part.delta(event) ?? ''
      case 'part-end': {
        const known = this.parts.get(event.part)
        if (known === undefined) return ''
        return known.part.end(event.close) + this.endImplicit(known.item)
      }
      case 'annotation': {
        const known = this.parts.get(event.part)
        return known?.item.annotate(known.part, event.annotation, this.lost) ?? ''
      }
      case 'progress':
        return this.progress(event)
      case 'usage':
        this.usage = event.usage
        return ''
      case 'finish':
        this.lost.foreign(event, path)
        this.lost.foreign(event.finish, `${path}.finish`)
        this.end = event.finish
        return this.tellRefusal(event.finish)
      case 'end':
        this.lost.foreign(event, 'reply')
        this.facts = { ...this.facts, ...tierOf(event), extra: { ...this.facts?.extra, ...ownAll(event) } }
        return this.complete()
      case 'fault':
        return this.fail(event.fault)
      case 'note':
        return ''
    }
  }

  private tellRefusal(finish: Finish): string {
    const refusal = unspokenRefusal(finish, this.kinds)
    if (refusal === undefined) return ''
    const meta: ItemMeta = { type: 'message' }
    const [at, item] = [{ candidate: 0, part: this.kinds.length }, this.itemCount]
    const events: readonly Event[] = [
      { type: 'item-start', candidate: 0, item, meta: { ...meta, status: 'in_progress' } },
      { type: 'part-start', ...at, open: { ...refusal, text: '', item } },
      { type: 'part-delta', ...at, text: refusal.text },
      { type: 'part-end', ...at },
      { type: 'item-end', candidate: 0, item, meta: { ...meta, status: 'completed' } },
    ]
    return events.map(event => this.handle(event)).join('')
  }

  write(type: string, fields: JsonObject): string {
    const data = JSON.stringify({ type, sequence_number: this.sequence++, ...fields })
    return writeSse({ event: type, data })
  }

  writeJson(type: string, fields: string): string {
    const head = `{"type":"${type}","sequence_number":${this.sequence++}`
    return `event: ${type}\ndata: ${head},${fields}}\n\n`
  }

  private once(what: string, act: () => void): '' {
    if (!this.said.has(what)) act()
    this.said.add(what)
    return ''
  }

  private pathOf(part: number): string {
    return `${path}.parts[${part}]`
  }

  /**
   * `created`, `queued` where it waits for its turn, `in_progress`. A fault needs no `in_progress`: `created` is there
   * because the helper takes no other event first.
   */
  private start(event: StartEvent, first?: Event): string {
    this.lost.foreign(event, 'reply')
    const isOwn = event.dialect === dialect
    this.ids = createIds(this.render, isOwn, this.lost)
    const { model, created, serviceTier } = event
    const id = isOwn ? event.id : undefined
    this.facts = present<ResponseFacts>({ id, model, created, serviceTier, extra: ownAll(event) })
    const response = createResponse(this.facts, this.render)
    const announced = this.write('response.created', { response })
    const queued = isQueued(this.facts, this.render) ? this.write('response.queued', { response }) : ''
    const written = announced + queued
    if (first?.type === 'fault') return written
    return written + this.write('response.in_progress', { response: { ...response, status: 'in_progress' } })
  }

  private addItem(type: string, form: Form, meta: ItemMeta | undefined, known = meta?.id): OutputItem {
    const id = this.ids.item(prefixOf(type), known)
    const item = new OutputItem(this.output.length, form, meta, id, this)
    this.output.push(item)
    return item
  }

  /** Messages and reasoning begin at once; what an item of another form is, its part tells. */
  private startItem(index: number, meta: ItemMeta): string {
    this.itemCount = index + 1
    const form = formOfItem(meta.type)
    if (!holdsMany(form)) {
      this.metas.set(index, meta)
      return ''
    }
    const sealed = this.sealMessage()
    const item = this.addItem(meta.type, form, meta)
    this.items.set(index, item)
    return sealed + item.added()
  }

  private endItem(index: number, meta: ItemMeta): string {
    return this.items.get(index)?.done(this.lost, meta) ?? ''
  }

  private startPart(event: PartStartEvent): string {
    const { open } = event
    this.kinds.push(open.kind)
    const at = this.pathOf(event.part)
    if (!canSay(open, at, { role: 'assistant', path, notes: this.lost, ids: this.ids })) return ''
    const known = this.itemFor(open)
    const sealed = known === undefined ? this.sealMessage() : ''
    const item = known ?? this.makeItem(open)
    const part = open.kind === 'tool-call' ? { ...open, id: this.ids.call(open.id, at) } : open
    const added = item.isAdded ? '' : item.added(part)
    const started = item.addPart(part, at)
    this.parts.set(event.part, { item, part: started.part })
    return sealed + added + started.written
  }

  /** The item that takes this part: its own, or the message that this encoder is making. */
  private itemFor(open: Part): OutputItem | undefined {
    const named = open.item === undefined ? undefined : this.items.get(open.item)
    if (named !== undefined && holdsMany(named.form) && holds(named.form, open)) return named
    const last = this.output.at(-1)
    const joins = last?.isImplicit === true && last.form === 'message' && !last.isDone
    const isLoose = open.item === undefined || !this.metas.has(open.item)
    return joins && isLoose && formOf(open) === 'message' ? last : undefined
  }

  /** The item that this part makes. */
  private makeItem(open: Part): OutputItem {
    const meta = open.item === undefined ? undefined : this.metas.get(open.item)
    const isWhole = open.kind === 'hosted-tool' || open.kind === 'unknown'
    const own = isWhole && typeof open.value.id === 'string' ? open.value.id : undefined
    if (open.item === undefined || meta === undefined || !holds(formOfItem(meta.type), open)) {
      return this.addItem(itemTypeOf(open), formOf(open), undefined, own)
    }
    const item = this.addItem(itemTypeOf(open), formOf(open), meta, own ?? meta.id)
    this.metas.delete(open.item)
    this.items.set(open.item, item)
    return item
  }

  /** Another item begins: no more parts will join the message that this encoder made. */
  private sealMessage(): string {
    const last = this.output.at(-1)
    const isSealed = last?.isImplicit === true && last.form === 'message' && !last.isOpen
    return isSealed ? last.done(this.lost) : ''
  }

  private endImplicit(item: OutputItem): string {
    if (!item.isImplicit || item.isOpen) return ''
    const isLast = item === this.output.at(-1)
    return item.form === 'message' && isLast ? '' : item.done(this.lost)
  }

  private progress(event: ProgressEvent): string {
    if (event.dialect !== dialect) {
      const reason = `steps of what a provider of ${event.dialect} runs`
      return this.once(event.dialect, () => this.lost.add('dropped', 'reply.progress', reason))
    }
    const { type } = event.value
    if (typeof type !== 'string' || !progressEvents.has(type)) {
      // openai-node's helper throws on types it does not know; the finished item says the same.
      const reason = 'steps that clients do not know; the finished item has their outcome'
      return this.once('progress', () => this.lost.add('dropped', 'reply.progress', reason))
    }
    if (event.item === undefined) return this.write(type, event.value)
    return this.items.get(event.item)?.progress(type, event.value) ?? ''
  }

  private complete(): string {
    // With calls or without, an end that nobody explained is a completed one on this wire.
    const ending = encodeFinish(this.end ?? { reason: 'unknown' })
    const status = ending.status === 'completed' ? 'completed' : 'incomplete'
    const written = this.output.map(item => item.done(this.lost, undefined, status)).join('')
    const type = ending.status === 'failed' ? 'failed' : status
    return written + this.close(`response.${type}`, ending)
  }

  /**
   * `response.failed` alone is what both consumers of openai-node 7.57.0 understand: the iterator yields it, the
   * helper ends with status "failed" and keeps the text that came before. With an `error` event in front of it the
   * SDK throws away what was said, and other clients report two errors.
   */
  private fail(fault: Fault): string {
    return this.close('response.failed', { status: 'failed', error: encodeResponseError(fault) })
  }

  private close(type: string, ending: JsonObject): string {
    this.isOver = true
    const response = createResponse(this.facts ?? { extra: {} }, this.render)
    const output = this.output.map(item => item.partial)
    const usage = this.usage === undefined ? null : encodeUsage(this.usage)
    return this.write(type, { response: { ...response, ...ending, output, usage } })
  }
}

/** The tier that served the answer, where only the end of the stream tells it. */
function tierOf({ serviceTier }: EndEvent): { readonly serviceTier?: string } {
  return serviceTier === undefined ? {} : { serviceTier }
}

/** Whether an event is about the one candidate that this wire can answer with. */
function isFirst(event: Event): boolean {
  return !('candidate' in event) || (event.candidate ?? 0) === 0
}
