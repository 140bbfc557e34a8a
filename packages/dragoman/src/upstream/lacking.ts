import type { DialectId } from '../ir/extra.ts'
import { type Feature, levelOf, type Rule } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import { dialectLacks } from './adapt/limits.ts'
import { keepsAddresses } from './media/forms.ts'

/** Features of a request, as far as it is asked which of them are in use. */
export interface Using {
  has(feature: Feature): boolean
}

const addresses: readonly Feature[] = ['input.image-url', 'input.media-url']

const nothingElse: Using = { has: () => false }

/** What one model of one provider cannot be asked for on one wire, and why. */
export class Lacking {
  readonly #provider: Provider
  readonly #dialect: DialectId
  readonly #model: string
  readonly #caller: DialectId | undefined

  /** `caller`: whose words the request is in, where that matters. */
  constructor(provider: Provider, dialect: DialectId, model: string, caller?: DialectId) {
    this.#provider = provider
    this.#dialect = dialect
    this.#model = model
    this.#caller = caller
  }

  /** Whether the target lacks a feature, in a request that also uses these. */
  lacks(feature: Feature, used: Using = nothingElse): boolean {
    return this.#reason(feature, used) !== undefined
  }

  /** A sentence: who does not take it, and how we know. */
  why(feature: Feature, used: Using = nothingElse): string {
    const reason = this.#reason(feature, used)
    if (reason === 'dialect') return `The ${this.#dialect} wire has no ${feature}.`
    const { title } = this.#provider.kind
    const whose = reason?.model === undefined ? title : `${title} model ${this.#model}`
    const beside = reason?.with === undefined ? '' : ` beside ${reason.with.join(' and ')}`
    return `${whose} does not take ${feature}${beside} (${reason?.evidence.rank}: ${reason?.evidence.source}).`
  }

  /** The profile's word, or that the wire has none: what a model has natively is out of reach on such a wire. */
  #reason(feature: Feature, used: Using): Rule | 'dialect' | undefined {
    if (addresses.includes(feature) && keepsAddresses(this.#caller, this.#dialect)) return undefined
    const rule = levelOf(this.#provider.kind.profile, this.#model, feature, used)
    if (rule?.level === 'absent') return rule
    return dialectLacks[this.#dialect]?.includes(feature) ? 'dialect' : undefined
  }
}
