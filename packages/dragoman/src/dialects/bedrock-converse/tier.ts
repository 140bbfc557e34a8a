import type { Notes } from '../../core/codec/notes.ts'
import type { JsonValue } from '../../ir/json.ts'

/** Tiers that this wire and the model call the same (SDK 3.1164 `ServiceTierType`); `reserved` is this wire's alone. */
const shared: readonly JsonValue[] = ['default', 'flex', 'priority']

/** The model's word, which is OpenAI's. */
export function tierOf(type: JsonValue | undefined): string | undefined {
  return typeof type === 'string' && shared.includes(type) ? type : undefined
}

/** This wire's word; `auto` is said by saying nothing. */
export function tierWord(
  tier: string | undefined,
  notes: Notes,
  path = 'hints.serviceTier',
): string | undefined {
  if (tier === undefined || tier === 'auto' || shared.includes(tier))
    return tier === 'auto' ? undefined : tier
  notes.add('dropped', path, `there is no tier ${tier} here`)
  return undefined
}
