import { type Aimed, knownAs, type Operations } from '../core/call.ts'
import type { Payload } from '../core/payload.ts'
import { findClaims } from '../custody/claims.ts'
import type { Custody } from '../custody/custody.ts'
import type { Keeper } from '../custody/keep.ts'
import { holdsMark } from '../custody/keyring.ts'
import type { Parsed } from '../ir/fault.ts'
import type { Origin } from '../ir/opaque.ts'
import { factsOf, levelOf } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import { inCallersWords, type Plan, willRelay } from './plan.ts'
import { policiesFor, settleNotes } from './unsupported.ts'

const accounts = new WeakMap<Provider, Promise<string>>()

/** A fingerprint of a credential: tells accounts apart and gives nothing of the secret away. */
async function fingerprint(secret: string): Promise<string> {
  const bytes = new TextEncoder().encode(`dragoman account ${secret}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest.subarray(0, 8), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Of the credential that a provider is asked with. */
export function accountOf(provider: Provider): Promise<string> {
  let account = accounts.get(provider)
  if (account === undefined) {
    account = fingerprint(provider.credential?.reveal() ?? provider.signing?.accessKeyId ?? '')
    accounts.set(provider, account)
  }
  return account
}

/** Whose opaque state a target reads and writes (law 5). Models without a declared family read only their own. */
async function originOf(call: Aimed, provider: Provider): Promise<Origin> {
  return {
    provider: provider.kind.kind,
    endpoint: provider.baseUrl,
    account: await accountOf(provider),
    family: factsOf(provider.kind.profile, knownAs(call.target)).family ?? call.target.model,
  }
}

const nothingElse = { has: () => false }

/**
 * The call with the state that its history has in custody, as far as this target may have it. Undefined where there is
 * none, which costs a look at the parts, or at the bytes of a call that is relayed: with an envelope in them it is not.
 */
export function restoreState(
  call: Aimed,
  provider: Provider,
  custody: Custody,
): Promise<Parsed<Aimed>> | undefined {
  if (call.operation === 'embed') return undefined
  // An envelope is for this gateway to read and for nobody else.
  if (willRelay(call, provider) && !holdsMark(call.body.bytes().value)) return undefined
  const body = call.body as Payload<Operations['generate']['request']> // both operations ask with the same model
  const decoded = body.value()
  const claims = decoded.ok ? findClaims(decoded.value) : undefined
  if (!decoded.ok || claims === undefined) return undefined
  return originOf(call, provider)
    .then(origin => custody.restore(decoded.value, claims, origin, call.principal.tenant))
    .then(({ value, notes }) => {
      const told = inCallersWords(call, notes)
      const settled = settleNotes(told, policiesFor(call.route.policies, call.headers))
      if (!settled.ok) return settled
      for (const note of settled.notes) call.journal.note(note)
      const needs = { ...call.needs, edit: true }
      return { ok: true, value: { ...call, body: body.withValue(value), needs } }
    })
}

/**
 * Who keeps the state of this attempt's answer; undefined where its caller gets it as it came: bytes that are relayed,
 * and a wire of the same dialect, whose own fields carry it.
 */
export function createKeeper(
  call: Aimed,
  provider: Provider,
  plan: Plan,
  custody: Custody,
): Keeper | undefined {
  if (plan.mode !== 'translate' || call.operation !== 'generate') return undefined
  const replay = levelOf(provider.kind.profile, knownAs(call.target), 'reasoning.replay', nothingElse)
  const replays = replay?.level === 'native'
  const from = plan.dialect.id
  if (from === call.dialect && !replays) return undefined
  return custody.keeper(
    { from, to: call.dialect, replays, callId: call.id, leg: call.leg },
    () => originOf(call, provider),
    call.principal.tenant,
  )
}
