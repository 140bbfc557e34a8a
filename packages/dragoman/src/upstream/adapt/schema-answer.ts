import type { EventEdit } from '../../core/stream.ts'
import type { Event, FinishEvent } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonValue } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import { invalidAnswer } from './checked-answer.ts'

export interface AnswerOptions {
  /** The name of the tool whose arguments are the answer. */
  readonly tool: string
  /** The answer stands under the one key `value` of the arguments. */
  readonly isWrapped: boolean
  /** What is wrong with the answer by the caller's schema; undefined where nobody can tell. */
  readonly check?: (value: JsonValue) => readonly string[] | undefined
  /** Arguments go out as they come, unvalidated. */
  readonly live: boolean
}

/** The inverse of the answer tool: its call becomes the text that was asked for. */
export function createAnswerEdit(options: AnswerOptions): EventEdit {
  const readings = new Map<number, AnswerReading>()
  return (event, out) => {
    if (!('candidate' in event) || event.candidate === undefined || event.type === 'fault') {
      out.push(event)
      return
    }
    const reading = readings.get(event.candidate) ?? new AnswerReading(options)
    readings.set(event.candidate, reading)
    reading.push(event, out)
  }
}

type OfCandidate = Exclude<Extract<Event, { readonly candidate: number }>, { readonly type: 'fault' }>
type OfPart = Extract<OfCandidate, { readonly part: number }>

/**
 * What one candidate says. Prose is no part of a structured answer: it waits until it is clear what the model did, and
 * stays away where it did answer or call. A call of the caller's own tool wins over the answer (ruling 3).
 */
class AnswerReading {
  readonly #options: AnswerOptions
  /** The parts that went out, by the number they came in with: those before them may stay away. */
  readonly #numbers = new Map<number, number>()
  readonly #held: OfCandidate[] = []
  readonly #prose = new Set<number>()
  #hasProse = false
  /** The number of the answer's part. Of several answers the first counts. */
  #answer: number | undefined
  readonly #repeated = new Set<number>()
  #text = ''
  #calledOwn = false

  constructor(options: AnswerOptions) {
    this.#options = options
  }

  push(event: OfCandidate, out: Event[]): void {
    if (event.type === 'finish') {
      this.#finish(event, out)
      return
    }
    if (event.type === 'part-start') this.#sort(event, out)
    if ('part' in event && this.#repeated.has(event.part)) return
    if ('part' in event && event.part === this.#answer) this.#readAnswer(event, out)
    else if ('part' in event && this.#prose.has(event.part)) this.#readProse(event)
    else if (this.#calledOwn || this.#options.live) this.#say(event, out)
    else this.#held.push(event)
  }

  #sort({ part, open }: OfPart & { readonly type: 'part-start' }, out: Event[]): void {
    if (open.kind === 'text') this.#prose.add(part)
    if (open.kind !== 'tool-call') return
    if (open.name !== this.#options.tool) {
      this.#calledOwn = true
      this.#release(out)
    } else if (this.#answer === undefined) this.#answer = part
    else this.#repeated.add(part)
  }

  #readProse(event: OfPart): void {
    if (event.type === 'part-delta' && (event.text ?? '').trim() !== '') this.#hasProse = true
    if (!this.#calledOwn) this.#held.push(event)
  }

  #readAnswer(event: OfPart, out: Event[]): void {
    const goesOut = this.#options.live && !this.#calledOwn
    const { candidate, part } = event
    if (event.type === 'part-start') {
      this.#text = event.open.kind === 'tool-call' ? event.open.arguments : ''
      if (goesOut) this.#say({ type: 'part-start', candidate, part, open: { kind: 'text', text: '' } }, out)
      if (goesOut && this.#text !== '')
        this.#say({ type: 'part-delta', candidate, part, text: this.#text }, out)
    } else if (event.type === 'part-delta' && event.args !== undefined) {
      this.#text += event.args
      if (goesOut) this.#say({ type: 'part-delta', candidate, part, text: event.args }, out)
    } else if (event.type === 'part-end' && this.#numbers.has(part)) {
      this.#say({ type: 'part-end', candidate, part }, out)
    }
  }

  /** What waited, less the prose. */
  #release(out: Event[]): void {
    for (const event of this.#held.splice(0)) {
      if (!('part' in event) || !this.#prose.has(event.part)) this.#say(event, out)
    }
  }

  /** An event on its way out: parts are numbered in the order in which they go. */
  #say(event: OfCandidate, out: Event[]): void {
    if (event.type === 'part-start') this.#numbers.set(event.part, this.#numbers.size)
    if (!('part' in event)) out.push(event)
    else out.push({ ...event, part: this.#numbers.get(event.part) ?? event.part })
  }

  #finish(event: FinishEvent, out: Event[]): void {
    const { candidate, finish } = event
    const { live, isWrapped } = this.#options
    if (this.#answer === undefined && !this.#calledOwn) {
      // A refusal or a cut answer is what it is; prose where JSON was promised is a failure, not an answer.
      if (finish.reason === 'stop' || finish.reason === 'tool-calls') {
        out.push(failure())
        return
      }
      this.#prose.clear()
      this.#release(out)
      out.push(event)
      return
    }
    if (this.#hasProse) out.push({ type: 'note', note: dropped(candidate, prose) })
    if (this.#calledOwn) {
      const isLeftOut = this.#answer !== undefined && !this.#numbers.has(this.#answer)
      if (isLeftOut) out.push({ type: 'note', note: dropped(candidate, answerBesideCall) })
      out.push(event)
      return
    }
    if (!live) {
      const text = finish.reason === 'length' ? this.#text : jsonOf(this.#text, isWrapped)
      if (text === undefined) {
        out.push(failure())
        return
      }
      const problems = finish.reason === 'length' ? [] : (this.#options.check?.(JSON.parse(text)) ?? [])
      if (problems.length > 0) {
        out.push(invalidAnswer(problems))
        return
      }
      this.#release(out)
      const part = this.#answer ?? 0
      this.#say({ type: 'part-start', candidate, part, open: { kind: 'text', text: '' } }, out)
      this.#say({ type: 'part-delta', candidate, part, text }, out)
      this.#say({ type: 'part-end', candidate, part }, out)
    }
    out.push(finish.reason === 'tool-calls' ? { ...event, finish: { reason: 'stop' } } : event)
  }
}

const failure = (): Event => ({
  type: 'fault',
  fault: createFault(
    'upstream_invalid',
    'The model did not give valid JSON for the requested format. Ask again, or raise the token limit.',
  ),
})

const dropped = (candidate: number, reason: string): Note => ({
  kind: 'dropped',
  path: `reply.candidates[${candidate}].parts`,
  reason,
})

const prose = 'The model wrote text beside the structured answer, which has no place for it.'

const answerBesideCall =
  'The model called one of your tools and gave the structured answer at once; the tool call goes first.'

/** The answer's JSON text, or undefined where it is none. */
function jsonOf(text: string, isWrapped: boolean): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    if (!isWrapped) return text
    const isObject = typeof parsed === 'object' && parsed !== null
    return isObject && 'value' in parsed ? JSON.stringify(parsed.value) : undefined
  } catch {
    return undefined
  }
}
