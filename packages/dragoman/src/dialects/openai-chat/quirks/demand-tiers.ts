import type { Quirk } from '../../../core/quirk.ts'
import { own } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

/** OpenAI's word and the host's. */
const tiers: { readonly [tier: string]: string } = { default: 'on_demand', priority: 'performance' }
const words = new Set(['auto', 'on_demand', 'flex', 'performance'])

export const demandTiers: Quirk = {
  id: 'demand-tiers',
  reason:
    'Calls the tiers default and priority on_demand and performance, and says on_demand in answers, which is no word of this wire (its SDK 1.6.0; recorded answers).',
  request(wire) {
    const { service_tier: tier } = wire
    if (typeof tier !== 'string' || words.has(tier)) return unchanged(wire)
    const said = own(tiers, tier)
    return changed(
      { ...wire, service_tier: said ?? 'auto' },
      {
        kind: said === undefined ? 'approximated' : 'renamed',
        path: 'hints.serviceTier',
        reason: `This upstream calls the tier ${tier} ${said ?? 'nothing; it chooses by itself'}.`,
      },
    )
  },
  reply(wire) {
    const found = Object.entries(tiers).find(([, said]) => said === wire.service_tier)
    return found === undefined ? wire : { ...wire, service_tier: found[0] }
  },
}
