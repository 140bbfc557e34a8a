import { parseChunk } from '../../core/codec/frame.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { StreamDecoder } from '../../core/dialect.ts'
import type { Event } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { faultOf } from './error.ts'
import { Fields } from './fields.ts'
import { blockedCandidate, decodeBlock } from './finish.ts'
import { bareError, errorIn } from './frame.ts'
import { takeHead } from './response.ts'
import { decodeTier } from './settings.ts'
import { CandidateStream } from './stream-decode-candidate.ts'
import { decodeUsage, hasCounters } from './usage.ts'
import { asExtra, dialect } from './wire.ts'

/** Decodes one streamed answer (card 9), framed as SSE or as a JSON array. Whatever follows a failure is passed over. */
export function decodeStream(): StreamDecoder {
  return new Decoder()
}

/** Fields of a chunk that are read, or repeat who answered. */
const repeated: ReadonlySet<string> = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId'])

class Decoder implements StreamDecoder {
  private state: 'waiting' | 'open' | 'done' = 'waiting'
  private answer = ''
  /** What the first chunk said of the answer, and what later ones said otherwise. */
  private head: JsonObject = {}
  private late: JsonObject = {}
  private hasUsage = false
  private uncounted: JsonObject | undefined
  private readonly candidates = new Map<number, CandidateStream>()

  push(frame: Frame, out: Event[]): void {
    if (this.state === 'done') return
    if (frame.data === '') {
      const error = bareError(frame)
      if (error !== undefined) this.fail(error, out)
      return
    }
    const wire = parseChunk(frame)
    const error = errorIn(wire)
    if (error !== undefined) this.fail(error, out)
    else if (isObject(wire)) this.read(wire, out)
    // OpenAI's terminator, appended by a proxy, means nothing here.
    else if (frame.data.trim() !== '[DONE]') {
      const fault = createFault('upstream_invalid', 'The upstream sent a chunk that is not a JSON object.')
      out.push({ type: 'fault', fault })
      this.state = 'done'
    }
  }

  /** This wire has no terminator: an answer is whole where every candidate said why it ended (trap 32). */
  end(out: Event[]): void {
    if (this.state === 'done') return
    const block = this.candidates.size === 0 ? this.block() : undefined
    const isWhole = [...this.candidates.values()].every(candidate => candidate.hasFinish)
    if (block !== undefined) out.push({ type: 'finish', candidate: 0, finish: block })
    else if (this.candidates.size > 0 && isWhole) {
      for (const candidate of this.candidates.values()) candidate.end(out)
    } else {
      const fault = createFault('upstream_disconnected', 'The upstream closed the stream before its end.')
      out.push({ type: 'fault', fault })
      this.state = 'done'
      return
    }
    const { uncounted, late } = this
    const isSilent = this.hasUsage || uncounted === undefined
    out.push(
      defined({ type: 'end', extra: asExtra(isSilent ? late : { ...late, usageMetadata: uncounted }) }),
    )
    this.state = 'done'
  }

  private fail(error: JsonObject, out: Event[]): void {
    out.push({ type: 'fault', fault: faultOf(error) })
    this.state = 'done'
  }

  private block() {
    const { promptFeedback: feedback } = { ...this.head, ...this.late }
    const finish = decodeBlock(isObject(feedback) ? feedback : undefined)
    return finish && blockedCandidate(finish)
  }

  private read(wire: JsonObject, out: Event[]): void {
    if (this.state === 'waiting') this.readHead(wire, out)
    else this.readLate(wire)
    const { candidates, usageMetadata: usage } = wire
    if (isList(candidates)) {
      for (const [position, candidate] of candidates.entries()) {
        if (isObject(candidate)) this.candidateOf(candidate, position).push(candidate, out)
      }
    }
    if (!isObject(usage)) return
    // What counts nothing, such as the kind of traffic alone, is no usage (trap 64).
    if (!hasCounters(usage)) this.uncounted = usage
    else out.push({ type: 'usage', usage: decodeUsage(usage) })
    this.hasUsage ||= hasCounters(usage)
  }

  private readHead(wire: JsonObject, out: Event[]): void {
    const { candidates: _, usageMetadata: usage, ...said } = wire
    const fields = new Fields(said, '', [])
    const head = takeHead(fields)
    const extra = fields.extra()
    this.state = 'open'
    this.answer = head.id ?? ''
    this.head = extra?.[dialect] ?? {}
    const serviceTier = isObject(usage) ? decodeTier(usage) : undefined
    out.push(defined({ type: 'start', dialect, ...head, serviceTier, extra }))
  }

  /** Most fields are the same in every chunk; what a later one says otherwise is kept for the end. */
  private readLate(wire: JsonObject): void {
    for (const name in wire) {
      const value = wire[name]
      if (value === undefined || repeated.has(name) || value === this.head[name]) continue
      if (JSON.stringify(value) !== JSON.stringify(this.head[name]))
        this.late = { ...this.late, [name]: value }
    }
  }

  /** Vertex leaves the index out, which is 0; where several stand in one chunk without it, they are counted. */
  private candidateOf(wire: JsonObject, position: number): CandidateStream {
    const index = typeof wire.index === 'number' ? wire.index : position
    let candidate = this.candidates.get(index)
    if (candidate === undefined) {
      candidate = new CandidateStream(index, this.answer)
      this.candidates.set(index, candidate)
    }
    return candidate
  }
}
