import type { FaultCode } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'
import type { Usage } from '../ir/usage.ts'
import type { End } from './stream.ts'

/** How an attempt carries a call: bytes as they came, with named edits, or through the model. */
export type PlanMode = 'relay' | 'patch' | 'translate'

/** What is known of one upstream call once it was planned. */
export interface AttemptFacts {
  readonly provider: string
  readonly model: string
  readonly leg?: number
  readonly mode: PlanMode
  /** Why this mode. */
  readonly reason: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** How an attempt ended. Exactly one for each attempt, whatever happens. */
export interface AttemptOutcome {
  readonly end: End
  readonly endedAt: number
  /** When the first content came, for streams. */
  readonly firstContentAt?: number
  readonly status?: number
  readonly fault?: FaultCode
  readonly usage?: Usage
}

export interface AttemptRecord {
  readonly facts: AttemptFacts
  outcome: AttemptOutcome | undefined
}

/** What happened to a call: append-only, one a call, and it survives a 500. */
export interface Journal {
  readonly attempts: readonly AttemptRecord[]
  readonly notes: readonly Note[]
  note(note: Note): void
  /** Opens an attempt; the returned function settles it, the first call winning. */
  attempt(facts: AttemptFacts): (outcome: AttemptOutcome) => void
}

export function createJournal(): Journal {
  const attempts: AttemptRecord[] = []
  const notes: Note[] = []
  return {
    attempts,
    notes,
    note(note) {
      // The same loss on a retry or another leg is one fact for the caller.
      if (
        !notes.some(
          known => known.kind === note.kind && known.path === note.path && known.reason === note.reason,
        )
      ) {
        notes.push(note)
      }
    },
    attempt(facts) {
      const record: AttemptRecord = { facts, outcome: undefined }
      attempts.push(record)
      return outcome => {
        record.outcome ??= outcome
      }
    },
  }
}
