import type {
  AnnotationEvent,
  Event,
  FinishEvent,
  ItemEndEvent,
  ItemStartEvent,
  PartDeltaEvent,
  PartEndEvent,
  PartStartEvent,
  StartEvent,
} from './event.ts'
import { type Extra, mergeExtra } from './extra.ts'
import type { Fault } from './fault.ts'
import type { Note } from './note.ts'
import type { ItemMeta } from './part.ts'
import { PartDraft } from './part-draft.ts'
import type { Candidate, Finish, Reply } from './reply.ts'
import type { Usage } from './usage.ts'

/** Gathers the events of one answer. The events are taken to obey the grammar of `event.ts`. */
export interface Fold {
  push(event: Event): void
  /** The answer as far as it came. A candidate that has not finished ends with `error` after a fault, else `unknown`. */
  reply(): Reply
  /** The first fault, of the answer or of one candidate. */
  readonly fault: Fault | undefined
  /** The upstream said that the answer is complete. */
  readonly ended: boolean
  /** Losses reported on the way; a reply has no place for them. */
  readonly notes: readonly Note[]
}

/** The reply these events add up to. */
export function foldEvents(events: Iterable<Event>): Reply {
  const fold = createFold()
  for (const event of events) fold.push(event)
  return fold.reply()
}

export function createFold(): Fold {
  return new EventFold()
}

class EventFold implements Fold {
  fault: Fault | undefined
  ended = false
  readonly notes: Note[] = []
  private start: Omit<StartEvent, 'type'> = {}
  private extra: Extra | undefined
  private usage: Usage | undefined
  private readonly candidates = new Map<number, CandidateDraft>()

  push(event: Event): void {
    switch (event.type) {
      case 'start': {
        const { type: _, ...start } = event
        this.start = { ...this.start, ...start }
        this.extra = mergeExtra(this.extra, event.extra)
        break
      }
      case 'usage':
        this.usage = event.usage
        break
      case 'note':
        this.notes.push(event.note)
        break
      case 'fault':
        this.fault ??= event.fault
        if (event.candidate !== undefined) this.candidate(event.candidate).failed = true
        break
      case 'end':
        this.ended = true
        this.extra = mergeExtra(this.extra, event.extra)
        if (event.serviceTier !== undefined) this.start = { ...this.start, serviceTier: event.serviceTier }
        break
      case 'progress':
        // The part that the steps lead to carries their outcome.
        break
      default:
        this.candidate(event.candidate).push(event)
    }
  }

  reply(): Reply {
    const candidates = [...this.candidates].toSorted(([one], [other]) => one - other)
    return {
      ...this.start,
      candidates: candidates.map(([index, draft]) => draft.candidate(index, this.fault !== undefined)),
      ...(this.usage === undefined ? {} : { usage: this.usage }),
      ...(this.extra === undefined ? {} : { extra: this.extra }),
    }
  }

  private candidate(index: number): CandidateDraft {
    let draft = this.candidates.get(index)
    if (draft === undefined) {
      draft = new CandidateDraft()
      this.candidates.set(index, draft)
    }
    return draft
  }
}

type CandidateEvent =
  | ItemStartEvent
  | ItemEndEvent
  | PartStartEvent
  | PartDeltaEvent
  | PartEndEvent
  | AnnotationEvent
  | FinishEvent

class CandidateDraft {
  failed = false
  private readonly items: ItemMeta[] = []
  private readonly parts: PartDraft[] = []
  private finish: Finish | undefined
  private extra: Extra | undefined

  push(event: CandidateEvent): void {
    switch (event.type) {
      case 'item-start':
      case 'item-end':
        this.items[event.item] = event.meta
        break
      case 'part-start':
        this.parts[event.part] = new PartDraft(event.open)
        break
      case 'part-delta':
        this.parts[event.part]?.append(event)
        break
      case 'annotation':
        this.parts[event.part]?.annotate(event.annotation)
        break
      case 'part-end':
        this.parts[event.part]?.close(event.close)
        break
      case 'finish':
        this.finish = event.finish
        this.extra = event.extra
    }
  }

  candidate(index: number, isFaulty: boolean): Candidate {
    const unfinished = this.failed || isFaulty ? 'error' : 'unknown'
    return {
      index,
      parts: this.parts.map(draft => draft.part()),
      ...(this.items.length === 0 ? {} : { items: [...this.items] }),
      finish: this.finish ?? { reason: unfinished },
      ...(this.extra === undefined ? {} : { extra: this.extra }),
    }
  }
}
