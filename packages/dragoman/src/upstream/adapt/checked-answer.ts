import type { EventEdit } from '../../core/stream.ts'
import type { Event, FinishEvent } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonValue } from '../../ir/json.ts'

export interface CheckedAnswerOptions {
  /** The caller's answer made of the target's; it gives back what it got where nothing has to change. */
  readonly restore?: (value: JsonValue) => JsonValue
  /** What is wrong with the caller's answer; undefined where nobody can tell. */
  readonly check?: (value: JsonValue) => readonly string[] | undefined
}

/** A structured answer that is read whole before any of it goes out: brought into the caller's form, and checked. */
export function createCheckedAnswer(options: CheckedAnswerOptions): EventEdit {
  const readings = new Map<number, Reading>()
  return (event, out) => {
    if (!('candidate' in event) || event.candidate === undefined || event.type === 'fault') {
      out.push(event)
      return
    }
    const reading = readings.get(event.candidate) ?? new Reading(options)
    readings.set(event.candidate, reading)
    reading.push(event, out)
  }
}

type OfCandidate = Exclude<Extract<Event, { readonly candidate: number }>, { readonly type: 'fault' }>

/** What one candidate says: thinking goes out at once, everything from the first text on waits for the end. */
class Reading {
  readonly #options: CheckedAnswerOptions
  readonly #held: OfCandidate[] = []
  readonly #texts = new Set<number>()
  #text = ''
  #isHolding = false

  constructor(options: CheckedAnswerOptions) {
    this.#options = options
  }

  push(event: OfCandidate, out: Event[]): void {
    if (event.type === 'part-start' && event.open.kind === 'text') {
      this.#texts.add(event.part)
      this.#isHolding = true
    }
    if (event.type === 'part-delta' && this.#texts.has(event.part)) this.#text += event.text ?? ''
    if (event.type === 'finish') this.#finish(event, out)
    else if (this.#isHolding) this.#held.push(event)
    else out.push(event)
  }

  /** What was cut, refused or is a call is what it is; an answer has to be the one that was asked for. */
  #finish(event: FinishEvent, out: Event[]): void {
    if (event.finish.reason !== 'stop' || this.#text === '') {
      out.push(...this.#held, event)
      return
    }
    const value = parsed(this.#text)
    if (value === undefined) {
      out.push(invalidAnswer(['it is not JSON']))
      return
    }
    const restored = this.#options.restore?.(value) ?? value
    const problems = this.#options.check?.(restored) ?? []
    if (problems.length > 0) {
      out.push(invalidAnswer(problems))
      return
    }
    const isSame = JSON.stringify(restored) === JSON.stringify(value)
    out.push(...(isSame ? this.#held : this.#rewritten(JSON.stringify(restored))), event)
  }

  /** The new text in the place of the first; what was said of the tokens of the old one is true of none of it. */
  #rewritten(text: string): readonly OfCandidate[] {
    const first = Math.min(...this.#texts)
    return this.#held.flatMap((event): readonly OfCandidate[] => {
      if (!('part' in event) || !this.#texts.has(event.part)) return [event]
      if (event.type === 'part-delta' || event.type === 'annotation') return []
      if (event.type !== 'part-start' || event.part !== first) return [event]
      return [event, { type: 'part-delta', candidate: event.candidate, part: event.part, text }]
    })
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue // JSON text is a JSON value
  } catch {
    return undefined
  }
}

/** The fault of an answer that is not what was asked for; another try may do better. */
export const invalidAnswer = (problems: readonly string[]): Event => ({
  type: 'fault',
  fault: createFault(
    'upstream_invalid',
    `The model’s answer does not fulfil the schema: ${problems.join('; ')}. Ask again, or make the schema simpler.`,
  ),
})
