import type { AnnotationEvent, Event, PartDeltaEvent, PartEndEvent, PartStartEvent } from './event.ts'
import type { Part, PartKind } from './part.ts'

export interface GrammarOptions {
  /** The events are the beginning of an answer: having neither `end` nor `fault` is no violation. */
  readonly partial?: boolean
}

/**
 * What is wrong with these events by the grammar that `event.ts` states, a sentence each; empty where nothing is. For
 * tests of everything that makes events.
 *
 * `start` comes first, unless the answer is a fault from the beginning. Parts and items are numbered in the order they
 * start; a part opens once, takes what its kind takes while it is open, and closes once; an item ends once, after its
 * parts. A candidate finishes once, after its parts closed, or fails; nothing more is said of it then. After the fault
 * of the answer come only notes, usage and `end`. `end` comes last, once every candidate finished or failed.
 */
export function checkEvents(events: readonly Event[], options: GrammarOptions = {}): readonly string[] {
  const checker = new GrammarChecker()
  for (const [index, event] of events.entries()) {
    checker.check(event, problem => checker.problems.push(`event ${index} (${event.type}): ${problem}`))
  }
  if (!options.partial && !checker.isOver) checker.problems.push('neither end nor fault')
  return checker.problems
}

type Report = (problem: string) => void

interface CandidateState {
  readonly parts: { readonly open: Part; isOpen: boolean }[]
  /** Whether each item is still open. */
  readonly items: boolean[]
  isDone: boolean
}

class GrammarChecker {
  readonly problems: string[] = []
  private count = 0
  private hasEnded = false
  private hasFailed = false
  private readonly candidates = new Map<number, CandidateState>()

  get isOver(): boolean {
    return this.hasEnded || this.hasFailed
  }

  check(event: Event, report: Report): void {
    const isFirst = this.count++ === 0
    if (isFirst !== (event.type === 'start') && !(isFirst && event.type === 'fault')) {
      report(isFirst ? 'the first event is not start' : 'start is not the first event')
    }
    if (this.hasEnded) report('comes after end')
    else if (this.hasFailed && event.type !== 'usage' && event.type !== 'note' && event.type !== 'end') {
      report('comes after the fault of the answer')
    }
    switch (event.type) {
      case 'start':
      case 'usage':
      case 'note':
        break
      case 'progress':
        if (event.item !== undefined && this.candidate(event.candidate).items[event.item] === undefined) {
          report(`item ${event.item} has not started`)
        }
        break
      case 'fault':
        if (event.candidate === undefined) this.hasFailed = true
        else this.candidate(event.candidate).isDone = true
        break
      case 'end':
        this.checkEnd(report)
        break
      default: {
        const candidate = this.candidate(event.candidate)
        if (candidate.isDone) report(`candidate ${event.candidate} is over`)
        checkCandidate(candidate, event, report)
      }
    }
  }

  private checkEnd(report: Report): void {
    this.hasEnded = true
    if (this.hasFailed) return
    for (const [index, candidate] of this.candidates) {
      if (!candidate.isDone) report(`candidate ${index} has not finished`)
    }
  }

  private candidate(index: number): CandidateState {
    const known = this.candidates.get(index) ?? { parts: [], items: [], isDone: false }
    this.candidates.set(index, known)
    return known
  }
}

type CandidateEvent = Extract<
  Event,
  { readonly candidate: number; readonly type: Exclude<Event['type'], 'progress' | 'fault'> }
>

function checkCandidate(candidate: CandidateState, event: CandidateEvent, report: Report): void {
  const { parts, items } = candidate
  switch (event.type) {
    case 'item-start':
      if (event.item !== items.length) report(`item ${event.item} starts where ${items.length} should`)
      items[event.item] = true
      break
    case 'item-end':
      if (items[event.item] !== true) report(`item ${event.item} is not open`)
      if (parts.some(part => part.isOpen && part.open.item === event.item))
        report('a part of the item is open')
      items[event.item] = false
      break
    case 'part-start':
      checkPartStart(candidate, event, report)
      break
    case 'part-delta':
    case 'part-end':
    case 'annotation':
      checkPart(candidate, event, report)
      break
    case 'finish':
      for (const [index, part] of parts.entries()) if (part?.isOpen) report(`part ${index} is open`)
      candidate.isDone = true
  }
}

function checkPartStart(candidate: CandidateState, event: PartStartEvent, report: Report): void {
  const { parts, items } = candidate
  if (event.part !== parts.length) report(`part ${event.part} starts where ${parts.length} should`)
  const { item } = event.open
  if (item !== undefined && items[item] !== true) report(`item ${item} of the part is not open`)
  if (streamedText(event.open) !== '') report('the part opens with text')
  parts[event.part] = { open: event.open, isOpen: true }
}

function checkPart(
  candidate: CandidateState,
  event: PartDeltaEvent | PartEndEvent | AnnotationEvent,
  report: Report,
): void {
  const part = candidate.parts[event.part]
  if (part === undefined) report(`part ${event.part} has not started`)
  else if (event.type === 'annotation') {
    if (part.open.kind !== 'text') report(`a part of kind ${part.open.kind} has no annotations`)
  } else if (!part.isOpen) report(`part ${event.part} is closed`)
  else if (event.type === 'part-delta') checkDelta(part.open, event, report)
  else {
    part.isOpen = false
    if (event.close !== undefined) checkClose(part.open, event.close, report)
  }
}

function checkClose(open: Part, close: Part, report: Report): void {
  if (close.kind !== open.kind) report(`a part of kind ${open.kind} closes as ${close.kind}`)
  if (streamedText(close) !== '') report('the part closes with text that belongs into deltas')
}

/** Which members of a delta a part of each kind takes; opaque state and extras fit any. */
const appendable: { readonly [K in PartKind]: readonly (keyof PartDeltaEvent)[] } = {
  text: ['text', 'logprobs'],
  refusal: ['text', 'logprobs'],
  thinking: ['text', 'summary'],
  'tool-call': ['args'],
  media: ['text', 'data'],
  'tool-result': [],
  'hosted-tool': [],
  unknown: [],
}
const appended = ['text', 'args', 'summary', 'data', 'logprobs'] as const

function checkDelta(open: Part, delta: PartDeltaEvent, report: Report): void {
  const given = appended.filter(name => delta[name] !== undefined)
  for (const name of given) {
    if (!appendable[open.kind].includes(name)) report(`a part of kind ${open.kind} takes no ${name}`)
  }
  if (delta.data !== undefined && open.kind === 'media' && open.source.type !== 'base64') {
    report(`a source of type ${open.source.type} takes no data`)
  }
  if (given.length === 0 && delta.opaque === undefined && delta.extra === undefined)
    report('the delta is empty')
}

/** The text of a part that has to come in deltas; media may come whole. */
function streamedText(part: Part): string {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'thinking':
      return part.text
    case 'tool-call':
      return part.arguments
    case 'media':
    case 'tool-result':
    case 'hosted-tool':
    case 'unknown':
      return ''
  }
}
