import type { CallerHeaders, UnsupportedPolicies, UnsupportedPolicy } from '../core/call.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'

/** The route's policies with the caller's own wish as the default; an operator's exception for a field stands. */
export function policiesFor(route: UnsupportedPolicies, headers: CallerHeaders): UnsupportedPolicies {
  return headers.policy === undefined ? route : { ...route, default: headers.policy }
}

/** The policy for a field, by the first name in its path (`messages[0].content` -> `messages`). */
export function policyFor(policies: UnsupportedPolicies, field: string): UnsupportedPolicy {
  const name = /^[^.[]+/.exec(field)?.[0] ?? field
  return policies.fields[field] ?? policies.fields[name] ?? policies.default
}

export type Settled =
  | { readonly ok: true; readonly notes: readonly Note[] }
  | { readonly ok: false; readonly fault: Fault }

/** Changes that a caller who wants nothing changed has to be told of before anything is sent. */
const changes: { readonly [K in Note['kind']]: boolean } = {
  renamed: false,
  approximated: true,
  clamped: true,
  emulated: true,
  dropped: true,
  refused: true,
}

/** Turns what encoding could not say into notes, or into the 400 that the policy asks for. Paths are the caller's. */
export function settleNotes(notes: readonly Note[], policies: UnsupportedPolicies): Settled {
  const settled: Note[] = []
  for (const note of notes) {
    const policy = policyFor(policies, note.path)
    if (policy === 'reject' ? changes[note.kind] : policy === 'emulate' && note.kind === 'refused') {
      return { ok: false, fault: refusal(note) }
    }
    settled.push(note.kind === 'refused' ? { ...note, kind: 'dropped' } : note)
  }
  return { ok: true, notes: settled }
}

/** Some reasons are written as the rest of a sentence; here another sentence follows. */
const sentence = (reason: string): string => (/[.!?]$/.test(reason) ? reason : `${reason}.`)

/** The callers' fields for tools: the list, and those that make a provider run some without it. */
const toolFields = /^(tools|mcp_servers|web_search_options)(?![a-z_])/

function refusal(note: Note): Fault {
  const code = toolFields.test(note.path) ? 'unsupported_tool' : 'unsupported_parameter'
  return createFault(
    code,
    `${note.path}: ${sentence(note.reason)} Leave it out, choose another model, or set dragoman-policy: drop to go on without it.`,
    { param: note.path, origin: 'gateway' },
  )
}
