import type { Quirk } from '../../../core/quirk.ts'
import type { JsonObject } from '../../../ir/json.ts'
import type { Encoded, Note } from '../../../ir/note.ts'
import { unchanged } from './edit.ts'

type Range = readonly [field: string, path: string, least: number, most: number]

/** Brings numbers into the ranges that a host takes. */
function clamp(wire: JsonObject, ranges: readonly Range[]): Encoded<JsonObject> {
  const within: { [field: string]: number } = {}
  const notes: Note[] = []
  for (const [field, path, least, most] of ranges) {
    const value = wire[field]
    if (typeof value !== 'number' || (value >= least && value <= most)) continue
    within[field] = Math.min(most, Math.max(least, value))
    notes.push({
      kind: 'clamped',
      path,
      reason: `This upstream takes ${field} from ${least} to ${most}: ${value} became ${within[field]}.`,
    })
  }
  return notes.length === 0 ? unchanged(wire) : { value: { ...wire, ...within }, notes }
}

const temperature = (most: number): Range => ['temperature', 'sampling.temperature', 0, most]

const rows: readonly (readonly [id: string, reason: string, ranges: readonly Range[]])[] = [
  ['temperature-to-1', 'Takes temperatures from 0 to 1 (its OpenAPI, 2026-08).', [temperature(1)]],
  ['temperature-to-1.5', 'Takes temperatures from 0 to 1.5 (its OpenAPI, 2026-08-21).', [temperature(1.5)]],
  [
    'open-sampling',
    'Takes temperature and top_p between 0 and 1, neither included; its SDK makes them 0.01 and 0.99 (zai-org/z-ai-sdk-python).',
    [
      ['temperature', 'sampling.temperature', 0.01, 0.99],
      ['top_p', 'sampling.topP', 0.01, 0.99],
    ],
  ],
  [
    'five-top-logprobs',
    'Tells at most 5 alternatives a token (fw-ai-external/python-sdk; hub-docs of a router, 2026-08-22).',
    [['top_logprobs', 'logprobs.top', 0, 5]],
  ],
]

export const narrowRanges: readonly Quirk[] = rows.map(([id, reason, ranges]) => ({
  id,
  reason,
  request: wire => clamp(wire, ranges),
}))
