import type { Received } from '../core/call.ts'
import type { Journal } from '../core/journal.ts'
import { formatNotes } from '../core/note-format.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Note } from '../ir/note.ts'

/** What is said of a call in headers: who answered, how, after how many tries, and what was lost. */
export function factHeaders(call: Received): { [name: string]: string } {
  const headers: { [name: string]: string } = { 'x-request-id': call.id }
  const last = call.journal.attempts.at(-1)
  if (last !== undefined) {
    headers['dragoman-target'] = headerText(`${last.facts.provider}/${last.facts.model}`)
    headers['dragoman-mode'] = last.facts.mode
    headers['dragoman-attempts'] = String(call.journal.attempts.length)
  }
  if (call.journal.notes.length > 0) headers['dragoman-notes'] = formatNotes(call.journal.notes)
  return headers
}

const plainName = /^[!-~]{1,200}$/

/** A name as headers can carry it: percent-encoded where it is not visible ASCII, and not longer than a name is. */
function headerText(name: string): string {
  if (plainName.test(name)) return name
  return name
    .slice(0, 200)
    .toWellFormed()
    .replaceAll(/[^!-~]+/g, encodeURIComponent)
}

/** The same as an object, for callers who asked for an explanation in the body. */
export function explanation(journal: Journal, more: readonly Note[] = []): JsonObject {
  const last = journal.attempts.at(-1)
  return {
    ...(last === undefined
      ? {}
      : {
          target: `${last.facts.provider}/${last.facts.model}`,
          mode: last.facts.mode,
          reason: last.facts.reason,
        }),
    attempts: journal.attempts.length,
    notes: [...journal.notes, ...more].map(note => ({ ...note })),
  }
}

/** What the headers could not know yet when the status went out early, as a note. */
export function lateFacts(call: Pick<Received, 'journal'>): Note | undefined {
  const last = call.journal.attempts.at(-1)
  if (last === undefined) return undefined
  const { provider, model, mode } = last.facts
  return {
    kind: 'approximated',
    path: 'headers',
    reason: `The status went out before the answer: target ${provider}/${model}, mode ${mode}, attempts ${call.journal.attempts.length}.`,
  }
}
