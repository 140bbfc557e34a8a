import { faultAnswer } from '../core/answer.ts'
import type { Call, Principal, Received } from '../core/call.ts'
import type { Layer } from '../core/handler.ts'
import type { KeyVerdict, KeyVerifier } from '../core/ports.ts'
import type { Records } from '../core/records.ts'
import { createFault, type Parsed } from '../ir/fault.ts'

/** In process there is nobody to tell apart: whoever can call the library is its owner. */
const owner: Principal = { id: 'local', name: 'in process', tenant: 'local' }

/** Who presents this credential. Also used by the routes that are no calls. */
export function identify(
  credential: string | undefined,
  keys: KeyVerifier | undefined,
): Parsed<Principal> | Promise<Parsed<Principal>> {
  if (keys === undefined) return { ok: true, value: owner }
  if (credential === undefined || credential === '') {
    const message =
      'No API key was sent. Send it as "Authorization: Bearer <key>" (or x-api-key); "dragoman key" prints the local one.'
    return { ok: false, fault: createFault('missing_credentials', message) }
  }
  const verdict = keys.verify(credential)
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}

function judge(verdict: KeyVerdict): Parsed<Principal> {
  switch (verdict.kind) {
    case 'known':
      return { ok: true, value: verdict.principal }
    case 'unknown': {
      const message = 'The API key is not known here or was revoked. "dragoman key" prints the local key.'
      return { ok: false, fault: createFault('invalid_credentials', message) }
    }
    case 'unavailable':
      return {
        ok: false,
        fault: createFault('unavailable', 'The key store cannot be read at the moment; try again shortly.'),
      }
  }
}

/** Only known callers go on. Without a verifier (library use) everybody is the owner of the process. */
export function authenticate(keys: KeyVerifier | undefined, records: Records): Layer<Received, Call> {
  return next => {
    const go = (call: Received, identified: Parsed<Principal>) => {
      if (!identified.ok) return Promise.resolve(faultAnswer(identified.fault))
      records.claim(call.id, identified.value.tenant)
      return next({ ...call, principal: identified.value })
    }
    return call => {
      const identified = identify(call.credential, keys)
      // A key that is remembered costs no turn of the event loop.
      return identified instanceof Promise ? identified.then(known => go(call, known)) : go(call, identified)
    }
  }
}
