import { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Render, StreamEncoder } from '../../core/dialect.ts'
import { formatNote } from '../../core/note-format.ts'
import type { Event, FaultEvent, StartEvent } from '../../ir/event.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { Usage } from '../../ir/usage.ts'
import { writeComment } from '../../wire/sse.ts'
import { writeFault } from './error.ts'
import { encodeHead } from './response.ts'
import { CandidateWriter } from './stream-encode-candidate.ts'
import { encodeUsage, noteUsage } from './usage.ts'
import { ownExtra, speaker } from './wire.ts'

/**
 * Encodes one answer as SSE, each frame a `GenerateContentResponse` with what is new (card 9): no names, no terminator,
 * calls whole. A caller who wants a JSON array gets the same frames framed otherwise by the edge.
 */
export function encodeStream(render: Render): StreamEncoder {
  return new Encoder(render)
}

class Encoder implements StreamEncoder {
  private readonly render: Render
  private readonly lost = new Notes(speaker)
  private readonly candidates = new Map<number, CandidateWriter>()
  private started: StartEvent | undefined
  private usage: Usage | undefined
  /** What every frame says after its candidates, as JSON without its first brace. */
  private tail: string | undefined
  /** The failure of one candidate, told after the others ended. */
  private failure: FaultEvent | undefined
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
      case 'part-start':
        this.candidate(event.candidate).start(event)
        return ''
      case 'part-delta':
        return this.writePart(event.candidate, this.candidate(event.candidate).delta(event))
      case 'part-end':
        return this.writePart(event.candidate, this.candidate(event.candidate).end(event))
      case 'annotation':
        this.candidate(event.candidate).annotate(event)
        return ''
      case 'finish':
        this.candidate(event.candidate).finish = event
        return ''
      case 'start':
        this.started = event
        return ''
      case 'usage':
        this.usage = event.usage
        return ''
      case 'note':
        return writeComment(`dragoman-notes ${formatNote(event.note)}`)
      case 'fault':
        return this.fail(event)
      case 'end':
        return this.end(ownExtra(event))
      case 'progress':
      case 'item-start':
      case 'item-end':
        return ''
    }
  }

  private candidate(index: number): CandidateWriter {
    let candidate = this.candidates.get(index)
    if (candidate === undefined) {
      candidate = new CandidateWriter(index, this.lost)
      this.candidates.set(index, candidate)
    }
    return candidate
  }

  private head(): JsonObject {
    const start = this.started ?? { type: 'start' as const } // an event's type is a literal
    this.lost.foreign(start, '', 'reply')
    return encodeHead(start, this.render)
  }

  private writePart(candidate: number, written: WrittenParts): string {
    if (written === undefined) return ''
    if (this.tail === undefined) {
      const head = JSON.stringify(this.head())
      this.tail = head === '{}' ? '}' : `,${head.slice(1)}`
    }
    const { parts, logprobsResult } = written
    const logprobs = logprobsResult === undefined ? '' : `,"logprobsResult":${JSON.stringify(logprobsResult)}`
    const content = `{"content":{"role":"model","parts":${JSON.stringify(parts)}},"index":${candidate}${logprobs}}`
    return `data: {"candidates":[${content}]${this.tail}\n\n`
  }

  private fail(event: FaultEvent): string {
    if (event.candidate !== undefined && this.candidates.size > 1) {
      this.failure ??= event
      return ''
    }
    this.isClosed = true
    return writeFault(event.fault)
  }

  /** The last frame: why the candidates ended, their sources, and the usage, which may come after all of them. */
  private end(late: JsonObject | undefined): string {
    this.isClosed = true
    let text = ''
    for (const [index, candidate] of this.candidates) {
      for (const written of candidate.rest()) text += this.writePart(index, written)
    }
    noteUsage(this.usage, this.started?.serviceTier, this.lost)
    const candidates = [...this.candidates.values()]
      .filter(candidate => candidate.finish !== undefined && !candidate.isBlocked)
      .map(candidate => candidate.writeEnd())
    const last = defined({
      candidates: candidates.length === 0 ? undefined : candidates,
      usageMetadata: encodeUsage(this.usage, this.started?.serviceTier),
    })
    text += `data: ${JSON.stringify({ ...last, ...this.head(), ...late })}\n\n`
    return this.failure === undefined ? text : text + writeFault(this.failure.fault)
  }
}

/** What a chunk says of a candidate; undefined for nothing. */
export type WrittenParts =
  | { readonly parts: readonly JsonObject[]; readonly logprobsResult?: JsonObject }
  | undefined
