import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

/** Quirk, OpenAI's name, the host's, the path in the model, and where it is known from. */
const rows: readonly (readonly [id: string, from: string, to: string, path: string, evidence: string])[] = [
  [
    'seed-as-random-seed',
    'seed',
    'random_seed',
    'sampling.seed',
    'seed answers 422 extra_forbidden (its OpenAPI, 2026-08-21)',
  ],
  [
    'dimensions-as-output-dimension',
    'dimensions',
    'output_dimension',
    'dimensions',
    'the embeddings of its OpenAPI, 2026-08-21',
  ],
  [
    'user-as-user-id',
    'user',
    'user_id',
    'hints.user',
    'api documents of a host; zai-org/z-ai-sdk-python, 2026-04-08',
  ],
  [
    'user-as-safety-identifier',
    'user',
    'safety_identifier',
    'hints.user',
    'the schema has safety_identifier and no user (its OpenAPI, 2026-08)',
  ],
]

/** Sends a field under the host's own name, which wins where the caller wrote both. */
export const renamedFields: readonly Quirk[] = rows.map(([id, from, to, path, evidence]) => {
  const names = new Set([from])
  return {
    id,
    reason: `Calls ${from} ${to}: ${evidence}.`,
    request(wire) {
      const { [from]: value } = wire
      if (value === undefined) return unchanged(wire)
      return changed(
        { [to]: value, ...without(wire, names) },
        { kind: 'renamed', path, reason: `This upstream calls ${from} ${to}.` },
      )
    },
  }
})
