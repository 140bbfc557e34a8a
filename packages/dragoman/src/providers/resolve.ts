import type { Route, Target, Timeouts, UnsupportedPolicies } from '../core/call.ts'
import { createFault, type Parsed } from '../ir/fault.ts'
import { matchesModel } from './profile.ts'

/** A configured name with its targets; a target without a model takes the name the caller wrote. */
export interface RouteEntry {
  readonly targets: readonly {
    readonly provider: string
    readonly model?: string
    readonly tokenizer?: string
    readonly like?: string
    readonly state?: 'upstream'
  }[]
  readonly timeouts: Timeouts
  readonly unsupported: UnsupportedPolicies
}

export interface ResolverOptions {
  readonly routes: { readonly [name: string]: RouteEntry }
  /** Names of the configured providers. */
  readonly providers: readonly string[]
  readonly timeouts: Timeouts
  readonly unsupported: UnsupportedPolicies
  /** Which providers list a model of this bare name; may ask them. */
  listedBy(model: string): readonly string[] | Promise<readonly string[]>
  /** The known name nearest to a mistyped one. */
  suggest(name: string): string | undefined
}

/**
 * Finds the targets of a caller's model name, first match: exact alias; wildcard alias; `provider/rest` where the
 * provider is configured; a bare name that exactly one provider lists.
 */
export function createResolver(options: ResolverOptions) {
  const exact = new Map(Object.entries(options.routes).filter(([name]) => !name.includes('*')))
  const wildcards = Object.entries(options.routes).filter(([name]) => name.includes('*'))
  const providers = new Set(options.providers)

  const fromEntry = (name: string, model: string, entry: RouteEntry): Route => ({
    name,
    policies: entry.unsupported,
    targets: entry.targets.map(target => ({ model, ...target, timeouts: entry.timeouts })),
  })

  const direct = (provider: string, model: string): Route => ({
    name: `${provider}/${model}`,
    policies: options.unsupported,
    targets: [{ provider, model, timeouts: options.timeouts } satisfies Target],
  })

  const listed = (model: string, owners: readonly string[]): Parsed<Route> => {
    const [only] = owners
    if (only === undefined) return { ok: false, fault: unknownModel(model, options.suggest(model)) }
    return owners.length === 1
      ? { ok: true, value: direct(only, model) }
      : { ok: false, fault: ambiguousModel(model, owners) }
  }

  return {
    resolve(model: string): Parsed<Route> | Promise<Parsed<Route>> {
      const alias = exact.get(model)
      if (alias !== undefined) return { ok: true, value: fromEntry(model, model, alias) }
      const pattern = wildcards.find(([name]) => matchesModel(name, model))
      if (pattern !== undefined) return { ok: true, value: fromEntry(pattern[0], model, pattern[1]) }
      const slash = model.indexOf('/')
      if (slash > 0 && providers.has(model.slice(0, slash))) {
        return { ok: true, value: direct(model.slice(0, slash), model.slice(slash + 1)) }
      }
      const owners = options.listedBy(model)
      return owners instanceof Promise ? owners.then(names => listed(model, names)) : listed(model, owners)
    },
  }
}

const shown = (model: string) => model.slice(0, 200)

const unknownModel = (model: string, meant: string | undefined) =>
  createFault(
    'model_not_found',
    `The model "${shown(model)}" does not exist here.${meant === undefined ? '' : ` Did you mean "${meant}"?`} GET /v1/models lists what there is; "provider/model" names one directly.`,
    { param: 'model' },
  )

const ambiguousModel = (model: string, owners: readonly string[]) =>
  createFault(
    'ambiguous_model',
    `Several providers have a model "${shown(model)}". Say which: ${owners.map(owner => `"${owner}/${shown(model)}"`).join(' or ')}.`,
    { param: 'model' },
  )
