import type { Ambient, Log } from './core/ports.ts'
import type { StateStore } from './core/state-store.ts'
import { findDialect } from './dialects/registry.ts'
import type { Page } from './edge/pages.ts'
import { createConversationPages } from './resources/conversations/pages.ts'
import { Jobs } from './resources/jobs.ts'
import { createResponsePages } from './resources/responses/pages.ts'
import { Shelf } from './resources/responses/shelf.ts'
import type { HeldDesk } from './upstream/held/ask-held.ts'

export interface StatePorts {
  readonly store: StateStore
  readonly ambient: Ambient
  readonly log: Log
  /** Counts something under way; the returned function counts it out. */
  hold(): () => void
}

export interface StateSettings {
  /** Milliseconds. */
  readonly keepAlive: number
  /** Bytes. */
  readonly maxBody: number
}

/** Stored responses and conversations, with who works on them and where they are shown. */
export interface State {
  readonly shelf: Shelf
  readonly jobs: Jobs
  /** What they are given is asked for anew at every visit, because a reload changes it. */
  pages(settings: () => StateSettings, desk: () => HeldDesk): readonly Page[]
}

export function createState({ store, ambient, log, hold }: StatePorts): State {
  const dialect = findDialect('openai-responses')
  if (dialect === undefined) throw new Error('the dialect of stored responses is not there')
  const jobs = new Jobs({ store, ambient, log, hold })
  const shelf = new Shelf({ store, dialect, ambient, log, jobs })
  return {
    shelf,
    jobs,
    pages: (settings, desk) => [
      ...createResponsePages(shelf, { keepAlive: () => settings().keepAlive, desk }),
      ...createConversationPages({
        store,
        dialect,
        ambient,
        onFailure: shelf.onFailure,
        maxBody: () => settings().maxBody,
      }),
    ],
  }
}
