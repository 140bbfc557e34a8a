import type { Quirk } from '../../../core/quirk.ts'
import type { JsonValue } from '../../../ir/json.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

/** Quirk, the field, its path in the model, and who refuses it or does not read it. */
const rows: readonly (readonly [id: string, field: string, path: string, evidence: string])[] = [
  ['no-user', 'user', 'hints.user', 'closed request schemas: 422 extra_forbidden (its OpenAPI)'],
  [
    'no-store',
    'store',
    'hints.store',
    'closed request schemas: 422, or 400 "Extra inputs are not permitted"',
  ],
  ['no-metadata', 'metadata', 'hints.metadata', 'typed as "not currently supported" (its SDK 1.6.0)'],
  [
    'no-prompt-cache-key',
    'prompt_cache_key',
    'hints.promptCacheKey',
    'caching is automatic, the field answers 400 (sipeed/picoclaw#1196)',
  ],
  ['no-service-tier', 'service_tier', 'hints.serviceTier', 'no tier of the wire is one of the host’s'],
  ['no-prediction', 'prediction', 'hints.prediction', 'absent from the SDKs of hosts with closed schemas'],
  ['no-verbosity', 'verbosity', 'hints.verbosity', 'outside the published field lists: refused as unknown'],
  [
    'no-safety-identifier',
    'safety_identifier',
    'hints.safetyIdentifier',
    'outside the published field lists: refused as unknown',
  ],
  ['no-n', 'n', 'candidates', 'not in the published schemas of hosts that give one answer'],
  [
    'no-frequency-penalty',
    'frequency_penalty',
    'sampling.frequencyPenalty',
    'unsupported while presence_penalty is (its adapter in vercel/ai)',
  ],
]

/** Values that ask for what happens anyway where the field is not there: leaving them out loses nothing. */
const neutral: { readonly [field: string]: JsonValue } = { store: false, n: 1 }

/** Leaves out one field. */
export const refusedFields: readonly Quirk[] = rows.map(([id, field, path, evidence]) => {
  const names = new Set([field])
  return {
    id,
    reason: `Refuses ${field}, or ignores it: ${evidence}.`,
    request(wire) {
      if (wire[field] === undefined) return unchanged(wire)
      const value = without(wire, names)
      if (wire[field] === neutral[field]) return changed(value)
      return changed(value, { kind: 'dropped', path, reason: `This upstream does not take ${field}.` })
    },
  }
})
