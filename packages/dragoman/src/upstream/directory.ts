import type { Ambient, Dial, Transport } from '../core/ports.ts'
import { AttemptSignal } from '../core/signals.ts'
import { createFault } from '../ir/fault.ts'
import type { ModelListing, Provider } from '../providers/provider.ts'
import { authorise } from './headers.ts'

export interface DirectoryPorts {
  readonly ambient: Ambient
  /** This gateway's id: a listing that comes back to it is refused like any other loop. */
  readonly instance: string
  transport(provider: Provider): Transport
  dial(provider: Provider): Dial | undefined
}

/** Milliseconds a list is good for, a failure is remembered, and an answer is waited for. */
const freshFor = 60_000
const failureFor = 10_000
const patience = 3000
const limit = 8 * 1024 * 1024

interface Listing {
  readonly models: readonly string[]
  readonly until: number
}

/** The models that providers list, asked for when somebody needs them and kept for a minute. */
export class Directory {
  readonly #providers: readonly Provider[]
  readonly #ports: DirectoryPorts
  readonly #known = new Map<string, Listing>()
  readonly #asking = new Map<string, Promise<Listing>>()

  constructor(providers: readonly Provider[], ports: DirectoryPorts) {
    this.#providers = providers.filter(provider => provider.kind.models !== undefined)
    this.#ports = ports
  }

  /** Every provider with its models; a provider that does not answer has what it listed last. */
  async all(): Promise<readonly { readonly provider: Provider; readonly models: readonly string[] }[]> {
    return Promise.all(
      this.#providers.map(async provider => ({ provider, models: (await this.#list(provider)).models })),
    )
  }

  /** Names of the providers that list this model; a promise only where somebody has to be asked. */
  listedBy(model: string): readonly string[] | Promise<readonly string[]> {
    const owners: string[] = []
    for (const provider of this.#providers) {
      const listing = this.#fresh(provider)
      if (listing === undefined) return this.#askForOwners(model)
      if (listing.models.includes(model)) owners.push(provider.name)
    }
    return owners
  }

  /** Names that were listed so far, bare and with their provider; nobody is asked. */
  known(): readonly string[] {
    return [...this.#known].flatMap(([name, { models }]) =>
      models.flatMap(model => [model, `${name}/${model}`]),
    )
  }

  async #askForOwners(model: string): Promise<readonly string[]> {
    const listings = await this.all()
    return listings.flatMap(({ provider, models }) => (models.includes(model) ? [provider.name] : []))
  }

  #fresh(provider: Provider): Listing | undefined {
    const listing = this.#known.get(provider.name)
    return listing !== undefined && listing.until > this.#ports.ambient.now() ? listing : undefined
  }

  async #list(provider: Provider): Promise<Listing> {
    const fresh = this.#fresh(provider)
    if (fresh !== undefined) return fresh
    const asking = this.#asking.get(provider.name) ?? this.#ask(provider)
    this.#asking.set(provider.name, asking)
    const listing = await asking
    this.#asking.delete(provider.name)
    this.#known.set(provider.name, listing)
    return listing
  }

  async #ask(provider: Provider): Promise<Listing> {
    const { ambient } = this.#ports
    const signal = new AttemptSignal(new AbortController().signal, ambient)
    const late = createFault(
      'upstream_timeout',
      `The provider "${provider.name}" did not list its models in time.`,
    )
    const cancel = signal.deadline(patience, () => late)
    try {
      const url = provider.baseUrl + (provider.kind.models?.path ?? '')
      await this.#ports.dial(provider)?.(new URL(url), patience, signal.signal)
      const headers = authorise(
        {
          accept: 'application/json',
          'dragoman-hops': this.#ports.instance,
          ...provider.bindings[0]?.headers,
          ...provider.headers,
        },
        provider,
      )
      const response = await this.#ports
        .transport(provider)
        .send({ url, method: 'GET', headers }, signal.signal)
      const bytes = await response.bytes(limit)
      if (response.status === 200)
        return { models: readIds(bytes, provider.kind.models), until: ambient.now() + freshFor }
    } catch {
      // Not reachable now: what it listed last is the best there is.
    } finally {
      cancel()
      signal[Symbol.dispose]()
    }
    return { models: this.#known.get(provider.name)?.models ?? [], until: ambient.now() + failureFor }
  }
}

/** The names in a list of models. */
function readIds(bytes: Uint8Array, listing: ModelListing | undefined): readonly string[] {
  const { list = 'data', id = 'id', prefix = '' } = listing ?? {}
  const answer: unknown = JSON.parse(new TextDecoder().decode(bytes))
  const entries = list === '' ? answer : field(answer, list)
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown) => {
    const name = field(entry, id)
    return typeof name === 'string' ? [name.startsWith(prefix) ? name.slice(prefix.length) : name] : []
  })
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
