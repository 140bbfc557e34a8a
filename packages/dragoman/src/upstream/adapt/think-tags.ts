import type { EventEdit } from '../../core/stream.ts'
import type { Event, PartDeltaEvent, PartEndEvent } from '../../ir/event.ts'
import type { Part } from '../../ir/part.ts'
import type { Adapter } from './adaptation.ts'

const opening = '<think>'
const closing = '</think>'

/** The longest tail of `text` with which the closing tag could begin. */
function mayClose(text: string): number {
  for (let length = Math.min(closing.length - 1, text.length); length > 0; length--)
    if (text.endsWith(closing.slice(0, length))) return length
  return 0
}

/**
 * One candidate's text that may begin with a thought between tags, and what became of it:
 * waiting for words, in the thought, behind it before the first word of the text, in the text, or nothing to do.
 */
type Stage = 'waiting' | 'thinking' | 'behind' | 'text' | 'plain'

class Splitter {
  readonly #candidate: number
  readonly #part: number
  readonly #open: Part
  #stage: Stage = 'waiting'
  /** The text that waits, and the events it came in. */
  #held = ''
  #events: PartDeltaEvent[] = []
  /** Letters of the upstream's text that are no text any more. */
  #taken = 0

  constructor(candidate: number, part: number, open: Part) {
    this.#candidate = candidate
    this.#part = part
    this.#open = open
  }

  /** Parts that begin after the text have one more before them where the text became two. */
  get shift(): number {
    return this.#stage === 'text' ? 1 : 0
  }

  /** There is no thought here: events need not come by any more. */
  get isPlain(): boolean {
    return this.#stage === 'plain'
  }

  push(event: PartDeltaEvent, out: Event[]): void {
    if (this.#stage === 'text') {
      out.push({ ...event, part: this.#part + 1 })
      return
    }
    this.#held += event.text ?? ''
    this.#events.push(event)
    if (this.#stage === 'waiting') this.#begin(out)
    if (this.#stage === 'thinking') this.#think(out)
    if (this.#stage === 'behind') this.#goOn(out)
  }

  /** The text is over: what waited is said, as what it is. */
  end(event: PartEndEvent, out: Event[]): void {
    if (this.#stage === 'waiting') this.#leave(out)
    else if (this.#stage === 'thinking' && this.#held !== '') this.#say(this.#held, out)
    if (this.#stage === 'text' || this.#stage === 'plain')
      out.push({ ...event, part: this.#part + this.shift })
    else if (this.#stage === 'thinking') out.push(this.#closed)
  }

  /** A place in the upstream's text as one in ours. */
  place(at: number | undefined): number | undefined {
    return at === undefined ? undefined : Math.max(0, at - this.#taken)
  }

  #begin(out: Event[]): void {
    const words = this.#held.trimStart()
    if (words.startsWith(opening)) {
      this.#taken = this.#held.length - words.length + opening.length
      this.#held = words.slice(opening.length)
      out.push({ type: 'note', note })
      this.#start({ kind: 'thinking', text: '' }, 'thinking', out)
    } else if (!opening.startsWith(words)) this.#leave(out)
  }

  #leave(out: Event[]): void {
    this.#start(this.#open, 'plain', out)
    out.push(...this.#events)
  }

  #think(out: Event[]): void {
    const at = this.#held.indexOf(closing)
    const end = at < 0 ? this.#held.length - mayClose(this.#held) : at
    if (end > 0) this.#say(this.#held.slice(0, end), out)
    const rest = at < 0 ? end : at + closing.length
    this.#taken += rest
    this.#held = this.#held.slice(rest)
    if (at < 0) return
    out.push(this.#closed)
    this.#stage = 'behind'
  }

  /** The empty lines behind a thought belong to its tag. */
  #goOn(out: Event[]): void {
    const words = this.#held.trimStart()
    this.#taken += this.#held.length - words.length
    this.#held = ''
    if (words === '') return
    this.#start(this.#open, 'text', out)
    this.#say(words, out)
  }

  get #closed(): PartEndEvent {
    return { type: 'part-end', candidate: this.#candidate, part: this.#part }
  }

  #start(open: Part, stage: Stage, out: Event[]): void {
    this.#stage = stage
    out.push({ type: 'part-start', candidate: this.#candidate, part: this.#part + this.shift, open })
  }

  #say(text: string, out: Event[]): void {
    out.push({ type: 'part-delta', candidate: this.#candidate, part: this.#part + this.shift, text })
  }
}

const note = {
  kind: 'emulated',
  path: 'reply.candidates[0].parts[0]',
  reason: 'The model wrote its reasoning between tags into its text; it was taken out of there.',
} as const

/** Takes a thought between tags out of the beginning of each candidate's text, wherever the deltas cut the tags. */
function createSplit(): EventEdit {
  const splitters = new Map<number, Splitter>()
  const texts = new Map<number, number>()

  return (event, out) => {
    if (!('candidate' in event) || event.candidate === undefined || !('part' in event)) {
      out.push(event)
      return
    }
    const { candidate, part } = event
    // Whatever comes first decides: reasoning in a field of its own leaves no tags in the text.
    if (event.type === 'part-start' && !texts.has(candidate)) {
      texts.set(candidate, part)
      if (event.open.kind === 'text') {
        splitters.set(candidate, new Splitter(candidate, part, event.open))
        return
      }
    }
    const splitter = splitters.get(candidate)
    if (splitter === undefined) {
      out.push(event)
      return
    }
    if (part !== texts.get(candidate)) out.push({ ...event, part: part + splitter.shift })
    else if (event.type === 'part-delta') {
      splitter.push(event, out)
      if (splitter.isPlain) splitters.delete(candidate)
    } else if (event.type === 'part-end') splitter.end(event, out)
    else if (event.type === 'annotation') {
      const { start, end, ...annotation } = event.annotation
      const range = { start: splitter.place(start), end: splitter.place(end) }
      const said = Object.fromEntries(Object.entries(range).filter(([, at]) => at !== undefined))
      out.push({ ...event, part: part + splitter.shift, annotation: { ...annotation, ...said } })
    } else out.push({ ...event, part: part + splitter.shift })
  }
}

/**
 * Reasoning that a host leaves in the text, between `<think>` and `</think>` at its beginning (QuantumNous/new-api#861,
 * Portkey-AI/gateway#1112). Not where log probabilities were asked for, which tell of every token; and a policy of
 * `drop` or `reject` for the caller's reasoning field leaves the text as it came.
 */
export const thinkTags: Adapter = (request, context) => {
  if (context.facts.thinkTags !== true || request.logprobs !== undefined || !context.emulates('reasoning'))
    return undefined
  return { id: 'think-tags', request: value => ({ value, notes: [] }), restore: createSplit }
}
