import type { Aimed, Operations } from '../core/call.ts'
import { knownAs } from '../core/call.ts'
import type { Payload } from '../core/payload.ts'
import type { Fault } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'
import type { Opaque } from '../ir/opaque.ts'
import type { Part } from '../ir/part.ts'
import type { GenerateRequest } from '../ir/request.ts'
import { factsOf } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import { inCallersWords } from './plan.ts'
import { policiesFor, settleNotes } from './unsupported.ts'

/** How upstreams refuse state that they cannot read: made under another account, by another deployment, or damaged. */
const refusals: readonly ({ readonly code: string } | { readonly message: RegExp })[] = [
  { code: 'invalid_encrypted_content' }, // Responses
  { message: /invalid [`'"]?signature[`'"]? in [`'"]?(redacted_)?thinking/i }, // Messages
  { message: /invalid [`'"]?data[`'"]? in [`'"]?redacted_thinking/i },
  { message: /(corrupted|invalid) thought signature|thought signature is not valid/i }, // generateContent
]

function refusesState({ upstream, message }: Fault): boolean {
  const said = `${message} ${JSON.stringify(upstream?.body ?? '')}`
  return refusals.some(refusal =>
    'code' in refusal ? upstream?.code === refusal.code : refusal.message.test(said),
  )
}

/** A thought is nothing without its state; calls and texts stay, a call with what stands for a missing signature. */
function bare(part: Part, placeholder: Opaque | undefined): Part | undefined {
  if (part.opaque === undefined) return part
  if (part.kind === 'thinking') return undefined
  const { opaque: _, ...rest } = part
  const state = part.kind === 'tool-call' && placeholder !== undefined ? { opaque: placeholder } : {}
  return { ...rest, ...state } as Part // the same part without its state
}

function strip(request: GenerateRequest, placeholder: Opaque | undefined) {
  let at: number | undefined
  const turns = request.turns.map((turn, index) => {
    if (turn.parts.every(part => part.opaque === undefined)) return turn
    at ??= index
    return { ...turn, parts: turn.parts.flatMap(part => bare(part, placeholder) ?? []) }
  })
  return at === undefined ? undefined : { at, value: { ...request, turns } }
}

/**
 * The same call without its history's opaque state, where the upstream just refused that state and nothing else is
 * wrong: a route of several deployments sends a conversation to one that cannot read what another one wrote. Undefined
 * where there is no state, or the caller wants nothing left out.
 */
export function withoutRefusedState(call: Aimed, provider: Provider, fault: Fault): Aimed | undefined {
  if (call.operation !== 'generate' || fault.status !== 400 || !refusesState(fault)) return undefined
  const body = call.body as Payload<Operations['generate']['request']> // the operation is generate
  const decoded = body.value()
  const facts = factsOf(provider.kind.profile, knownAs(call.target))
  const stripped = decoded.ok ? strip(decoded.value, facts.callPlaceholder) : undefined
  if (stripped === undefined) return undefined
  const note: Note = {
    kind: 'dropped',
    path: `turns[${stripped.at}]`,
    reason: 'The provider could not read the opaque state of this history and was asked again without it.',
  }
  const settled = settleNotes(inCallersWords(call, [note]), policiesFor(call.route.policies, call.headers))
  if (!settled.ok) return undefined
  for (const told of settled.notes) call.journal.note(told)
  return { ...call, body: body.withValue(stripped.value), needs: { ...call.needs, edit: true } }
}
