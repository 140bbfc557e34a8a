import type { Target } from '../core/call.ts'
import type { DialectId } from '../ir/extra.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Binding } from '../providers/binding.ts'
import { type Evidence, type Feature, levelOf } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import { type Cell, features, type TranslatedFeature } from './feature.ts'
import { lacking } from './lacking.ts'
import { findCell } from './table.ts'

const nothingElse = { has: () => false }

/** Of a wire that claims a word for something, and a model nobody asked. */
const unasked = (dialect: DialectId, date: string): Evidence => ({
  rank: 'assumed',
  source: `the ${dialect} wire has a word for it; nobody asked this model`,
  date,
})

const tested = (date: string): Evidence => ({
  rank: 'measured',
  source: 'the table of translations, each cell of which is a test',
  date,
})

/** When the table was last made. */
const tableDate = '2026-11-23'

/**
 * What a target can do for callers of a dialect: every feature that they have a word for, with what becomes of it
 * (`native`, `emulated`, `approximated`, `dropped`, `refused`), the field that the note or the 400 names where it is
 * not native, and why we believe it. Undefined where the target generates nothing.
 */
function describeTarget(
  target: Target,
  provider: Provider,
  caller: DialectId,
  fetches: boolean,
): JsonObject | undefined {
  const binding = bindingFor(provider, caller)
  if (binding === undefined) return undefined
  const described = features.flatMap((feature: TranslatedFeature): [string, JsonObject][] => {
    const found = describeFeature(feature, provider, target.model, binding, caller, fetches)
    return found === undefined ? [] : [[feature.id, found]]
  })
  return {
    target: `${target.provider}/${target.model}`,
    dialect: binding.dialect,
    features: Object.fromEntries(described),
  }
}

/** A model with its targets in the order in which they are tried: `{id, object, caller, targets: [{target, dialect, features}]}`. */
export function describeCapabilities(
  id: string,
  targets: readonly Target[],
  providerOf: (name: string) => Provider | undefined,
  caller: DialectId,
  /** Whether the gateway fetches what callers give by its address. */
  fetches: boolean,
): JsonObject {
  const described = targets.flatMap(target => {
    const provider = providerOf(target.provider)
    return (provider && describeTarget(target, provider, caller, fetches)) ?? []
  })
  return { id, object: 'dragoman.capabilities', caller, targets: described }
}

/** The wire that a call of this dialect goes out on: as `upstream/plan.ts` chooses. */
function bindingFor({ bindings }: Provider, caller: DialectId): Binding | undefined {
  const able = bindings.filter(binding => binding.paths.generate !== undefined)
  return able.find(binding => binding.dialect === caller) ?? able[0]
}

function describeFeature(
  feature: TranslatedFeature,
  provider: Provider,
  model: string,
  binding: Binding,
  caller: DialectId,
  fetches: boolean,
): JsonObject | undefined {
  const cell = findCell(feature.id as Parameters<typeof findCell>[0], caller, binding.dialect) // a row of the table
  if (cell === undefined) return undefined
  const isRelayed = binding.dialect === caller && binding.relay !== undefined
  const ruleOf = (profiled: Feature | undefined) =>
    profiled && levelOf(provider.kind.profile, model, profiled, nothingElse)
  const rule = ruleOf(feature.profile)
  const bare = ruleOf(feature.fetchedAs)
  const cannotFetch = feature.fetchedAs !== undefined && (!fetches || bare?.level === 'absent')
  if (cannotFetch && !isRelayed && (rule?.level === 'absent' || cell.level === 'emulated'))
    return shown({ ...cell, level: 'refused' }, rule?.evidence ?? bare?.evidence ?? tested(tableDate))
  // What is relayed is the provider's to take or to refuse, whatever we know of its models.
  if (rule?.level === 'absent' && !isRelayed) return shown(lackingCell(cell, feature.profile), rule.evidence)
  if (rule?.level === 'native' && cell.level === 'native') return shown(cell, rule.evidence)
  if (rule?.level === 'absent') return { ...shown(cell, rule.evidence), absent: true }
  if (cell.level !== 'native') return shown(cell, tested(tableDate))
  return shown(cell, binding.relay ?? unasked(binding.dialect, tableDate))
}

/** What becomes of a feature that the model lacks: the heavier of that and of what the wire does to it. */
function lackingCell(cell: Cell, feature: Feature | undefined): Cell {
  const level = feature === undefined ? undefined : lacking[feature]
  return level === undefined || cell.level === 'refused' || cell.level === 'dropped'
    ? cell
    : { ...cell, level }
}

const shown = ({ level, path }: Cell, evidence: Evidence): JsonObject => ({
  level,
  ...(path === undefined ? {} : { path }),
  evidence: { ...evidence },
})
